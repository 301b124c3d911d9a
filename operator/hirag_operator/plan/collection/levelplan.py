"""What a level comes to: steps, or the problem in their way, and what there is to tell."""

from dataclasses import dataclass
from typing import Literal

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.steps import WeaviateStep
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


@dataclass(frozen=True)
class LevelPlan:
    """Steps for a level, or the problem that stands in their way.

    `drift` names what differs by another hand and is left so, as driftPolicy Warn says.
    """

    wanted: WantedLevel
    seen: SeenLevel
    steps: tuple[WeaviateStep, ...] = ()
    problem: Verdict | None = None
    pending: Pending | None = None
    drift: tuple[str, ...] = ()
    news: News | None = None

    @property
    def settled(self) -> bool:
        """Return whether nothing is to be done or told: the level is as declared, or as far as it may be."""
        return not self.steps and self.problem is None


def refused(wanted: WantedLevel, seen: SeenLevel, reason: Reason, message: str) -> LevelPlan:
    """Return a plan of nothing but the problem that a person must solve."""
    return LevelPlan(wanted, seen, problem=stalled(reason, f"{message}."))
