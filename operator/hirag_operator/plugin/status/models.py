"""The report of an EmbeddingModel, from what was read of it, of its pods and of who uses it."""

from collections.abc import Mapping
from typing import Any

from hirag_operator.plan.children.owned import OWNER_LABELS
from hirag_operator.plan.dig import dig
from hirag_operator.plan.pods.trouble import condition
from hirag_operator.plugin.kinds import COLLECTION, MODEL
from hirag_operator.plugin.status.look import Seen, key_of, references
from hirag_operator.plugin.status.report import Child, ModelReport
from hirag_operator.plugin.status.words import outline

Json = Mapping[str, Any]

OWNER_LABEL = OWNER_LABELS[MODEL]


def model_report(body: Json, seen: Seen) -> ModelReport:
    """Return how an EmbeddingModel stands."""
    status = body.get("status") or {}
    key = key_of(body)
    users = [one for one in seen.of(COLLECTION) if key in references(one)]
    return ModelReport(
        **outline(body),
        model=status.get("model") or "",
        endpoint=status.get("endpoint") or "",
        dimensions=dig(body, "spec", "dimensions"),
        fingerprint=status.get("fingerprint") or "",
        ready_replicas=status.get("readyReplicas"),
        replicas=status.get("replicas"),
        gpu_profile=status.get("gpuProfile") or "",
        used_by=sorted(f"{one['metadata']['namespace']}/{one['metadata']['name']}" for one in users),
        children=[
            *(_deployment(one) for one in seen.children.get("Deployment", ()) if _is_of(one, body)),
            *(_pod(one) for one in seen.children.get("Pod", ()) if _is_of(one, body)),
        ],
    )


def _deployment(body: Json) -> Child:
    wanted, ready = dig(body, "spec", "replicas") or 0, dig(body, "status", "readyReplicas") or 0
    updated = dig(body, "status", "updatedReplicas") or 0
    words = [f"{ready} of {wanted} ready", *([f"{updated} of the present version"] if updated < wanted else [])]
    return Child(kind="Deployment", name=body["metadata"]["name"], summary=", ".join(words), well=ready >= wanted)


def _pod(body: Json) -> Child:
    """Return a pod in a few words; what ails it is in the model's own message."""
    ready = condition(body, "Ready").get("status") == "True"
    statuses = dig(body, "status", "containerStatuses") or []
    restarts = sum(one.get("restartCount", 0) for one in statuses)
    node = dig(body, "spec", "nodeName")
    words = [
        str(dig(body, "status", "phase") or "Unknown"),
        "ready" if ready else "not ready",
        *([f"{restarts} restarts"] if restarts else []),
        *([f"on {node}"] if node else []),
    ]
    return Child(kind="Pod", name=body["metadata"]["name"], summary=", ".join(words), well=ready)


def _is_of(child: Json, body: Json) -> bool:
    metadata = child["metadata"]
    owner = metadata["namespace"], (metadata.get("labels") or {}).get(OWNER_LABEL)
    return owner == (body["metadata"]["namespace"], body["metadata"]["name"])
