"""What a share tells of itself while it copies: often enough for whoever watches, and no oftener."""

import time
from dataclasses import dataclass, field
from typing import Final, Protocol

from hirag_jobs.copying.notes import Notes, Phase, Told
from hirag_jobs.objects.part import Part

_COPYING_SECONDS: Final = 2.0
_FOLLOWING_SECONDS: Final = 1.0
_LONGEST_ERROR: Final = 500


class Counted(Protocol):
    """What counts the work of a run: a report of a part, or of all."""

    @property
    def carried(self) -> int:
        """Objects written by the first pass."""

    @property
    def written(self) -> int:
        """Objects written, however often."""


@dataclass
class Telling:
    """The note of one share, and when it is written.

    Args:
        notes: where it is kept.
        target: what is filled.
        share: as the notes name it, such as 2/4.
        told: what it says, or is to say next.
    """

    notes: Notes
    target: Part
    share: str
    told: Told = field(default_factory=Told)
    _there: int = 0
    _began: float = 0.0
    _said: float = 0.0

    def begin(self, total: int | None, there: int) -> None:
        """Tells that a copy begins; what an earlier run told of itself is forgotten.

        Args:
            total: objects of this share on the source; None where that is seen only as they are carried.
            there: how many of them earlier runs have carried, at most.
        """
        self.told = Told(total=total, done=there if total is None else min(there, total))
        self._there, self._began = there, time.monotonic()
        self.tell()

    def progress(self, report: Counted) -> None:
        """Tells how much was carried, unless something was told just before."""
        if time.monotonic() - self._said >= _COPYING_SECONDS:
            self._count(report)
            self.tell()

    def all_carried(self, report: Counted) -> None:
        """Counts all objects of the share as done; told with whatever is told next."""
        self._count(report)
        if self.told.total is not None:
            self.told.done = self.told.total

    def enter(self, phase: Phase) -> None:
        """Tells that a phase begins."""
        self.told.phase = phase
        self.tell()

    def tell(self) -> None:
        """Writes the note."""
        self.notes.tell(self.target, self.share, self.told)
        self._said = time.monotonic()

    def tell_seldom(self) -> None:
        """Writes the note, unless that was done just before: whoever reads it sees that this share lives."""
        if time.monotonic() - self._said >= _FOLLOWING_SECONDS:
            self.tell()

    def fail(self, why: str) -> None:
        """Tells why a run ends, beside what was told last."""
        self.told = self.notes.told(self.target, self.share) or Told()
        self.told.error = why[:_LONGEST_ERROR]
        self.tell()

    def _count(self, report: Counted) -> None:
        self.told.carried = report.written
        done = self._there + report.carried
        self.told.done = done if self.told.total is None else min(done, self.told.total)
        self.told.rate = round(report.written / max(time.monotonic() - self._began, 0.001), 1)
