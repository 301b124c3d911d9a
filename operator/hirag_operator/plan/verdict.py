"""From a verdict to conditions: Ready, Reconciling and Stalled as kstatus reads them.

A verdict is the one thing that a plan concludes about an object. Exactly one of four states holds:

    ready        Ready=True   Reconciling=False  Stalled=False   all as declared
    working      Ready=False  Reconciling=True   Stalled=False   goes on by itself
    stalled      Ready=False  Reconciling=False  Stalled=True    needs a person
    idle         Ready=False  Reconciling=False  Stalled=False   left alone on purpose (paused)

A ready object may still be working: `also_working` says on what (a rollout behind replicas that serve).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from hirag_operator.api.conditions import ConditionType, Reason

MESSAGE_LIMIT = 2000


class State(Enum):
    """Where an object stands."""

    READY = "ready"
    WORKING = "working"
    STALLED = "stalled"
    IDLE = "idle"


@dataclass(frozen=True)
class Verdict:
    """What a plan concludes: a state, one reason, and a sentence with the remedy."""

    state: State
    reason: Reason
    message: str
    also_working: str = ""

    @property
    def needs_retry(self) -> bool:
        """Return whether to look again soon: what stands in the way may pass without an event of the object's own."""
        return self.state in {State.WORKING, State.STALLED}


@dataclass(frozen=True)
class Aspect:
    """A condition beside the three of the verdict."""

    type: ConditionType
    holds: bool
    reason: Reason
    message: str


def ready(message: str, also_working: str = "") -> Verdict:
    """Return the verdict that all is as declared."""
    return Verdict(State.READY, Reason.READY, message, also_working)


def working(reason: Reason, message: str) -> Verdict:
    """Return the verdict that the operator is on its way, or waits for what heals without a change of the spec."""
    return Verdict(State.WORKING, reason, message)


def stalled(reason: Reason, message: str) -> Verdict:
    """Return the verdict that a person must act."""
    return Verdict(State.STALLED, reason, message)


def idle(reason: Reason, message: str) -> Verdict:
    """Return the verdict that the object is left alone on purpose."""
    return Verdict(State.IDLE, reason, message)


def conditions(
    verdict: Verdict,
    aspects: Sequence[Aspect],
    previous: Iterable[Mapping[str, Any]],
    generation: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the conditions for status; `lastTransitionTime` moves only where a status changed since `previous`."""
    before = {str(condition["type"]): condition for condition in previous}
    return [
        _condition(aspect, before.get(aspect.type.value), generation, now) for aspect in (*_three(verdict), *aspects)
    ]


def _three(verdict: Verdict) -> tuple[Aspect, Aspect, Aspect]:
    is_working = verdict.state is State.WORKING or bool(verdict.also_working)
    working_message = verdict.also_working or verdict.message
    is_stalled = verdict.state is State.STALLED
    quiet = "Nothing is under way."
    return (
        Aspect(ConditionType.READY, verdict.state is State.READY, verdict.reason, verdict.message),
        Aspect(
            ConditionType.RECONCILING,
            is_working,
            (Reason.RECONCILING if verdict.also_working else verdict.reason) if is_working else Reason.SETTLED,
            working_message if is_working else quiet,
        ),
        Aspect(
            ConditionType.STALLED,
            is_stalled,
            verdict.reason if is_stalled else Reason.NOT_STALLED,
            verdict.message if is_stalled else "Nothing waits for a person.",
        ),
    )


def _condition(aspect: Aspect, before: Mapping[str, Any] | None, generation: int, now: datetime) -> dict[str, Any]:
    status = "True" if aspect.holds else "False"
    same = before is not None and before.get("status") == status
    since = before.get("lastTransitionTime") if same and before is not None else None
    return {
        "type": aspect.type.value,
        "status": status,
        "reason": aspect.reason.value,
        "message": aspect.message[:MESSAGE_LIMIT],
        "lastTransitionTime": since or now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "observedGeneration": generation,
    }
