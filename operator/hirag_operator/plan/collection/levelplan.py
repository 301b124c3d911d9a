"""What a level comes to: steps, or the problem in their way, and what there is to tell."""

from dataclasses import dataclass
from typing import Literal

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.migration.course import Course
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.steps import SchemaStep
from hirag_operator.plan.verdict import Verdict, stalled


@dataclass(frozen=True)
class Stance:
    """How a ContextCollection wants to be treated: its driftPolicy and its lossPolicy."""

    on_drift: Literal["Enforce", "Warn"] = "Enforce"
    on_loss: Literal["Report", "Recreate"] = "Report"


@dataclass(frozen=True)
class News:
    """Something that happened behind our back, told in an Event before it is put right."""

    reason: Reason
    note: str


@dataclass(frozen=True)
class Pending:
    """What a new revision would have to change, with both values, and of which change class that is."""

    changes: tuple[str, ...]
    change_class: Literal["build", "embed"]

    def __str__(self) -> str:
        return "; ".join(self.changes)

    @property
    def vectors(self) -> Literal["copy", "embed"]:
        """Return what becomes of the vectors: they go along, or new ones are made."""
        return "embed" if self.change_class == "embed" else "copy"


@dataclass(frozen=True)
class LevelPlan:
    """Steps for a level, or the problem that stands in their way.

    `drift` names what differs by another hand and is left so, as driftPolicy Warn says. `pending` is what a migration
    is to change, and `course` how far one is, that or an earlier one.
    """

    wanted: WantedLevel
    seen: SeenLevel
    steps: tuple[SchemaStep, ...] = ()
    problem: Verdict | None = None
    pending: Pending | None = None
    drift: tuple[str, ...] = ()
    news: News | None = None
    course: Course | None = None

    @property
    def settled(self) -> bool:
        """Return whether nothing is to be done or told: the level is as declared, or as far as it may be."""
        return not self.steps and self.problem is None

    @property
    def at_rest(self) -> bool:
        """Return whether nothing is to be done or told, and no migration goes on or is left to be seen to."""
        return self.settled and self.pending is None and not self.seen.beside


def refused(wanted: WantedLevel, seen: SeenLevel, reason: Reason, message: str) -> LevelPlan:
    """Return a plan of nothing but the problem that a person must solve."""
    return LevelPlan(wanted, seen, problem=stalled(reason, f"{message}."))
