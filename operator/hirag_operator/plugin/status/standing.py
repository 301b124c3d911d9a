"""How one object stands, of whatever kind: its state in one word, and what is not as it should be."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from hirag_operator.api.reasons import ConditionType, Reason
from hirag_operator.plan.dig import dig
from hirag_operator.plugin.status.report import Problem, State

Json = Mapping[str, Any]

GRAVITY: Final[Mapping[State, int]] = {
    "Stalled": 0,
    "Unseen": 1,
    "Deleting": 2,
    "Reconciling": 3,
    "Paused": 4,
    "Ready": 5,
}
_REMEDIES: Final = {reason.value: reason.remedy for reason in Reason}
_OF_THE_VERDICT: Final = frozenset({ConditionType.READY, ConditionType.RECONCILING, ConditionType.STALLED})
_UNSEEN_REMEDY: Final = "Wait a moment; if it stays so, kubectl hirag doctor tells whether an operator runs."


def state_of(body: Json) -> State:
    """Return an object's state; a report about an older spec is none."""
    if dig(body, "metadata", "deletionTimestamp"):
        return "Deleting"
    found = conditions_of(body)
    if "Ready" not in found or _outdated(body):
        return "Unseen"
    if _holds(found, "Stalled"):
        return "Stalled"
    if _holds(found, "Ready"):
        return "Ready"
    return "Paused" if found["Ready"].get("reason") == Reason.PAUSED else "Reconciling"


def conditions_of(body: Json) -> dict[str, Json]:
    """Return an object's conditions by type."""
    return {str(one.get("type")): one for one in dig(body, "status", "conditions") or []}


def problems_of(body: Json) -> list[Problem]:
    """Return what is not as it should be with an object, gravest first."""
    return sorted(_problems(body), key=lambda one: not one.grave)


def instant(text: Any) -> datetime | None:
    """Return a time as the API writes it; None where there is none, or none that can be read."""
    try:
        return datetime.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _problems(body: Json) -> Iterator[Problem]:
    found, state = conditions_of(body), state_of(body)
    if state == "Unseen":
        yield _unseen(body)
    elif not _holds(found, "Ready") and "Ready" in found:
        yield _problem(found["Ready"], grave=state == "Stalled")
    if _holds(found, "Ready") and _holds(found, "Reconciling"):
        yield _problem(found["Reconciling"], grave=False)
    for type_, condition in found.items():
        if type_ not in _OF_THE_VERDICT and condition.get("status") == "False":
            yield _problem(condition, grave=False)


def _problem(condition: Json, *, grave: bool) -> Problem:
    reason = str(condition.get("reason", ""))
    return Problem(
        condition=str(condition["type"]),
        reason=reason,
        message=str(condition.get("message", "")),
        remedy=_REMEDIES.get(reason, ""),
        since=instant(condition.get("lastTransitionTime")),
        grave=grave,
    )


def _unseen(body: Json) -> Problem:
    seen, generation = dig(body, "status", "observedGeneration"), dig(body, "metadata", "generation")
    what = f"generation {seen} of the spec, and it is {generation} now" if seen else "the object yet"
    return Problem(
        condition="Ready",
        reason="Unseen",
        message=f"The operator has {'seen' if seen else 'not looked at'} {what}.",
        remedy=_UNSEEN_REMEDY,
        since=None if seen else instant(dig(body, "metadata", "creationTimestamp")),
        grave=False,
    )


def _outdated(body: Json) -> bool:
    return bool(dig(body, "status", "observedGeneration") != dig(body, "metadata", "generation"))


def _holds(conditions: Mapping[str, Json], type_: str) -> bool:
    return conditions.get(type_, {}).get("status") == "True"
