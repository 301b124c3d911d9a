"""Every error of a server becomes a condition that says which server, what happened and what to do."""

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.errors import Conflict, Garbled, NotAuthorized, OperatorError, ReadOnly, Refused, Unreachable
from hirag_operator.plan.verdict import State
from hirag_operator.reconcile.outcome import RETRY, kubernetes_verdict, outcome, weaviate_verdict

SERVER = "Weaviate 'default'"


@pytest.mark.parametrize(
    ("error", "state", "reason", "remedy"),
    [
        (Unreachable(SERVER, "why"), State.WORKING, Reason.WEAVIATE_UNREACHABLE, "Trying again"),
        (NotAuthorized(SERVER, "why"), State.STALLED, Reason.WEAVIATE_NOT_AUTHORIZED, "Correct the key"),
        (ReadOnly(SERVER, "why"), State.STALLED, Reason.WEAVIATE_READ_ONLY, "Make room"),
        (Garbled(SERVER, "why"), State.STALLED, Reason.WEAVIATE_GARBLED, "Correct the URL"),
        (Refused(SERVER, "why", 422), State.STALLED, Reason.WEAVIATE_REFUSED, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, OperatorError) else "",
)
def test_an_error_of_weaviate_is_told_with_its_remedy_and_tried_again(
    error: OperatorError, state: State, reason: Reason, remedy: str
) -> None:
    verdict = weaviate_verdict(error)
    assert (verdict.state, verdict.reason) == (state, reason)
    assert verdict.message.startswith(f"{SERVER}: why. {remedy}".rstrip())
    assert outcome(verdict) == RETRY


@pytest.mark.parametrize("error", [Unreachable("the API", "why"), Conflict("the API", "why")])
def test_what_kubernetes_may_do_a_moment_later_is_no_condition(error: OperatorError) -> None:
    with pytest.raises(type(error)):
        kubernetes_verdict(error)


def test_what_kubernetes_refuses_is_a_condition() -> None:
    verdict = kubernetes_verdict(Refused("the API", "quota exceeded", 403))
    assert (verdict.state, verdict.reason) == (State.STALLED, Reason.KUBERNETES_REFUSED)
