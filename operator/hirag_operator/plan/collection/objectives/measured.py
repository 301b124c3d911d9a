"""What a level's measurement comes to, for status and conditions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from hirag_operator.api.collection_status import MEASURED_LIMIT
from hirag_operator.api.conditions import ConditionType, Reason
from hirag_operator.plan.collection.objectives.judging import Judged
from hirag_operator.plan.collection.objectives.notes import Trial
from hirag_operator.plan.verdict import Aspect


@dataclass(frozen=True)
class Measured:
    """What is known of a level's index, and what is to come.

    Args:
        judged: What it comes to.
        trial: The last measurement at the ef in force; None where there was none.
        limit_bytes: Most memory that it may take; None where nothing is said.
        within: Seconds until the next look; None: at the next resync.
        busy: Whether something goes on that no event tells of.
    """

    judged: Judged
    trial: Trial | None = None
    limit_bytes: int | None = None
    within: float | None = None
    busy: bool = False

    def to_wire(self) -> dict[str, Any]:
        """Return what status tells."""
        parts: dict[str, Any] = {
            "state": self.judged.reason.value,
            "message": self.judged.message[:MEASURED_LIMIT],
            "memoryLimitBytes": self.limit_bytes,
        }
        if self.trial is not None:
            parts |= _figures(self.trial)
        return {name: value for name, value in parts.items() if value is not None}


def _figures(trial: Trial) -> Mapping[str, Any]:
    return {
        "recall": trial.recall,
        "k": trial.k or None,
        "p95Milliseconds": trial.p95_ms,
        "ef": trial.ef if trial.recall is not None else None,
        "memoryBytes": trial.memory_bytes,
        "queries": trial.queries,
        "objects": trial.objects,
        "tenant": trial.tenant,
        "measuredAt": datetime.fromtimestamp(trial.at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def objectives_met(measured: Mapping[str, Measured]) -> tuple[Aspect, ...]:
    """Return the condition ObjectivesMet over all levels whose policy has objectives; none where none has."""
    if not measured:
        return ()
    told = ((one.judged.met, one.judged.reason, f"{level}: {one.judged.message}") for level, one in measured.items())
    return (aspect_of(told),)


def aspect_of(levels: Iterable[tuple[bool, Reason, str]]) -> Aspect:
    """Return the condition ObjectivesMet: the first reason of those that miss, else the first that is worth a word."""
    told = sorted(levels, key=lambda one: (one[0], one[1] is Reason.OBJECTIVES_MET))
    met, reason, _ = told[0]
    return Aspect(ConditionType.OBJECTIVES_MET, met, reason, " ".join(message for _, _, message in told))
