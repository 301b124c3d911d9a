"""Where an error becomes a verdict: the one place that turns the tree of errors into conditions and requeues."""

from dataclasses import dataclass

from hirag_operator.api.conditions import Reason
from hirag_operator.errors import Conflict, Garbled, NotAuthorized, OperatorError, ReadOnly, TooEarly, Unreachable
from hirag_operator.plan.verdict import Verdict, stalled, working


@dataclass(frozen=True)
class Outcome:
    """What the queue is told when a reconcile ends.

    `retry`: look again with growing delays, for what stands in the way may pass without an event. Otherwise the next
    look is at an event or at the resync; `gone`: there is nothing left to look at. `within`: look again in so many
    seconds at the latest, for something falls due then that no event tells of.
    """

    retry: bool = False
    gone: bool = False
    within: float | None = None


DONE = Outcome()
RETRY = Outcome(retry=True)
GONE = Outcome(gone=True)


def outcome(verdict: Verdict, within: float | None = None) -> Outcome:
    """Return when to look again after a verdict: in `within` seconds at the latest where that is given."""
    return Outcome(retry=verdict.needs_retry or bool(verdict.also_working), within=within)


def weaviate_verdict(error: OperatorError) -> Verdict:
    """Return what an error of a Weaviate server says about the object that needed it."""
    match error:
        case Unreachable():
            return working(Reason.WEAVIATE_UNREACHABLE, f"{error}. Trying again; what exists is left as it is.")
        case NotAuthorized():
            remedy = "Correct the key of the connection, or the rights of its user; a new key is taken up by itself."
            return stalled(Reason.WEAVIATE_NOT_AUTHORIZED, f"{error}. {remedy}")
        case ReadOnly():
            remedy = "Make room on its disk or memory, then restart it or set these shards READY."
            return stalled(Reason.WEAVIATE_READ_ONLY, f"{error}. {remedy}")
        case TooEarly():
            remedy = "Write a first object, or take the change back."
            return stalled(Reason.INDEX_EMPTY, f"{error}. {remedy}")
        case Garbled():
            remedy = "Correct the URL of the connection, or what stands between; it is tried again all the same."
            return stalled(Reason.WEAVIATE_GARBLED, f"{error}. {remedy}")
        case _:
            return stalled(Reason.WEAVIATE_REFUSED, f"{error}.")


def kubernetes_verdict(error: OperatorError) -> Verdict:
    """Return what a refused write to Kubernetes says; what is worth a retry without a condition is raised on."""
    if isinstance(error, Unreachable | Conflict):
        raise error
    if "exceeded quota" in str(error):
        return stalled(Reason.QUOTA_EXCEEDED, f"{error}. Raise the quota, or remove what it is used for.")
    return stalled(Reason.KUBERNETES_REFUSED, f"{error}.")
