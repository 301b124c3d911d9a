"""Following a source until it is frozen, and sealing the copy then: both sides hold the same.

A frozen source takes no writes, so a pass over changes that begins afterwards misses none. What was deleted meanwhile
shows in the counts: once all that changed was carried, the target holds all that the source does, and what it holds
more was deleted. Which objects those are takes a walk over all ids. Where that would take longer than the freeze may,
the seal is given first, and they are removed behind it: of what nobody has written since.

A write that was under way when the shard was frozen may still arrive behind the seal. When the alias was moved, the
source is looked at once more, and what came late is carried too, unless somebody has written the object since.
"""

import time
from dataclasses import dataclass
from typing import Final

from hirag_jobs.copying.notes import Freeze, Known, Notes
from hirag_jobs.copying.passes import Caught, Way, carry_late, catch_up, sweep
from hirag_jobs.copying.report import PartReport
from hirag_jobs.copying.telling import Telling
from hirag_jobs.objects.pages import WHOLE
from hirag_jobs.rest import Rest

MARGIN_MS: Final = 5_000
"""How far the clocks of Weaviate's nodes may be apart."""
_SECONDS_PER_ID = 20e-6  # of a walk over both sides, ids by ten thousand, on two slow cores
_SWEPT_SECONDS, _SWEEP_SHARE = 2.0, 10  # between two sweeps: so many seconds, or times as long as the last one took


@dataclass
class Follower:
    """Follows one part, turn by turn.

    Args:
        way: from where to where.
        rest: to the Weaviate of both, for its clock.
        telling: what is told of it, and where freezes are read.
        report: what is carried and removed is added to it.
        since: all that the source was told before is on the target; milliseconds since 1970, server's clock.
        filtered: whether the source indexes its timestamps.
    """

    way: Way
    rest: Rest
    telling: Telling
    report: PartReport
    since: int
    filtered: bool
    _sweep_at: float = 0.0
    _before: Caught | None = None
    _sealed_at: int | None = None

    def resumes(self, since: int | None) -> bool:
        """Whether the copy was sealed by a run before this one, and nothing is left but to wait for its end.

        From the seal on others may write to the target, so it must not be swept as if it were the copy's own. The seal
        of an earlier copy into it does not count, from another source or before the moment that this one starts from.
        Where the note names no source it may be of a target of the same name that is gone: that one held all.

        Args:
            since: from when on what changed is asked for, in milliseconds since 1970; None where nobody says so.
        """
        target, share = self.way.target, self.telling.share
        told, freeze = self._notes.told(target, share), self._notes.freeze_of(target)
        if told is None or freeze is None or not freeze.token or told.sealed != freeze.token:
            return False
        earlier = since is not None and told.sealed_at < since
        if earlier or not (self._is_ours(freeze) or (freeze.source == "" and self._holds_all())):
            return False
        told.error = ""
        self.telling.told, self._sealed_at, self.since = told, told.sealed_at, told.caught_up_to
        known = self._notes.known(target, share) or Known()
        self._before = Caught(0, {int(one, 16): at for one, at in known.changed.items()}, told.caught_up_to)
        self.telling.tell()
        return True

    def _holds_all(self) -> bool:
        here, there = self._counts()
        return there >= here

    def begin(self, total: int, there: int) -> None:
        """Forgets a freeze that was noted before this copy began, and tells the beginning, as of `Telling.begin`.

        A swapper that notes the source remembers by its note what is frozen: that, and its own freeze, is left to it.
        """
        freeze = self._notes.freeze_of(self.way.target) or Freeze()
        ours = self._is_ours(freeze)
        if freeze.over or (freeze.token and not ours):
            kept = Freeze(source=freeze.source, since_ms=freeze.since_ms) if ours else Freeze()
            self._notes.freeze(self.way.target, kept)
        self.telling.begin(total, there)

    def go_on_from(self, last: Caught) -> None:
        """Goes on where the last pass over changes began, which knows what it carried."""
        self._before, self.since = last, last.now

    def follow(self) -> None:
        """Carries what changed since the last turn and removes what was deleted, whether or not a freeze is on."""
        self._carry()
        self._keep_up()

    def turn(self) -> bool:
        """Carries what changed since the last turn, and seals where a freeze asks for it; False when it is over.

        Sealed, it does nothing until it is over or the freeze is another: the target may be others' by now.
        """
        freeze = self._notes.freeze_of(self.way.target) or Freeze()
        if freeze.over:
            return False
        if freeze.token and freeze.token == self.telling.told.sealed:
            return True
        last = self._carry()
        if freeze.token and (freeze.source == "" or self._is_ours(freeze)):
            self._seal(freeze, last)
        else:
            self._keep_up()
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
        self.telling.told.late += late + removed
        self.telling.tell()

    def _carry(self) -> Caught:
        began = self.rest.now()
        last = catch_up(self.way, self.since - MARGIN_MS, began, self._before, filtered=self.filtered)
        self.report.caught_up += last.carried
        self._before, self.since = last, began
        self.telling.told.caught_up_to, self.telling.told.carried = began, self.report.written
        return last

    def _keep_up(self) -> None:
        if time.monotonic() >= self._sweep_at:
            self._sweep()
        else:
            self.telling.tell_seldom()

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
        told, target, share = self.telling.told, self.way.target, self.telling.share
        here, there = self._counts()
        in_time = (here + there) * _SECONDS_PER_ID * 1000 <= freeze.budget_ms
        told.missed, told.left = max(0, there - here), 0
        # Where there are other shares, what one of them lacks still may hide in the counts what this one has too many.
        unsure = self.way.within != WHOLE
        wanting = there != here or unsure
        if wanting and (in_time or there < here):
            self._even_out()
        elif wanting:
            told.left = told.missed
        told.sealed, told.sealed_at = freeze.token, 0
        self._notes.know(target, share, Known(changed={f"{one:x}": at for one, at in last.changed.items()}))
        self.telling.tell()
        kept = self._notes.told(target, share)
        self._sealed_at = told.sealed_at = kept.sealed_at if kept is not None else freeze.at
        if told.left or (unsure and not in_time):
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

    def _is_ours(self, freeze: Freeze) -> bool:
        """Whether a freeze is noted to be of the source that is followed here."""
        return freeze.source in {str(self.way.source), self.way.source.collection}

    @property
    def _notes(self) -> Notes:
        return self.telling.notes
