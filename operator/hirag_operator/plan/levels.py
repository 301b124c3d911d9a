"""The wanted state of each stored level: its address and the whole schema of its physical collection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hirag_operator.api import ContextCollection, HNSWIndexPolicySpec
from hirag_operator.plan.changes import shape
from hirag_operator.plan.names import collection_name, revision
from hirag_operator.plan.placement import Place
from hirag_operator.plan.properties import TRANSFORMERS, properties
from hirag_operator.plan.stamp import Stamp, stamped
from hirag_operator.plan.vectorindex import vector_index

Json = dict[str, Any]

TENANT_STATES = {"Active": "ACTIVE", "Inactive": "INACTIVE", "Offloaded": "OFFLOADED"}

# The server drops additions that its preset has; left in, they would look like drift for ever.
# Source: weaviate v1.35, adapters/repos/db/inverted/stopwords/presets.go.
_ENGLISH = """
a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was
will with
"""
ENGLISH_STOPWORDS = frozenset(_ENGLISH.split())


@dataclass(frozen=True)
class Embedding:
    """What a level needs to know of its model: whose vectors, and where Weaviate asks for them (None: it cannot)."""

    fingerprint: str
    transformers_root: str | None


@dataclass(frozen=True)
class WantedLevel:
    """A level as declared. `schema` is what a new physical collection would be made of."""

    level: str
    place: Place
    schema: Json
    stamp: Stamp
    tenants: Mapping[str, str]

    @property
    def collection(self) -> str:
        """Return the name that a new physical collection would get."""
        return str(self.schema["class"])


def wanted_level(
    collection: ContextCollection,
    level: str,
    place: Place,
    policy: HNSWIndexPolicySpec,
    embedding: Embedding,
    instance: str,
) -> WantedLevel:
    """Return the wanted state of `level`, indexed by `policy` and embedded by `embedding`."""
    metadata = collection.metadata
    draft = _schema(collection, level, policy, embedding)
    fixed = {"fingerprint": embedding.fingerprint, **shape(draft)}
    level_revision = revision(metadata.namespace, metadata.name, level, fixed)
    stamp = Stamp(instance, metadata.namespace, metadata.name, level, embedding.fingerprint, level_revision)
    schema = stamped({"class": collection_name(place.alias, level_revision), **draft}, stamp)
    tenants = {t.name: TENANT_STATES[t.state] for t in collection.spec.multi_tenancy.tenants or []}
    return WantedLevel(level, place, schema, stamp, tenants)


def _schema(collection: ContextCollection, level: str, policy: HNSWIndexPolicySpec, embedding: Embedding) -> Json:
    spec, metadata = collection.spec, collection.metadata
    index_type, index_config = vector_index(policy)
    vectorizer, modules = _vectorizer(embedding)
    schema: Json = {
        "description": f"{level} of ContextCollection {metadata.namespace}/{metadata.name}, kept by hirag-operator",
        "vectorizer": vectorizer,
        "moduleConfig": modules,
        "vectorIndexType": index_type,
        "vectorIndexConfig": index_config,
        "invertedIndexConfig": _inverted_index(collection),
        "multiTenancyConfig": {
            "enabled": spec.multi_tenancy.enabled,
            "autoTenantCreation": spec.multi_tenancy.auto_creation,
            "autoTenantActivation": spec.multi_tenancy.auto_activation,
        },
        "replicationConfig": {
            "factor": spec.replication.factor,
            "asyncEnabled": spec.replication.async_enabled,
            "deletionStrategy": spec.replication.deletion_strategy,
        },
        "properties": properties(spec.properties or [], vectorizer),
    }
    if spec.sharding is not None:
        schema["shardingConfig"] = {"desiredCount": spec.sharding.desired_count}
    return schema


def _vectorizer(embedding: Embedding) -> tuple[str, Json]:
    """Return the vectorizer and its module configuration.

    `vectorizeClassName` must be false: the physical name carries a revision and would change every vector.
    """
    if embedding.transformers_root is None:
        return "none", {}
    return TRANSFORMERS, {TRANSFORMERS: {"inferenceUrl": embedding.transformers_root, "vectorizeClassName": False}}


def _inverted_index(collection: ContextCollection) -> Json:
    index = collection.spec.inverted_index
    preset = ENGLISH_STOPWORDS if index.stopwords.preset == "en" else frozenset[str]()
    return {
        "bm25": {"b": index.bm25.b, "k1": index.bm25.k1},
        "stopwords": {
            "preset": index.stopwords.preset,
            "additions": [word for word in index.stopwords.additions or [] if word not in preset],
            "removals": index.stopwords.removals or [],
        },
        "indexTimestamps": index.index_timestamps,
        "indexNullState": index.index_null_state,
        "indexPropertyLength": index.index_property_length,
    }
