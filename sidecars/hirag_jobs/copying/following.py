"""Following a source until it is frozen, and sealing the copy then: both sides hold the same.

A write that was under way when a shard was frozen may still arrive behind the seal. When the alias was moved, the
source is looked at once more, and what came late is carried too, unless somebody has written the object since.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from hirag_jobs.copying.notes import Freeze, Known, Notes
from hirag_jobs.copying.rhythm import Rhythm
from hirag_jobs.copying.tail import Seal
from hirag_jobs.copying.telling import Counted, Telling

_READY_SECONDS: Final = 30.0  # that nothing but passes is done for a freeze that was announced and does not come


class Followed(Protocol):
    """What is followed: one part, or the tenants of a collection; moments in ms since 1970 by the server's clock."""

    def carry(self) -> int:
        """Carries what changed since the last time; returns up to when."""

    def keep_up(self) -> None:
        """Removes what was deleted meanwhile, at a share of the time."""

    def sweep_before(self) -> None:
        """Removes what was deleted meanwhile, and looks for what landed late, where that is soon done."""

    def mend(self, since: int) -> None:
        """Makes both sides agree where a server went away, given up to when all that was stored is on the target."""

    def seal(self, budget_ms: int) -> Seal | None:
        """Makes both sides agree; None where they cannot be now, for something has changed that is to be carried."""

    def sweep_behind(self, sealed_at: int) -> object:
        """Removes what the seal left."""

    def close(self, sealed_at: int) -> int:
        """Carries what reached the source behind the seal; returns how many objects."""

    def finish(self, sealed_at: int) -> int:
        """The same, once, for what is not likely to have changed."""

    def known(self) -> Known:
        """What has to outlive this run to close what it sealed."""

    def remember(self, known: Known, caught_up_to: int) -> None:
        """Goes on from what a run before this one knew."""

    def holds_all(self) -> bool:
        """Whether the target may hold all that the source does."""


@dataclass
class Follower:
    """Follows what is copied, turn by turn.

    Args:
        followed: what that is.
        source: names of what is frozen, as a freeze may name it.
        telling: what is told of it, and where freezes are read.
        report: counts what was done.
        stumbles: how often the server may have gone away in the middle of a write so far.
    """

    followed: Followed
    source: frozenset[str]
    telling: Telling
    report: Counted
    stumbles: Callable[[], int]
    _sealed_at: int | None = None
    _rhythm: Rhythm = field(default_factory=Rhythm)
    _getting_ready: str = ""
    _ready_until: float = 0.0
    _mended: int = 0

    def resumes(self, since: int | None) -> bool:
        """Whether the copy was sealed by a run before this one, and nothing is left but to wait for its end.

        From the seal on others may write to the target, so it must not be swept as if it were the copy's own. The seal
        of an earlier copy into it does not count, from another source or before the moment that this one starts from.
        Where the note names no source it may be of a target of the same name that is gone: that one held all.

        Args:
            since: from when on what changed is asked for, in milliseconds since 1970; None where nobody says so.
        """
        target, share = self.telling.target, self.telling.share
        told, freeze = self._notes.told(target, share), self._notes.freeze_of(target)
        if told is None or freeze is None or not freeze.token or told.sealed != freeze.token:
            return False
        earlier = since is not None and told.sealed_at < since
        if earlier or not (self._is_ours(freeze) or (freeze.source == "" and self.followed.holds_all())):
            return False
        told.error = ""
        self.telling.told, self._sealed_at = told, told.sealed_at
        self.followed.remember(self._notes.known(target, share) or Known(), told.caught_up_to)
        self.telling.tell()
        return True

    def begin(self, total: int | None, there: int) -> None:
        """Forgets a freeze that was noted before this copy began, and tells the beginning, as of `Telling.begin`.

        A swapper that notes the source remembers by its note what is frozen: that, and its own freeze, is left to it.
        """
        target, freeze = self.telling.target, self._freeze
        ours = self._is_ours(freeze)
        if freeze.over or (freeze.token and not ours):
            kept = Freeze(source=freeze.source, since_ms=freeze.since_ms, plan=freeze.plan) if ours else Freeze()
            self._notes.freeze(target, kept)
        self._mended = self.stumbles()
        self.telling.begin(total, there)

    def follow(self) -> None:
        """Carries what changed since the last turn and removes what was deleted, whether or not a freeze is on."""
        self._mend()
        self._carry()
        self._keep_up()

    def turn(self) -> bool:
        """Carries what changed since the last turn, and seals where a freeze asks for it; False when it is over.

        Where no freeze is near, most of the time is Weaviate's to serve others. Sealed, it does nothing until it is
        over or the freeze is another: the target may be others' by now.
        """
        freeze = self._freeze
        if freeze.over:
            return False
        if freeze.token and freeze.token == self.telling.told.sealed:
            return True
        self._mend()
        began = time.monotonic()
        if began < self._next(freeze):
            self.telling.tell_seldom()
            return True
        if not freeze.token and freeze.announced and freeze.announced != self.telling.told.ready:
            self._get_ready(freeze.announced)
        else:
            self._go_on(freeze)
        self._rhythm.rest(began, time.monotonic())
        return True

    def _next(self, freeze: Freeze) -> float:
        """From when on something is to be done."""
        if freeze.token:
            return 0.0
        if freeze.announced and freeze.announced == self.telling.told.ready:
            return self._rhythm.still_until
        return 0.0 if freeze.freezing else self._rhythm.due

    def _go_on(self, freeze: Freeze) -> None:
        self._carry()
        if freeze.token and (freeze.source == "" or self._is_ours(freeze)):
            self._seal(freeze)
        elif not freeze.announced or self._rhythm.passed_at > self._ready_until:
            self._keep_up()

    def close(self) -> None:
        """Carries what reached the source behind the seal; nothing where there was none."""
        if self._sealed_at is not None:
            self._tell_late(self.followed.close(self._sealed_at))
            self._tell_left()

    def finish(self) -> None:
        """Does at the very end what is done once."""
        if self._sealed_at is not None:
            self._tell_late(self.followed.finish(self._sealed_at))

    def _tell_late(self, late: int) -> None:
        self.telling.told.late += late
        self.telling.tell()

    def _mend(self) -> None:
        """Sees to what a server that went away may have left in part, before anything is sealed."""
        stumbles = self.stumbles()
        if stumbles != self._mended:
            self.followed.mend(self.telling.told.caught_up_to)
            self._mended = stumbles

    def _carry(self) -> None:
        began, before = time.monotonic(), self.report.written
        self.telling.told.caught_up_to = self.followed.carry()
        self.telling.told.carried = self.report.written
        self._rhythm.passed(began, time.monotonic(), self.report.written - before)

    def _keep_up(self) -> None:
        self.followed.keep_up()
        self.telling.tell_seldom()

    def _get_ready(self, announced: str) -> None:
        """Leaves as little as may be for a freeze that is about to come: a pass each time, until they are short enough.

        Then it says so, and only carries what changes until the freeze is there: a longer step would hold it up.
        """
        if announced != self._getting_ready:
            self.followed.sweep_before()
            self._getting_ready = announced
            self._rhythm.quicken()
        self._carry()
        if self._rhythm.is_settled:
            self.telling.told.ready = announced
            self._ready_until = self._rhythm.passed_at + _READY_SECONDS
        self.telling.tell()

    def _seal(self, freeze: Freeze) -> None:
        """Makes both sides agree, as far as the freeze has time for it, and says so."""
        told, target, share = self.telling.told, self.telling.target, self.telling.share
        seal = self.followed.seal(freeze.budget_ms)
        if seal is None:
            return
        told.missed, told.left, told.left_ms = seal.missed, seal.left, 0
        told.sealed, told.sealed_at = freeze.token, 0
        self._notes.know(target, share, self.followed.known())
        self.telling.tell()
        kept = self._notes.told(target, share)
        self._sealed_at = told.sealed_at = kept.sealed_at if kept is not None else freeze.at
        if seal.behind:
            self.followed.sweep_behind(self._sealed_at)
            self._tell_left()

    def _tell_left(self) -> None:
        """Tells for how long deletions were there that had to wait for the swap: until now, by the server's clock."""
        told, sealed_at = self.telling.told, self._sealed_at
        if not told.left or told.left_ms or sealed_at is None:
            return
        self.telling.tell()
        if (kept := self._notes.told(self.telling.target, self.telling.share)) is not None:
            told.left_ms = max(1, kept.at - sealed_at)
            self.telling.tell()

    def _is_ours(self, freeze: Freeze) -> bool:
        """Whether a freeze is noted to be of the source that is followed here."""
        return freeze.source in self.source

    @property
    def _freeze(self) -> Freeze:
        """The freeze as it is noted now; an empty one where none is."""
        return self._notes.freeze_of(self.telling.target) or Freeze()

    @property
    def _notes(self) -> Notes:
        return self.telling.notes
