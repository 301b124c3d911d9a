"""Every state that an object of ours can tell of itself: all verdicts with all reasons, of all kinds.

A verdict may carry any reason, so the table is their product: a reason that is added is in it by itself. Beside the
three conditions of the verdict stand all others, and none of them holds: the state must not hang on them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from hirag_operator.api import KINDS
from hirag_operator.api.conditions import UNSEEN_GENERATION, ConditionType, Reason
from hirag_operator.api.group import API_VERSION
from hirag_operator.plan.verdict import Aspect, Verdict, conditions, idle, ready, stalled, working

Json = dict[str, Any]

GENERATION: Final = 3
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
_THREE: Final = {ConditionType.READY, ConditionType.RECONCILING, ConditionType.STALLED}
_BESIDE: Final = [
    Aspect(kind, False, Reason.DRIFTED, f"{kind.value} does not hold.") for kind in ConditionType if kind not in _THREE
]


@dataclass(frozen=True)
class Told:
    """An object in one state, and what tools must make of it.

    Attributes:
        name: The state, for people.
        body: The object as the API server would give it.
        kstatus: What kstatus has to say.
        argocd: What Argo CD's health check has to say.
        words: A part of the message that a person must be shown by both.
    """

    name: str
    body: Json
    kstatus: str
    argocd: str
    words: str = ""


def _of_a_kind(kind: str) -> Iterator[Told]:
    yield Told(f"{kind} not looked at", _object(kind, {"observedGeneration": UNSEEN_GENERATION}), *_ON_ITS_WAY)
    yield Told(f"{kind} with an empty status", _object(kind, {"observedGeneration": 0}), *_ON_ITS_WAY)
    for name, verdict, kstatus, argocd in _verdicts():
        words = verdict.also_working or verdict.message
        yield Told(f"{kind} {name}", _told(kind, verdict, GENERATION), kstatus, argocd, words)
        yield Told(f"{kind} {name}, then edited", _told(kind, verdict, GENERATION - 1), *_ON_ITS_WAY)
        leaving = _told(kind, verdict, GENERATION)
        leaving["metadata"] |= {"deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["hirag.dev/collection"]}
        yield Told(f"{kind} {name}, then deleted", leaving, "Terminating", "Progressing")


_ON_ITS_WAY: Final = ("InProgress", "Progressing")


def _verdicts() -> Iterator[tuple[str, Verdict, str, str]]:
    yield "ready", ready("All is well."), "Current", "Healthy"
    yield "ready and rolling out", ready("All is well.", also_working="A rollout goes on."), *_ON_ITS_WAY
    for reason in Reason:
        yield f"working: {reason}", working(reason, f"{reason} passes."), *_ON_ITS_WAY
        yield f"stalled: {reason}", stalled(reason, f"{reason} stays."), "Failed", "Degraded"
    yield "paused", idle(Reason.PAUSED, "Left alone."), "InProgress", "Suspended"


def _told(kind: str, verdict: Verdict, generation: int) -> Json:
    found = conditions(verdict, _BESIDE, [], generation, NOW)
    return _object(kind, {"observedGeneration": generation, "conditions": found})


def _object(kind: str, status: Json) -> Json:
    metadata = {"name": "handbook", "namespace": "team-a", "generation": GENERATION}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": {}, "status": status}


STATES_BY_KIND: Final = {kind.resource.kind: list(_of_a_kind(kind.resource.kind)) for kind in KINDS}
