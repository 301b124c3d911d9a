"""What a live probe of a model comes to: Ready, or what stands against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.conditions import Reason
from hirag_operator.errors import NotAuthorized, OperatorError, Refused
from hirag_operator.plan.model.probe import Complaint, Probed, complaint
from hirag_operator.plan.model.vectorreference import VectorReference, changed, is_current
from hirag_operator.plan.verdict import Verdict, ready, stalled, working

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Answered:
    """What a probe brought: the vectors, or the error in their place; neither before it was made.

    `reference` is what was learnt of the vectors before.
    """

    probed: Probed | None = None
    trouble: OperatorError | None = None
    reference: VectorReference | None = None


def proof(model: EmbeddingModel, answered: Answered, turnover: str) -> Verdict:
    """Return the verdict on a model by what answered; ready only for vectors that may be learnt and relied on.

    `turnover` tells of pods of an earlier version that may have answered in place of the new; empty when none can.
    """
    if answered.trouble is None and answered.probed is None:
        return working(Reason.RECONCILING, "The endpoint has not been probed yet.")
    found = _against(model, answered)
    if found is None:
        if turnover and not is_current(model, answered.reference):
            return working(Reason.RECONCILING, f"{turnover} Then the vectors are proved.")
        return ready(f"A live probe returned vectors of {model.spec.dimensions} dimensions.")
    if turnover:
        return working(found.reason, f"{turnover} Until then: {found.message}.")
    if found.passes:
        return working(found.reason, f"{found.message}.")
    return stalled(found.reason, f"{found.message}.")


def _against(model: EmbeddingModel, answered: Answered) -> Complaint | None:
    if answered.trouble is not None:
        return _refusal(model, answered.trouble)
    if answered.probed is None:
        return None
    return complaint(model, answered.probed) or changed(model, answered.reference, answered.probed)


def _refusal(model: EmbeddingModel, trouble: OperatorError) -> Complaint:
    external = model.spec.external
    if isinstance(trouble, NotAuthorized) and external is not None:
        key = external.api_key_secret_ref
        remedy = (
            f"correct key {key.key} of Secret {key.name}"
            if key is not None
            else "name the Secret with the provider's key in spec.external.apiKeySecretRef"
        )
        return Complaint(Reason.PROVIDER_NOT_AUTHORIZED, f"{trouble}; {remedy}")
    if isinstance(trouble, Refused) and external is not None:
        return Complaint(Reason.PROBE_FAILED, f"{trouble}; check spec.external.url and spec.external.model")
    # No answer, or one that is none, comes of a server that starts or is overrun.
    return Complaint(Reason.PROBE_FAILED, str(trouble), passes=not isinstance(trouble, NotAuthorized | Refused))
