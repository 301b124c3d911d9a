"""The objects that the benchmark declares."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from e2e.bench.converge.watch import Key
from e2e.cluster.embedder import DIMENSIONS, MAX_TOKENS, MODEL_NAME

Json = dict[str, Any]

HOME = "platform"  # where the model and the policy are that all others refer to
MODEL = "minilm"
POLICY = "everyday"
LEVELS = ("shortTerm", "longTerm")


@dataclass(frozen=True)
class Declared:
    """A ContextCollection as its user declares it."""

    namespace: str
    name: str
    spec: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """Return what it is known by."""
        return Key(self.namespace, self.name)


def model(url: str) -> Json:
    """Return the spec of an EmbeddingModel that the embedder at `url` answers for, for all namespaces."""
    external = {"url": f"{url}/v1", "model": MODEL_NAME, "vectorizer": "text2vec-transformers"}
    return {
        "external": external,
        "dimensions": DIMENSIONS,
        "maxTokens": MAX_TOKENS,
        "allowedNamespaces": {"from": "All"},
    }


def policy(ef: int) -> Json:
    """Return the spec of an HNSWIndexPolicy for all namespaces; `ef` changes in place."""
    return {"indexType": "hnsw", "hnsw": {"ef": ef}, "allowedNamespaces": {"from": "All"}}


def dedicated(count: int, namespaces: int) -> list[Declared]:
    """Return collections of two levels each, bound to the policy, spread over namespaces."""
    bound = {"indexPolicyRef": {"name": POLICY, "namespace": HOME}}
    spec = _spec(dict.fromkeys(LEVELS, bound))
    return [Declared(f"team-{i % namespaces}", f"handbook-{i}", spec) for i in range(count)]


def shared(count: int, namespaces: int) -> list[Declared]:
    """Return small collections of two levels each, all of one shape, spread over namespaces."""
    spec = {**_spec({level: {} for level in LEVELS}), "placement": "Shared"}
    return [Declared(f"user-{i % namespaces}", f"notebook-{i}", spec) for i in range(count)]


def lone(placement: str, number: int) -> Declared:
    """Return one collection of two levels that no policy is bound to."""
    spec = {**_spec({level: {} for level in LEVELS}), "placement": placement}
    return Declared(HOME, f"lone-{placement.lower()}-{number}", spec)


def tenanted(tenants: int) -> Declared:
    """Return a collection of one level with so many declared tenants, which may be removed again."""
    names = [{"name": f"customer-{i:05}"} for i in range(tenants)]
    tenancy = {"enabled": True, "tenants": names, "removal": {"policy": "Delete", "maxPercent": 50}}
    return Declared(HOME, "customers", {**_spec({"longTerm": {}}), "multiTenancy": tenancy})


def _spec(levels: Mapping[str, Any]) -> Json:
    return {
        "embeddingModelRef": {"name": MODEL, "namespace": HOME},
        "levels": dict(levels),
        "chunking": {"maxTokens": 200},
        "deletionPolicy": "Delete",
    }
