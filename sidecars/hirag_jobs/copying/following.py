"""Following a source until it is frozen, and sealing the copy then: both sides hold the same.

A frozen source takes no writes, so a pass over changes that begins afterwards misses none. What was deleted meanwhile
shows in the counts: once all that changed was carried, the target holds all that the source does, and what it holds
more was deleted. Which objects those are takes a walk over all ids. Where that would take longer than the freeze may,
the seal is given first, and they are removed behind it: of what nobody has written since.

A write that was under way when the shard was frozen may still arrive behind the seal. When the alias was moved, the
source is looked at once more, and what came late is carried too, unless somebody has written the object since.
"""

import time
from dataclasses import dataclass, field
from typing import Final

from hirag_jobs.copying.notes import Freeze, Notes, Told
from hirag_jobs.copying.passes import Caught, Way, carry_late, catch_up, sweep
from hirag_jobs.copying.report import PartReport
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest

MARGIN_MS: Final = 5_000
"""How far the clocks of Weaviate's nodes may be apart."""
_SECONDS_PER_ID = 20e-6  # of a walk over both sides, ids by ten thousand, on two slow cores
_TOLD_SECONDS = 1.0


@dataclass
class Follower:
    """Follows one part, turn by turn.

    Args:
        way: from where to where.
        rest: to the Weaviate of both, for its clock.
        notes: where freezes are read, and progress is told.
        share: as the notes name it.
        report: what is carried and removed is added to it.
        since: all that the source was told before is on the target; milliseconds since 1970, server's clock.
        filtered: whether the source indexes its timestamps.
    """

    way: Way
    rest: Rest
    notes: Notes
    share: str
    report: PartReport
    since: int
    filtered: bool
    _told: Told = field(default_factory=Told)
    _told_at: float = 0.0
    _before: Caught | None = None
    _sealed_at: int | None = None

    def turn(self) -> bool:
        """Carries what changed since the last turn, and seals where a freeze asks for it; False when it is over."""
        freeze = self.notes.freeze_of(self.way.target)
        if freeze is not None and freeze.over:
            return False
        began = self.rest.now()
        before = catch_up(self.way, self.since - MARGIN_MS, began, self._before, filtered=self.filtered)
        self.report.caught_up += before.carried
        self._before, self.since = before, began
        self._told.caught_up_to, self._told.carried = began, self.report.written
        if freeze is not None and freeze.token != self._told.sealed:
            self._seal(freeze)
        elif time.monotonic() - self._told_at >= _TOLD_SECONDS:
            self._tell()
        return True

    def close(self) -> None:
        """Carries what reached the source behind the seal; nothing where there was none."""
        if self._sealed_at is None or self._before is None:
            return
        since = self.since - MARGIN_MS
        late = carry_late(self.way, since, self._sealed_at, self._before, filtered=self.filtered)
        removed = sweep(self.way, self._sealed_at).removed
        self.report.caught_up += late
        self.report.removed += removed
        self._told.late += late + removed
        self._tell()

    def _seal(self, freeze: Freeze) -> None:
        """Makes both sides agree, as far as the freeze has time for it, and says so."""
        here, there = (self._count(part) for part in (self.way.source, self.way.target))
        in_time = (here + there) * _SECONDS_PER_ID * 1000 <= freeze.budget_ms
        self._told.missed, self._told.left = max(0, there - here), 0
        if there > here and not in_time:
            self._told.left = there - here
        elif there != here:
            swept = sweep(self.way)
            self.report.caught_up += swept.carried
            self.report.removed += swept.removed
        self._told.sealed = freeze.token
        self._tell()
        told = self.notes.told(self.way.target, self.share)
        self._sealed_at = told.at if told is not None else freeze.at
        if self._told.left:
            self.report.removed += sweep(self.way, self._sealed_at).removed

    def _count(self, part: Part) -> int:
        return self.way.channel.count(part.collection, part.tenant)

    def _tell(self) -> None:
        self.notes.tell(self.way.target, self.share, self._told)
        self._told_at = time.monotonic()
