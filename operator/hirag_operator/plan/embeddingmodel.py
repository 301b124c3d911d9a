"""What an EmbeddingModel comes to: judged from its children and a live probe, by a chain of small decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.conditions import Reason
from hirag_operator.errors import NotAuthorized, OperatorError, Refused
from hirag_operator.plan.embedder import PORT, embedder_name, served_name
from hirag_operator.plan.fingerprint import fingerprint
from hirag_operator.plan.owned import Owner
from hirag_operator.plan.probe import Probed, complaint
from hirag_operator.plan.unacted import honored, unacted_fields
from hirag_operator.plan.verdict import Verdict, conditions, ready, stalled, working

Json = Mapping[str, Any]


@dataclass(frozen=True)
class SeenModel:
    """What was observed: the live Deployment (None with an external provider, or before it exists) and the probe.

    Exactly one of `probed` and `trouble` is set once a probe was made.
    """

    deployment: Json | None = None
    probed: Probed | None = None
    trouble: OperatorError | None = None
    taken: tuple[str, ...] = ()


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
    return model.spec.external is not None or _ready_replicas(deployment) > 0


def judge(model: EmbeddingModel, seen: SeenModel) -> Verdict:
    """Return the verdict on a model."""
    if seen.taken:
        return stalled(
            Reason.CONFLICT,
            f"{', '.join(seen.taken)} exists and belongs to somebody else; remove it or rename this EmbeddingModel",
        )
    if model.spec.external is None and (waiting := _waiting_for_pods(seen.deployment)) is not None:
        return waiting
    if seen.trouble is not None:
        return _trouble(seen.trouble)
    if seen.probed is None:
        return working(Reason.RECONCILING, "The endpoint has not been probed yet.")
    if (wrong := complaint(model, seen.probed)) is not None:
        return stalled(Reason.DIMENSIONS_MISMATCH if "dimensions" in wrong else Reason.PROBE_FAILED, wrong)
    message = f"A live probe returned vectors of {model.spec.dimensions} dimensions."
    return ready(message, also_working=_rollout(seen.deployment))


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
            [honored(unacted_fields(model.spec.to_wire(), "EmbeddingModel"))],
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
        report["selector"] = ",".join(f"{key}={value}" for key, value in sorted(owner.labels.items()))
    return report


def _waiting_for_pods(deployment: Json | None) -> Verdict | None:
    if deployment is None:
        return working(Reason.RECONCILING, "The Deployment of the embedder is being made.")
    if _ready_replicas(deployment) > 0:
        return None
    name = deployment["metadata"]["name"]
    if deployment["spec"].get("replicas") == 0:
        return working(Reason.PODS_NOT_READY, f"Deployment {name} is scaled to 0 replicas.")
    for condition in (deployment.get("status") or {}).get("conditions") or []:
        if condition["type"] == "ReplicaFailure" and condition["status"] == "True":
            return working(Reason.PODS_NOT_READY, f"Deployment {name} cannot make pods: {condition.get('message')}")
        if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            return stalled(
                Reason.STARTUP_DEADLINE_EXCEEDED,
                f"No pod of Deployment {name} became ready within spec.serving.startupDeadlineSeconds; "
                f"see kubectl describe pods, or raise the deadline for a large model",
            )
    return working(Reason.PODS_NOT_READY, f"No pod of Deployment {name} is ready yet.")


def _rollout(deployment: Json | None) -> str:
    if deployment is None:
        return ""
    wanted, counted = deployment["spec"].get("replicas", 1), deployment.get("status") or {}
    if counted.get("observedGeneration", 0) < deployment["metadata"].get("generation", 0):
        return "The Deployment has taken up no change of its spec yet."
    fresh = min(counted.get("updatedReplicas", 0), counted.get("readyReplicas", 0))
    return "" if fresh >= wanted else f"{fresh} of {wanted} replicas are ready in their newest version."


def _ready_replicas(deployment: Json | None) -> int:
    return int(((deployment or {}).get("status") or {}).get("readyReplicas", 0))


def _trouble(error: OperatorError) -> Verdict:
    if isinstance(error, NotAuthorized):
        return stalled(
            Reason.PROBE_FAILED,
            f"{error}; check the key in the Secret of spec.external.apiKeySecretRef",
        )
    if isinstance(error, Refused):
        return stalled(Reason.PROBE_FAILED, f"{error}; check spec.external.url and the model's name")
    return working(Reason.PROBE_FAILED, str(error))
