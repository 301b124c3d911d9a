"""What an EmbeddingModel comes to: judged from its children and a live probe, by a chain of small decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.conditions import Reason
from hirag_operator.errors import NotAuthorized, OperatorError, Refused
from hirag_operator.plan.embedder import embedder_name
from hirag_operator.plan.embedderprocess import PORT, served_name
from hirag_operator.plan.fingerprint import fingerprint
from hirag_operator.plan.gpuprofiles import Choice
from hirag_operator.plan.insync import in_sync
from hirag_operator.plan.owned import ChildrenPlan, Owner
from hirag_operator.plan.probe import Probed, complaint
from hirag_operator.plan.serving import ready_replicas, rollout, waiting
from hirag_operator.plan.unacted import honored, unacted_fields
from hirag_operator.plan.verdict import Verdict, conditions, ready, stalled, working

Json = Mapping[str, Any]


@dataclass(frozen=True)
class SeenModel:
    """What was observed: the live Deployment (None with an external provider, or before it exists), pods, the probe.

    `choice` is the GPU profile that the pods run under, `children` what became of the objects that serve the model.
    Exactly one of `probed` and `trouble` is set once a probe was made.
    """

    deployment: Json | None = None
    pods: tuple[Json, ...] = ()
    choice: Choice = field(default_factory=Choice)
    children: ChildrenPlan = field(default_factory=ChildrenPlan)
    probed: Probed | None = None
    trouble: OperatorError | None = None


def endpoint(model: EmbeddingModel, service_url: str) -> str:
    """Return the base URL of the model's OpenAI-compatible API, up to and with the version."""
    if model.spec.external is not None:
        return model.spec.external.url.rstrip("/")
    root = service_url.format(name=embedder_name(model), namespace=model.metadata.namespace, port=PORT)
    return f"{root}/v1"


def transformers_root(model: EmbeddingModel, service_url: str) -> str | None:
    """Return where Weaviate's text2vec-transformers module reaches the model; None when it cannot."""
    external = model.spec.external
    if external is not None and external.vectorizer == "none":
        return None
    return endpoint(model, service_url).removesuffix("/v1")


def can_probe(model: EmbeddingModel, deployment: Json | None) -> bool:
    """Return whether something should answer by now: an external provider, or at least one ready pod."""
    return model.spec.external is not None or ready_replicas(deployment) > 0


def judge(model: EmbeddingModel, seen: SeenModel) -> Verdict:
    """Return the verdict on a model."""
    if (obstacle := _obstacle(seen.children)) is not None:
        return obstacle
    if model.spec.external is None:
        waits = waiting(seen.deployment, seen.pods, seen.choice)
        if waits is not None:
            return waits
    if seen.trouble is not None:
        return _trouble(seen.trouble)
    if seen.probed is None:
        return working(Reason.RECONCILING, "The endpoint has not been probed yet.")
    if (wrong := complaint(model, seen.probed)) is not None:
        return stalled(Reason.DIMENSIONS_MISMATCH if "dimensions" in wrong else Reason.PROBE_FAILED, wrong)
    message = f"A live probe returned vectors of {model.spec.dimensions} dimensions."
    return ready(message, also_working=rollout(seen.deployment, seen.pods, seen.choice))


def status(
    model: EmbeddingModel, seen: SeenModel, verdict: Verdict, service_url: str, now: datetime, previous: Json
) -> dict[str, Any]:
    """Return the whole status of a model."""
    dimensions = seen.probed.dimensions[0] if seen.probed else previous.get("dimensions")
    report: dict[str, Any] = {
        "observedGeneration": model.metadata.generation,
        "model": served_name(model),
        "fingerprint": fingerprint(model),
        "endpoint": endpoint(model, service_url),
        "conditions": conditions(
            verdict,
            [honored(unacted_fields(model.spec.to_wire(), "EmbeddingModel")), in_sync(seen.children.drifted)],
            previous.get("conditions", []),
            model.metadata.generation,
            now,
        ),
    }
    if dimensions is not None:
        report["dimensions"] = dimensions
    if model.spec.external is None:
        counted = (seen.deployment or {}).get("status") or {}
        owner = Owner("EmbeddingModel", model.metadata.namespace, model.metadata.name, model.metadata.uid)
        report["replicas"] = counted.get("replicas", 0)
        report["readyReplicas"] = counted.get("readyReplicas", 0)
        if seen.choice.profile is not None:
            report["gpuProfile"] = seen.choice.profile.name
        report["selector"] = owner.selector
    return report


def _obstacle(children: ChildrenPlan) -> Verdict | None:
    """Return which of the children cannot be as wanted."""
    if children.taken:
        taken = ", ".join(children.taken)
        message = f"{taken} exists and belongs to somebody else; remove it or rename this EmbeddingModel"
        return stalled(Reason.CONFLICT, message)
    if children.forbidden:
        return stalled(Reason.VOLUME_CHANGE_FORBIDDEN, f"{'; '.join(children.forbidden)}.")
    return None


def _trouble(error: OperatorError) -> Verdict:
    if isinstance(error, NotAuthorized):
        return stalled(
            Reason.PROBE_FAILED,
            f"{error}; check the key in the Secret of spec.external.apiKeySecretRef",
        )
    if isinstance(error, Refused):
        return stalled(Reason.PROBE_FAILED, f"{error}; check spec.external.url and the model's name")
    return working(Reason.PROBE_FAILED, str(error))
