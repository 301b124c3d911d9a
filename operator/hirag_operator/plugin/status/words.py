"""What the reports of all kinds say alike."""

from collections.abc import Mapping
from typing import Any

from hirag_operator.plan.dig import dig
from hirag_operator.plugin.status.standing import conditions_of, instant, problems_of, state_of

Json = Mapping[str, Any]


def outline(body: Json) -> dict[str, Any]:
    """Return what every report of an object begins with."""
    ready, state = conditions_of(body).get("Ready", {}), state_of(body)
    return {
        "kind": body["kind"],
        "namespace": body["metadata"]["namespace"],
        "name": body["metadata"]["name"],
        "state": state,
        "reason": str(ready.get("reason", "")),
        "message": str(ready.get("message", "")),
        "since": None if state == "Unseen" else instant(ready.get("lastTransitionTime")),
        "problems": problems_of(body),
    }


def model_in_words(body: Json) -> str:
    """Return what an EmbeddingModel is, e.g. `sentence-transformers/all-MiniLM-L6-v2, 384 dimensions`."""
    spec, status = body.get("spec") or {}, body.get("status") or {}
    served = status.get("model") or dig(spec, "external", "model") or dig(spec, "source", "huggingFace", "repo") or ""
    parts = [str(served), f"{spec.get('dimensions')} dimensions" if spec.get("dimensions") else ""]
    if dig(spec, "source") is not None and status.get("replicas") is not None:
        parts.append(f"{status.get('readyReplicas') or 0} of {status['replicas']} replicas ready")
    return ", ".join(part for part in parts if part)


def index_in_words(body: Json) -> str:
    """Return what an HNSWIndexPolicy says, e.g. `hnsw, cosine, rq`."""
    spec = body.get("spec") or {}
    quantization = dig(spec, "quantization", "type") or "none"
    parts = [spec.get("indexType") or "hnsw", spec.get("distance") or "cosine"]
    return ", ".join([*parts, "not quantized" if quantization == "none" else f"quantization {quantization}"])
