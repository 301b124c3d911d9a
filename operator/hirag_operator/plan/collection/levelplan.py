"""What a level comes to: steps, or the problem in their way, and what there is to tell."""

from dataclasses import dataclass
from typing import Literal

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.migration.course import Course
from hirag_operator.plan.collection.objectives.measured import Measured
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.steps import SchemaStep
from hirag_operator.plan.verdict import Verdict, stalled


@dataclass(frozen=True)
class Stance:
    """How a level is to be treated: by its collection's driftPolicy and lossPolicy, and by what goes on.

    `carrying`: a Job of a migration runs that carries it, and wakes tenants and puts them back to sleep as it goes.
    """

    on_drift: Literal["Enforce", "Warn"] = "Enforce"
    on_loss: Literal["Report", "Recreate"] = "Report"
    carrying: bool = False


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
    is to change, and `course` how far one is, that or an earlier one. `postponed`: tenants get their declared states
    once the Job that carries them has ended. `measured` is what its index achieves, where its policy has objectives.
    `adopting`: the level is not served yet, and is filled from a collection
    of others, or was to be.
    """

    wanted: WantedLevel
    seen: SeenLevel
    steps: tuple[SchemaStep, ...] = ()
    problem: Verdict | None = None
    pending: Pending | None = None
    drift: tuple[str, ...] = ()
    news: News | None = None
    course: Course | None = None
    postponed: bool = False
    measured: Measured | None = None
    adopting: bool = False

    @property
    def settled(self) -> bool:
        """Return whether nothing is to be done or told: the level is as declared, or as far as it may be."""
        return not self.steps and self.problem is None

    @property
    def may_move(self) -> bool:
        """Return whether a migration may go on: tenants that a person has to decide about do not stand in its way."""
        return not self.steps and (self.problem is None or self.problem.reason is Reason.TENANT_REMOVAL_HELD)

    @property
    def moves(self) -> bool:
        """Return whether a migration goes on, is to, or is left to be seen to."""
        rolled_back = self.wanted.rolled_back is not None
        return self.adopting or self.pending is not None or bool(self.seen.beside) or rolled_back

    @property
    def at_rest(self) -> bool:
        """Return whether nothing is to be done or told, and no migration goes on or is left to be seen to."""
        return self.settled and not self.moves


def refused(wanted: WantedLevel, seen: SeenLevel, reason: Reason, message: str) -> LevelPlan:
    """Return a plan of nothing but the problem that a person must solve."""
    return LevelPlan(wanted, seen, problem=stalled(reason, f"{message}."))
