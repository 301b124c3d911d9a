"""Objects of the three kinds and what the plan makes of them, by the fields in which a test differs from the least."""

from collections.abc import Mapping
from typing import Any, Final

from hirag_operator.api import ContextCollection, EmbeddingModel, HNSWIndexPolicy
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.collection.levels import Embedding, Indexing, WantedLevel, wanted_level
from hirag_operator.plan.collection.placement import place
from hirag_operator.plan.collection.tenants import wanted_tenants
from hirag_operator.plan.merge import merged

Json = dict[str, Any]

UID: Final = "5f0c7b1e-0000-4000-8000-000000000001"
EMBEDDING: Final = Embedding("f" * 26, "http://minilm-embedder.team-a.svc:8080")
HUB: Final = {
    "huggingFace": {
        "repo": "sentence-transformers/all-MiniLM-L6-v2",
        "revision": "c9745ed1d9f207416be6d2e6f8de32d1f16199bf",
    }
}


def metadata(name: str, **others: Any) -> Json:
    return {"name": name, "namespace": "team-a", "uid": UID, "generation": 3, **others}


def model(spec: Mapping[str, Any] | None = None, **source: Any) -> EmbeddingModel:
    """A model served from the hub, with `spec` laid over it; `source` or `external` replace where it comes from."""
    origin = source or {"source": HUB}
    body = merged({**origin, "dimensions": 384, "maxTokens": 256}, spec or {})
    return EmbeddingModel.from_wire(
        {"apiVersion": "hirag.dev/v1alpha1", "kind": "EmbeddingModel", "metadata": metadata("minilm"), "spec": body}
    )


def external(spec: Mapping[str, Any] | None = None, **provider: Any) -> EmbeddingModel:
    """A model of an external provider."""
    return model(spec, external={"url": "https://api.example.com/v1", "model": "text-embedding-3-small", **provider})


def policy(spec: Mapping[str, Any] | None = None, name: str = "balanced") -> HNSWIndexPolicy:
    """A policy of defaults but for `spec`."""
    return HNSWIndexPolicy.from_wire(
        {"apiVersion": "hirag.dev/v1alpha1", "kind": "HNSWIndexPolicy", "metadata": metadata(name), "spec": spec or {}}
    )


def collection(spec: Mapping[str, Any] | None = None, *, name: str = "handbook", **others: Any) -> ContextCollection:
    """A collection of a long-term level alone, with `spec` laid over it; `others` are parts of its metadata."""
    least = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}}
    return ContextCollection.from_wire(
        {
            "apiVersion": "hirag.dev/v1alpha1",
            "kind": "ContextCollection",
            "metadata": metadata(name, **others),
            "spec": merged(least, spec or {}),
        }
    )


def wanted(
    spec: Mapping[str, Any] | None = None,
    *,
    index: Mapping[str, Any] | None = None,
    embedding: Embedding = EMBEDDING,
    instance: str = "default",
    name: str = "handbook",
    namespace: str = "team-a",
    led_by: str = "",
) -> WantedLevel:
    """The wanted long-term level of a collection, indexed as the policy `led_by` (namespace/name) says."""
    declared = collection(spec, name=name, namespace=namespace)
    indexing = Indexing(policy(index).spec, led_by)
    tenants = wanted_tenants(declared.spec.multi_tenancy, namespace, [])
    address = place(declared, "longTerm")
    return wanted_level(declared, "longTerm", address, indexing, embedding, instance, tenants)


def owner(kind: str = "EmbeddingModel", name: str = "minilm") -> Owner:
    """The owner of children in tests."""
    return Owner(kind, "team-a", name, UID)
