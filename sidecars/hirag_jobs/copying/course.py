"""The whole course of a migration: each part is carried, caught up with, swept, and compared."""

from collections.abc import Iterator
from dataclasses import dataclass

from hirag_jobs.copying.comparison import compare
from hirag_jobs.copying.following import MARGIN_MS
from hirag_jobs.copying.pace import Pace
from hirag_jobs.copying.passes import Way, backfill, catch_up, renew, sweep
from hirag_jobs.copying.report import PartReport
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
    """

    rest: Rest
    pace: Pace
    since: int | None
    began: int
    filtered: bool
    verify: bool

    def run(self, way: Way, report: PartReport) -> None:
        """Carries one part. What is carried when is told in `report`, which is right whenever this ends."""
        if self.since is None and way.channel.count(way.target.collection, way.target.tenant):
            for carried in self.pace.kept(renew(way)):
                report.caught_up += carried
        for carried in self.pace.kept(backfill(way)):
            report.carried += carried
        for carried in self._caught_up(way):
            report.caught_up += carried
        swept = sweep(way)
        report.caught_up += swept.carried
        report.removed += swept.removed
        if self.verify:
            report.take(compare(way))

    @property
    def start(self) -> int:
        """From when on what changed is caught up with."""
        return self.began if self.since is None else self.since

    def _caught_up(self, way: Way) -> Iterator[int]:
        """Passes over what changed, each from a little before the last one began, until one finds little."""
        since, before = self.start, None
        for _ in range(_MOST_PASSES):
            began = self.rest.now()
            before = catch_up(way, since - MARGIN_MS, began, before, filtered=self.filtered)
            yield before.carried
            if before.carried <= _FEW:
                return
            since = began
