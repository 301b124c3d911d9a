"""The whole course of a migration: each part is carried, caught up with, swept, and compared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from hirag_jobs.copying.comparison import compare
from hirag_jobs.copying.considerate import Consideration
from hirag_jobs.copying.pace import Pace
from hirag_jobs.copying.passes import Caught, Way, backfill, catch_up, fill_gaps, renew, sweep
from hirag_jobs.copying.report import PartReport
from hirag_jobs.copying.tail import MARGIN_MS
from hirag_jobs.copying.wholeness import make_whole, remove_last
from hirag_jobs.objects.pages import count
from hirag_jobs.rest import Rest

_FEW = 100  # changes that a pass may find for the next to be the last
_MOST_PASSES = 20


@dataclass(frozen=True)
class Course:
    """How parts are carried.

    Args:
        rest: to the Weaviate of both sides, for its clock.
        pace: how fast, and what is told of it.
        since: when the target was made, in milliseconds since 1970 by the server's clock; None where nobody says so.
        began: when this run began, by the same clock.
        filtered: whether the source indexes its timestamps, so that what changed can be found.
        verify: whether both sides are compared at the end.
        consideration: of those who search meanwhile.
        resumed: whether what is there already may have been cut off, with its server: nobody saw to the end of it.
    """

    rest: Rest
    pace: Pace
    since: int | None
    began: int
    filtered: bool
    verify: bool
    consideration: Consideration
    resumed: bool = False

    def run(self, way: Way, report: PartReport) -> None:
        """Carries one part, and compares both sides if that is asked for; `report` is as of `carry`."""
        self.carry(way, report)
        if self.verify:
            report.take(compare(way))

    def carry(self, way: Way, report: PartReport, told: Callable[[], object] = lambda: None) -> Caught:
        """Carries one part; returns the last pass over what changed.

        Args:
            way: from where to where.
            report: what is carried when; it is right whenever this ends.
            told: called from page to page.
        """
        there = way.channel.count(way.target.collection, way.target.tenant)
        with self.consideration.of(way.channel, way.source) as writer:
            gently = replace(way, writer=writer, page=self.consideration.page(way.page))
            if self.since is None and there:
                for carried in self.pace.kept(renew(gently)):
                    report.caught_up += carried
                    told()
            for carried in self.pace.kept(self._missing(gently, there)):
                report.carried += carried
                told()
        last = self._catch_up(way, report, told)
        if way.channel.stumbles or (there and self.resumed):
            remove_last(way)
        if there or way.channel.stumbles:
            make_whole(self.rest, way)
        swept = sweep(way)
        report.caught_up += swept.carried
        report.removed += swept.removed
        return last

    @property
    def start(self) -> int:
        """From when on what changed is caught up with."""
        return self.began if self.since is None else self.since

    def _missing(self, way: Way, there: int) -> Iterator[int]:
        """Carries what the target lacks; where it was full once, as on the way back, not all behind the first gap."""
        if self.since is not None and 2 * there > count(way.channel, way.source):
            return fill_gaps(way)
        return backfill(way)

    def _catch_up(self, way: Way, report: PartReport, told: Callable[[], object]) -> Caught:
        """Passes over what changed, each from a little before the last one began, until one finds little."""

        def tell(carried: int) -> None:
            report.caught_up += carried
            told()

        since = self.start
        last = Caught(0, {}, since)
        for _ in range(_MOST_PASSES):
            began = self.rest.now()
            last = catch_up(way, since - MARGIN_MS, began, last, filtered=self.filtered, told=tell)
            if last.carried <= _FEW:
                break
            since = began
        return last
