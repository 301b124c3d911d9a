"""What an EmbeddingModel comes to: judged from its children and a live probe, by a chain of small decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.conditions import Reason
from hirag_operator.plan.children.owned import ChildrenPlan, Owner
from hirag_operator.plan.insync import in_sync
from hirag_operator.plan.model.embedder import embedder_name
from hirag_operator.plan.model.embedderprocess import PORT, served_name
from hirag_operator.plan.model.fingerprint import describes_itself
from hirag_operator.plan.model.gpuprofiles import Choice
from hirag_operator.plan.model.proof import Answered, proof
from hirag_operator.plan.model.serving import ready_replicas, rollout, stuck, turnover, waiting
from hirag_operator.plan.model.vectorreference import is_current, known_fingerprint
from hirag_operator.plan.unacted import honored, unacted_fields
from hirag_operator.plan.verdict import State, Verdict, conditions, stalled

Json = Mapping[str, Any]


@dataclass(frozen=True)
class SeenModel:
    """What was observed: the live Deployment (None with an external provider, or before it exists), pods, the probe.

    `choice` is the GPU profile that the pods run under, `children` what became of the objects that serve the model.
    `answered` is what the probe brought, and what was learnt before.
    """

    deployment: Json | None = None
    pods: tuple[Json, ...] = ()
    choice: Choice = field(default_factory=Choice)
    children: ChildrenPlan = field(default_factory=ChildrenPlan)
    answered: Answered = field(default_factory=Answered)


def endpoint(model: EmbeddingModel, service_url: str) -> str:
    """Return the base URL of the model's OpenAI-compatible API, up to and with the version."""
    if model.spec.external is not None:
        return model.spec.external.url.rstrip("/")
    root = service_url.format(name=embedder_name(model), namespace=model.metadata.namespace, port=PORT)
    return f"{root}/v1"


def transformers_root(model: EmbeddingModel, service_url: str) -> str | None:
    """Return where Weaviate's text2vec-transformers module reaches the model; None when it cannot."""
    if not describes_itself(model):
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
    verdict = proof(model, seen.answered, turnover(seen.deployment))
    if verdict.state is State.READY:
        return replace(verdict, also_working=rollout(seen.deployment, seen.pods, seen.choice))
    if verdict.state is State.WORKING:
        return stuck(seen.deployment, seen.pods, seen.choice) or verdict
    return verdict


def conflict(taken: Iterable[str]) -> Verdict:
    """Return the verdict that foreign objects stand where the model's own should."""
    names = ", ".join(taken)
    message = f"{names} exists and belongs to somebody else; remove it or rename this EmbeddingModel"
    return stalled(Reason.CONFLICT, message)


def status(
    model: EmbeddingModel, seen: SeenModel, verdict: Verdict, service_url: str, now: datetime, previous: Json
) -> dict[str, Any]:
    """Return the whole status of a model."""
    report: dict[str, Any] = {
        "observedGeneration": model.metadata.generation,
        "model": served_name(model),
        "endpoint": endpoint(model, service_url),
        "conditions": conditions(
            verdict,
            [honored(unacted_fields(model.spec.to_wire(), "EmbeddingModel")), in_sync(seen.children.drifted)],
            previous.get("conditions", []),
            model.metadata.generation,
            now,
        ),
    }
    report.update(_vectors(model, seen.answered))
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
        return conflict(children.taken)
    if children.forbidden:
        return stalled(Reason.VOLUME_CHANGE_FORBIDDEN, f"{'; '.join(children.forbidden)}.")
    return None


def _vectors(model: EmbeddingModel, answered: Answered) -> dict[str, Any]:
    """Return what is known of the vectors: by what answers now, else by what was learnt under this declaration."""
    report: dict[str, Any] = {}
    reference = answered.reference
    if answered.probed is not None:
        report["dimensions"] = answered.probed.dimensions[0]
    elif is_current(model, reference):
        report["dimensions"] = model.spec.dimensions
    if reference is not None and is_current(model, reference):
        report["fingerprint"] = known_fingerprint(model, reference)
        report["sketch"] = reference.sketch
    return report
