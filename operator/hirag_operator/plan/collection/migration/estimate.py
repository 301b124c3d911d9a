"""What a migration takes: how many objects, tokens and bytes, how long, how much memory and disk; in words and figures.

Counts are of this moment; means and rates are of a survey, where one was made (`survey.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hirag_operator.plan.collection.migration.notes import Survey
from hirag_operator.plan.collection.migration.space import NOTHING, Space
from hirag_operator.plan.quantity import in_bytes, in_thousands, in_time, rounded

COMPARED: Final = 2  # times that a second revision is read: both sides, to be compared
_SLOWEST: Final = 0.001  # objects a second: what is slower was not measured, or stands still
UNDECLARED: Final = "what Weaviate has of either is not declared (capacity of its connection)"


@dataclass(frozen=True)
class Estimate:
    """What a migration of one level takes, or of several.

    Args:
        objects: How many; None: not known, for tenants sleep.
        tenants: Among how many tenants of its own; None: it keeps none.
        space: What it takes beside what is there, until the old revision goes.
        room: What is to be said about the room for it.
        tokens: Of the texts that are embedded; None: not measured.
        bytes: Of properties; None: not measured.
        seconds: How long carrying and comparing will take; None: not measured.
        likened: Whether `objects` supposes that all tenants are like those that were looked at.
        remarks: Why something is not measured, or by what it is.
    """

    objects: int | None
    tenants: int | None = None
    space: Space = NOTHING
    room: str = UNDECLARED
    tokens: int | None = None
    bytes: int | None = None
    seconds: int | None = None
    likened: bool = False
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "; ".join(part for part in (self._what(), *self._pace(), self._beside(), *self.remarks) if part)

    def to_wire(self) -> dict[str, int]:
        """Return the figures as status.migration.estimated has them; what is not known is left out."""
        known = self.objects is not None
        figures = {
            "objects": self.objects,
            "tokens": self.tokens,
            "bytes": self.bytes,
            "seconds": self.seconds,
            "memoryBytes": self.space.memory if known else None,
            "diskBytes": self.space.disk if known else None,
        }
        return {name: value for name, value in figures.items() if value is not None}

    def _what(self) -> str:
        tenants = "" if self.tenants is None else f"{self.tenants:,} {'tenant' if self.tenants == 1 else 'tenants'}"
        if self.objects is None:
            return f"{tenants or 'tenants'}, whose objects are counted as they are carried"
        told = f"{self.objects:,} objects"
        if self.likened:
            told = f"about {in_thousands(self.objects)} objects in {tenants}, if all are like those that are awake"
        weights = [
            *(() if self.tokens is None else (f"about {in_thousands(self.tokens)} tokens",)),
            *(() if self.bytes is None else (f"{in_bytes(self.bytes)} of properties",)),
        ]
        return ", ".join([told, *weights])

    def _pace(self) -> tuple[str, ...]:
        return () if self.seconds is None else (f"about {in_time(self.seconds)}",)

    def _beside(self) -> str:
        if self.objects is None:
            return ""
        memory, disk = in_bytes(self.space.memory), in_bytes(self.space.disk)
        return f"until the old revision goes, about {memory} more memory and {disk} of disk; {self.room}"


def surveyed(estimate: Estimate, survey: Survey) -> Estimate:
    """Return an estimate with what a survey adds to it."""
    objects, likened = estimate.objects, False
    if objects is None and survey.tenants and estimate.tenants:
        objects, likened = rounded(survey.each * estimate.tenants), True
    if objects is None:
        return estimate
    seconds = None
    if min(survey.per_second, survey.read_per_second) >= _SLOWEST:
        took = objects / survey.per_second + COMPARED * objects / survey.read_per_second
        seconds = max(rounded(took), 1 if objects else 0)
    return Estimate(
        objects,
        estimate.tenants,
        estimate.space,
        estimate.room,
        tokens=rounded(objects * survey.tokens, 3),
        bytes=rounded(objects * survey.bytes, 3),
        seconds=seconds,
        likened=likened,
        remarks=estimate.remarks + ((survey.basis,) if survey.basis else ()),
    )


def together(estimates: Sequence[Estimate]) -> Estimate:
    """Return what several levels take: they share one server, so that their times add up.

    What is not known of one is not known of all.
    """
    if len(estimates) == 1:
        return estimates[0]
    return Estimate(
        _sum([one.objects for one in estimates]),
        _sum([one.tenants for one in estimates if one.tenants is not None]) or None,
        sum((one.space for one in estimates), NOTHING),
        "; ".join(dict.fromkeys(one.room for one in estimates)),
        _sum([one.tokens for one in estimates]),
        _sum([one.bytes for one in estimates]),
        _sum([one.seconds for one in estimates]),
        any(one.likened for one in estimates),
        tuple(dict.fromkeys(remark for one in estimates for remark in one.remarks)),
    )


def _sum(figures: Sequence[int | None]) -> int | None:
    known: list[Any] = [one for one in figures if one is not None]
    return sum(known) if len(known) == len(figures) else None
