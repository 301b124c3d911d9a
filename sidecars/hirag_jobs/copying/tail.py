"""The moving end of a copy of one part: what changes on the source is carried, and what is deleted there is removed.

A frozen source takes no writes, so a pass over changes that begins afterwards misses none, but for what is dated long
before it was stored (`carried.py`); that is looked for now and then, and once more behind the seal. What was deleted
meanwhile shows in the counts: once all that changed was carried, the target holds all that the source does, and what it
holds more was deleted. Which objects those are takes a walk over all ids. Where that would take longer than the freeze
may, they are removed behind the seal: of what nobody has written since.
"""

import math
import time
from dataclasses import dataclass, field
from typing import Final

from hirag_jobs.copying.carried import LANDING_MS
from hirag_jobs.copying.notes import Known, as_hex, from_hex
from hirag_jobs.copying.passes import Caught, Way, carry_late, catch_up, changed_since, look_back, sweep
from hirag_jobs.copying.report import PartReport
from hirag_jobs.copying.retrospect import Retrospect
from hirag_jobs.copying.wholeness import make_whole, remove_last, tell_in_part
from hirag_jobs.objects.pages import WHOLE, newest
from hirag_jobs.rest import Rest

MARGIN_MS: Final = 5_000
"""How far the clocks of Weaviate's nodes may be apart."""
_SECONDS_PER_ID = 20e-6  # of a walk over both sides, ids by ten thousand, on two slow cores that do little else
_BACK_SECONDS = 0.2  # of looking back between two sweeps
_BACK_IN_FREEZE_SECONDS = 0.05
_SOON_SECONDS: Final = 3.0  # that a sweep may take for which a freeze is put off
_SWEPT_SECONDS, _SWEEP_SHARE = 2.0, 10  # between two sweeps: so many seconds, or times as long as the last one took


@dataclass(frozen=True)
class Seal:
    """What making both sides agree came to.

    Args:
        missed: deletions that were found only now.
        left: of those, how many have to wait.
        behind: whether both sides are to be swept once more behind the seal.
    """

    missed: int
    left: int
    behind: bool


@dataclass
class Tail:
    """Follows one part.

    Args:
        way: from where to where.
        rest: to the Weaviate of both, for its clock.
        report: what is carried and removed is added to it.
        since: all that the source was told before is on the target; milliseconds since 1970, server's clock.
        filtered: whether the source indexes its timestamps.
        before: the last pass over what changed.
    """

    way: Way
    rest: Rest
    report: PartReport
    since: int
    filtered: bool
    before: Caught | None = None
    retrospect: Retrospect = field(init=False)
    _sweep_at: float = 0.0
    _seconds_per_id: float = _SECONDS_PER_ID

    def __post_init__(self) -> None:
        self.retrospect = Retrospect(self.way, self.rest, self.filtered)

    def carry(self, now: int | None = None) -> int:
        """Carries what changed since the last time; returns up to when, which is `now` where that is said."""
        began = self.rest.now() if now is None else now
        last = catch_up(self.way, self.since - MARGIN_MS, began, self.before, filtered=self.filtered)
        self.report.caught_up += last.carried
        self.go_on_from(last)
        return began

    def go_on_from(self, last: Caught) -> None:
        """Goes on where the last pass over changes began, which knows what it carried."""
        self.before, self.since = last, last.now

    def keep_up(self) -> None:
        """Looks back, and removes what was deleted meanwhile, so that little is left for the freeze; now and then."""
        began = time.monotonic()
        if began < self._sweep_at:
            return
        self.report.caught_up += self.retrospect.go_on(_BACK_SECONDS)
        here, there = self.counts()
        if there > here:
            self._even_out(here + there)
        now = time.monotonic()
        self._sweep_at = now + max(_SWEPT_SECONDS, (now - began) * _SWEEP_SHARE)

    def sweep_before(self) -> None:
        """Removes what was deleted meanwhile where that is soon done; for the freeze that is to come it is timed anew.

        A look back that never came round is ended too.
        """
        here, there = self.counts()
        if (here + there) * self._seconds_per_id > _SOON_SECONDS:
            return
        if self.retrospect.seconds is None:
            self.look_back()
        self._even_out(here + there)

    def look_back(self) -> None:
        """Carries what landed later than it is dated, as Weaviate's own vectorizer has it."""
        self.report.caught_up += self.retrospect.whole()

    def seal(self, budget_ms: int) -> Seal:
        """Makes both sides agree, as far as there is time for it. The source takes no writes, and all was carried.

        What landed since the last look back is looked for if that is done in a moment, and otherwise behind the swap.
        """
        if self.retrospect.seconds is not None and self.retrospect.seconds <= _BACK_IN_FREEZE_SECONDS:
            self.look_back()
        here, there = self.counts()
        in_time = (here + there) * self._seconds_per_id * 1000 <= budget_ms
        missed, left = max(0, there - here), 0
        # Where there are other shares, what one of them lacks still may hide in the counts what this one has too many.
        unsure = self.way.within != WHOLE
        wanting = there != here or unsure
        if wanting and (in_time or there < here):
            self._even_out(here + there)
        elif wanting:
            left = missed
        return Seal(missed, left, bool(left) or (unsure and not in_time))

    def sweep_behind(self, sealed_at: int) -> int:
        """Removes what the source has no more and nobody has written to the target since the seal; returns how much."""
        removed = sweep(self.way, sealed_at).removed
        self.report.removed += removed
        return removed

    def unchanged(self) -> bool:
        """Whether the source was told nothing since the last pass but what that found."""
        known = {} if self.before is None else self.before.changed
        found = changed_since(self.way, self.since - MARGIN_MS, self.since, filtered=self.filtered)
        return all(known.get(one) == at for one, at in newest(found).items())

    def close(self, sealed_at: int) -> int:
        """Carries what reached the source behind the seal, unless somebody has written it since; returns how much."""
        if self.before is None:
            return 0
        since = self.since - MARGIN_MS
        # Whoever took up the seal of another run carried nothing, and knows that one's last pass alone.
        if math.isfinite(self.way.carried.kept_from):
            since = min(since, int(self.way.carried.kept_from))
        late = carry_late(self.way, since, sealed_at, self.before, filtered=self.filtered)
        self.report.caught_up += late
        return late + self.sweep_behind(sealed_at)

    def finish(self, sealed_at: int) -> int:
        """Does nothing: a part is closed as a whole."""
        del sealed_at
        return 0

    def known(self) -> Known:
        """What the last pass found changed."""
        return Known(changed=as_hex(self.before.changed) if self.before is not None else {})

    def remember(self, known: Known, caught_up_to: int) -> None:
        """Goes on from a seal that was given by a run before this one."""
        self.go_on_from(Caught(0, from_hex(known.changed), caught_up_to))

    def holds_all(self) -> bool:
        """Whether the target holds as many objects as the source, or more."""
        here, there = self.counts()
        return there >= here

    def even_out(self) -> None:
        """Carries what the target lacks, and removes what the source has no more."""
        swept = sweep(self.way)
        self.report.caught_up += swept.carried
        self.report.removed += swept.removed

    def _even_out(self, ids: int) -> None:
        """The same, timed: a server under load is slower than one at rest, and the next freeze has to reckon with it.

        One that is given up for a walk that took too long must not be followed by another of the same kind, for ever.
        """
        began = time.monotonic()
        self.even_out()
        self._seconds_per_id = max(_SECONDS_PER_ID, (time.monotonic() - began) / max(1, ids))

    def mend(self, since: int) -> None:
        """Makes both sides agree where a server went away in the middle of writes, of which filters may not know.

        Args:
            since: all that was stored before is on the target; milliseconds since 1970 by the server's clock.
        """
        remove_last(self.way)
        make_whole(self.rest, self.way)
        after = since - LANDING_MS
        self.report.caught_up += look_back(self.way, after, self.rest.now() + 1_000, filtered=False)
        self.even_out()
        if self.filtered:
            tell_in_part(self.way, after)

    def counts(self) -> tuple[int, int]:
        """The exact numbers of objects of source and target."""
        here, there = (
            self.way.channel.count(part.collection, part.tenant) for part in (self.way.source, self.way.target)
        )
        return here, there
