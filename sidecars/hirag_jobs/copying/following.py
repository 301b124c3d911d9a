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

from hirag_jobs.copying.notes import Freeze, Known, Notes, Told
from hirag_jobs.copying.passes import Caught, Way, carry_late, catch_up, sweep
from hirag_jobs.copying.report import PartReport
from hirag_jobs.rest import Rest

MARGIN_MS: Final = 5_000
"""How far the clocks of Weaviate's nodes may be apart."""
_SECONDS_PER_ID = 20e-6  # of a walk over both sides, ids by ten thousand, on two slow cores
_TOLD_SECONDS = 1.0
_SWEPT_SECONDS, _SWEEP_SHARE = 2.0, 10  # between two sweeps: so many seconds, or times as long as the last one took


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
    _sweep_at: float = 0.0
    _before: Caught | None = None
    _sealed_at: int | None = None

    def resumes(self) -> bool:
        """Whether the copy was sealed by a run before this one, and nothing is left but to wait for its end.

        From the seal on others may write to the target, so it must not be swept as if it were the copy's own. What
        notes say of a target of the same name that is gone does not count: that one held what the source does.
        """
        told, freeze = self.notes.told(self.way.target, self.share), self.notes.freeze_of(self.way.target)
        if told is None or freeze is None or not freeze.token or told.sealed != freeze.token:
            return False
        here, there = self._counts()
        if there < here:
            return False
        self._told, self._sealed_at, self.since = told, told.at, told.caught_up_to
        known = self.notes.known(self.way.target, self.share) or Known()
        self._before = Caught(0, {int(one, 16): at for one, at in known.changed.items()}, told.caught_up_to)
        return True

    def begin(self) -> None:
        """Forgets a freeze that was noted before this copy began."""
        self.notes.freeze(self.way.target, Freeze())

    def turn(self) -> bool:
        """Carries what changed since the last turn, and seals where a freeze asks for it; False when it is over.

        Sealed, it does nothing until it is over or the freeze is another: the target may be others' by now.
        """
        freeze = self.notes.freeze_of(self.way.target) or Freeze()
        if freeze.over:
            return False
        if freeze.token and freeze.token == self._told.sealed:
            return True
        began = self.rest.now()
        before = catch_up(self.way, self.since - MARGIN_MS, began, self._before, filtered=self.filtered)
        self.report.caught_up += before.carried
        self._before, self.since = before, began
        self._told.caught_up_to, self._told.carried = began, self.report.written
        if freeze.token:
            self._seal(freeze, before)
        elif time.monotonic() >= self._sweep_at:
            self._sweep()
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

    def _sweep(self) -> None:
        """Remove what was deleted meanwhile, so that little of it is left for the freeze; at a share of the time."""
        began = time.monotonic()
        here, there = self._counts()
        if there > here:
            self._even_out()
        now = time.monotonic()
        self._sweep_at = now + max(_SWEPT_SECONDS, (now - began) * _SWEEP_SHARE)

    def _seal(self, freeze: Freeze, last: Caught) -> None:
        """Makes both sides agree, as far as the freeze has time for it, and says so."""
        here, there = self._counts()
        in_time = (here + there) * _SECONDS_PER_ID * 1000 <= freeze.budget_ms
        self._told.missed, self._told.left = max(0, there - here), 0
        if there > here and not in_time:
            self._told.left = there - here
        elif there != here:
            self._even_out()
        self._told.sealed = freeze.token
        self.notes.know(
            self.way.target, self.share, Known(changed={f"{one:x}": at for one, at in last.changed.items()})
        )
        self._tell()
        told = self.notes.told(self.way.target, self.share)
        self._sealed_at = told.at if told is not None else freeze.at
        if self._told.left:
            self.report.removed += sweep(self.way, self._sealed_at).removed

    def _even_out(self) -> None:
        """Carry what the target lacks, and remove what the source has no more."""
        swept = sweep(self.way)
        self.report.caught_up += swept.carried
        self.report.removed += swept.removed

    def _counts(self) -> tuple[int, int]:
        """The exact numbers of objects of source and target."""
        here, there = (
            self.way.channel.count(part.collection, part.tenant) for part in (self.way.source, self.way.target)
        )
        return here, there

    def _tell(self) -> None:
        self.notes.tell(self.way.target, self.share, self._told)
        self._told_at = time.monotonic()
