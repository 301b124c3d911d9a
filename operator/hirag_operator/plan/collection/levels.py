"""The wanted state of each stored level: its address and the whole schema of the collection that holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from hirag_operator.api import ContextCollection, HNSWIndexPolicySpec
from hirag_operator.api.collection_adoption import AdoptFrom
from hirag_operator.api.collection_layout import MultiTenancy
from hirag_operator.plan.collection.changes import pooled, shape
from hirag_operator.plan.collection.migration.causes import Origins
from hirag_operator.plan.collection.placement import Place
from hirag_operator.plan.collection.properties import TRANSFORMERS, properties
from hirag_operator.plan.collection.stamp import Stamp, pool_stamp, stamped
from hirag_operator.plan.collection.vectorindex import index_digest, vector_index
from hirag_operator.plan.digest import digest
from hirag_operator.plan.names import collection_name, pool_name, revision, tenant_name

Json = dict[str, Any]

NO_TENANTS = MultiTenancy()
SETTINGS_LENGTH = 16  # characters of the digest by which a change of the spec is told from one by hand

# The server drops additions that its preset has; left in, they would look like drift for ever.
# Source: weaviate v1.35, adapters/repos/db/inverted/stopwords/presets.go.
_ENGLISH = """
a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was
will with
"""
ENGLISH_STOPWORDS = frozenset(_ENGLISH.split())


@dataclass(frozen=True)
class Embedding:
    """What a level needs to know of its model: whose vectors, and where Weaviate asks for them (None: it cannot).

    `sketch` is what the model answers to fixed texts (see `plan/vectors.py`); empty when it was not told. `model` is
    the namespace/name of the EmbeddingModel.
    """

    fingerprint: str
    transformers_root: str | None
    sketch: str = ""
    model: str = ""


@dataclass(frozen=True)
class Indexing:
    """How a level is indexed, and by whose word: `policy` is the namespace/name of the HNSWIndexPolicy, or empty.

    `ef` is what was found within objectives.tuning.ef; None where nothing was.
    """

    spec: HNSWIndexPolicySpec
    policy: str = ""
    ef: int | None = None


@dataclass(frozen=True)
class RolledBack:
    """The plan that a level is declared by and that is not wanted: its name, and what it would change, and how.

    `declared` is the level by that plan.
    """

    plan: str
    declared: "WantedLevel"
    changes: tuple[str, ...]
    change_class: Literal["build", "embed"]


@dataclass(frozen=True)
class WantedLevel:
    """A level as declared, of the ContextCollection `namespace`/`name`.

    `schema` is what a new collection for it would be made of, `adopt_from` what it is filled from where it is made.
    `tenants` are its own in a collection of its own, name → state as Weaviate writes it, kept by the rules of
    `tenancy`; a shared level *is* one. `index_settings` is a digest of the index as its policy declares it, whichever
    ef was found for it. `rolled_back` is the plan instead of which it is wanted as its data is, or was; None where it
    is as declared. `origins` are the objects that it follows.
    """

    namespace: str
    name: str
    level: str
    place: Place
    schema: Json
    stamp: Stamp
    tenancy: MultiTenancy = NO_TENANTS
    tenants: Mapping[str, str] = field(default_factory=dict)
    index_settings: str = ""
    rolled_back: RolledBack | None = None
    origins: Origins = field(default=Origins(), compare=False)
    adopt_from: AdoptFrom | None = None

    @property
    def tenant_of_pool(self) -> str:
        """Return the tenant that the level is wherever it is in a pool, now or until it is moved."""
        return tenant_name(self.namespace, self.name, self.level)

    @property
    def owner(self) -> tuple[str, str, str, str]:
        """Return what the stamp of a collection of its own says of whose it is."""
        return (self.stamp.instance, self.namespace, self.name, self.level)

    def owns(self, stamp: Stamp) -> bool:
        """Return whether a collection of this stamp may hold the level: its own, or any pool of this operator."""
        return stamp.instance == self.stamp.instance if stamp.of_pool else stamp.owner == self.owner

    @property
    def collection(self) -> str:
        """Return the name that a new physical collection would get; of a shared level, the name of its pool."""
        return str(self.schema["class"])

    @cached_property
    def settings(self) -> str:
        """Return a digest of all that is declared, by which a later look sees whether the declaration changed."""
        declared = {key: value for key, value in self.schema.items() if key not in {"class", "moduleConfig"}}
        return digest([declared, dict(self.tenants)], SETTINGS_LENGTH)


def wanted_level(
    collection: ContextCollection,
    level: str,
    place: Place,
    indexing: Indexing,
    embedding: Embedding,
    instance: str,
    tenants: Mapping[str, str] | None = None,
) -> WantedLevel:
    """Return the wanted state of `level`; `tenants` are those that its collection is to have."""
    draft = _schema(collection, level, place, indexing, embedding)
    settings = index_digest(*vector_index(indexing.spec))
    namespace, name = collection.metadata.namespace, collection.metadata.name
    origins = Origins(f"{namespace}/{name}", indexing.policy, embedding.model)
    declared = {str(one): said for one, said in collection.spec.levels.stored().items()}.get(level)
    adopt_from = declared.adopt_from if declared is not None else None
    if place.shared:
        made = pool_name([instance, embedding.fingerprint, indexing.policy, pooled(draft)])
        stamp = pool_stamp(instance, embedding.fingerprint, made.rpartition("_R")[2], embedding.sketch)
        pool = stamped({"class": made, **draft}, stamp)
        return WantedLevel(
            namespace, name, level, place, pool, stamp, index_settings=settings, origins=origins, adopt_from=adopt_from
        )
    fixed = {"fingerprint": embedding.fingerprint, **shape(draft)}
    level_revision = revision(namespace, name, level, fixed)
    stamp = Stamp(instance, namespace, name, level, embedding.fingerprint, level_revision, embedding.sketch)
    schema = stamped({"class": collection_name(place.alias, level_revision), **draft}, stamp)
    tenancy = collection.spec.multi_tenancy
    return WantedLevel(
        namespace,
        name,
        level,
        place,
        schema,
        stamp,
        tenancy,
        tenants or {},
        settings,
        origins=origins,
        adopt_from=adopt_from,
    )


def _schema(collection: ContextCollection, level: str, place: Place, indexing: Indexing, embedding: Embedding) -> Json:
    spec, metadata = collection.spec, collection.metadata
    index_type, index_config = vector_index(indexing.spec, indexing.ef)
    vectorizer, modules = _vectorizer(embedding)
    whose = "Shared levels" if place.shared else f"{level} of ContextCollection {metadata.namespace}/{metadata.name}"
    schema: Json = {
        "description": f"{whose}, kept by hirag-operator",
        "vectorizer": vectorizer,
        "moduleConfig": modules,
        "vectorIndexType": index_type,
        "vectorIndexConfig": index_config,
        "invertedIndexConfig": _inverted_index(collection),
        "multiTenancyConfig": {
            "enabled": place.shared or spec.multi_tenancy.enabled,
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
