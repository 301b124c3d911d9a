"""The condition InSync: whether what the operator made is as it made it."""

from collections.abc import Sequence

from hirag_operator.api.conditions import ConditionType, Reason
from hirag_operator.plan.verdict import Aspect

MOST_NAMED = 10  # differences that a message names; more would not help


def in_sync(drifted: Sequence[str]) -> Aspect:
    """Return the condition, given the fields (`spec.replicas of Deployment minilm-embedder`) that were left changed."""
    if not drifted:
        return Aspect(
            ConditionType.IN_SYNC, True, Reason.IN_SYNC, "Nothing that the operator made was changed by hand."
        )
    more = len(drifted) - MOST_NAMED
    named = ", ".join(drifted[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
    message = (
        f"Changed by hand and left so, as spec.driftPolicy Warn says: {named}. Set it to Enforce to have it undone."
    )
    return Aspect(ConditionType.IN_SYNC, False, Reason.DRIFTED, message)
