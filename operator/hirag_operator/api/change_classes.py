"""Change classes: what it takes to change a field of an object that exists already. The one table, for every kind.

A row speaks for its field and for all below it that have no row of their own. A class is the most that a change of the
field can take; a note says when it takes less. Where `shared` is given, it is the class under placement Shared: the
levels of a pool live in one collection, and what one of them changed there would change for its neighbours too.

What Weaviate changes in place is told in `plan/collection/changes.py`, by its own names; tests hold the two against
each other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self


class ChangeClass(StrEnum):
    """What a change of a field takes, from the least to the most."""

    meaning: str

    def __new__(cls, word: str, meaning: str) -> Self:
        """Make a member of its word and what the word means."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.meaning = meaning
        return member

    HOT = "hot", "Applied in place, at once; nothing stops and no data moves."
    BUILD = "build", "A new revision of the data is needed, into which objects are copied with their vectors."
    EMBED = "embed", "A new revision is needed, and new vectors for all that it holds."
    FORBIDDEN = "forbidden", "Refused by the API server; make a new object."


@dataclass(frozen=True, slots=True)
class Change:
    """A row: the class of a field by its path in `spec`, without list indices, e.g. `properties.dataType`."""

    path: str
    change: ChangeClass
    note: str = ""
    shared: ChangeClass | None = None

    def under(self, placement: str) -> ChangeClass:
        """Return the class under a placement, Dedicated or Shared."""
        return self.shared if placement == "Shared" and self.shared is not None else self.change


_HOT, _BUILD, _EMBED, _FORBIDDEN = ChangeClass
_FINGERPRINT: Final = "Hot where the fingerprint in status stays the same, as with the same files from elsewhere."
_ON_LOAD: Final = "Weaviate minds it when it next loads a shard: at a restart, or when a tenant is activated."
_POLICY: Final = "Hot where the two policies differ in hot settings alone."
_WHEN_MADE: Final = "Heeded until the level is served; of no effect afterwards."
_NEIGHBOURS: Final = "A pool has one for all its levels."

CHANGES: Final[Mapping[str, tuple[Change, ...]]] = {
    "EmbeddingModel": (
        Change("source", _EMBED, _FINGERPRINT),
        Change("external", _EMBED, _FINGERPRINT),
        Change("external.url", _BUILD, "Hot with vectorizer none: otherwise every collection holds the address."),
        Change("external.apiKeySecretRef", _HOT),
        Change("external.vectorizer", _EMBED, "It decides what the model is known by: its files, or its name."),
        Change("dimensions", _EMBED),
        Change("maxTokens", _EMBED),
        Change("pooling", _EMBED),
        Change("normalize", _EMBED),
        Change("instructions", _EMBED),
        Change("runtime", _HOT),
        Change("runtime.precision", _EMBED),
        Change("serving", _HOT),
        Change("serving.modelCache", _HOT, "Class and access mode of a claim that exists stay; its size only grows."),
        Change("rateLimit", _HOT),
        Change("allowedNamespaces", _HOT, "What refers to the object already goes on; that it no longer may is told."),
        Change("rollout", _HOT, "For migrations that begin from then on."),
        Change("driftPolicy", _HOT),
    ),
    "HNSWIndexPolicy": (
        Change("indexType", _BUILD),
        Change("distance", _BUILD),
        Change("hnsw", _BUILD),
        Change("hnsw.ef", _HOT),
        Change("hnsw.dynamicEf", _HOT),
        Change("hnsw.flatSearchCutoff", _HOT),
        Change("hnsw.filterStrategy", _HOT),
        Change("hnsw.vectorCacheMaxObjects", _HOT, _ON_LOAD),
        Change("flat.vectorCacheMaxObjects", _HOT, _ON_LOAD),
        Change("dynamic.threshold", _HOT, _ON_LOAD),
        Change("quantization", _BUILD, "Weaviate loses an index that it compresses in place when it is interrupted."),
        Change("quantization.bq.rescoreLimit", _HOT, "One that is left out again stays as it was."),
        Change("quantization.sq.rescoreLimit", _HOT),
        Change("quantization.rq.rescoreLimit", _HOT, "With the flat index one that is left out again stays as it was."),
        Change("objectives", _HOT),
        Change("allowedNamespaces", _HOT, "What refers to the object already goes on; that it no longer may is told."),
        Change("rollout", _HOT, "For migrations that begin from then on."),
    ),
    "ContextCollection": (
        Change("weaviate.connection", _FORBIDDEN),
        Change("placement", _BUILD),
        Change("embeddingModelRef", _EMBED, "Hot where the other model has the same fingerprint and address."),
        Change("properties", _HOT, "One is added; one that is removed stays in Weaviate with its data.", _BUILD),
        Change("properties.dataType", _BUILD),
        Change("properties.filterable", _BUILD),
        Change("properties.rangeFilters", _BUILD),
        Change("properties.searchable", _BUILD),
        Change("properties.tokenization", _BUILD),
        Change("properties.vectorize", _EMBED, "The embedded text is another one. Hot for a property that is new."),
        Change("invertedIndex.bm25", _HOT, _NEIGHBOURS, _BUILD),
        Change("invertedIndex.stopwords", _HOT, _NEIGHBOURS, _BUILD),
        Change("invertedIndex.indexTimestamps", _BUILD),
        Change("invertedIndex.indexNullState", _BUILD),
        Change("invertedIndex.indexPropertyLength", _BUILD),
        Change("multiTenancy", _HOT),
        Change("multiTenancy.enabled", _FORBIDDEN),
        Change("multiTenancy.tenants", _HOT, "One that is no longer declared goes only as multiTenancy.removal says."),
        Change("replication.factor", _BUILD),
        Change("replication.asyncEnabled", _HOT, _NEIGHBOURS, _BUILD),
        Change("replication.deletionStrategy", _HOT, _NEIGHBOURS, _BUILD),
        Change("sharding.desiredCount", _BUILD),
        Change("levels", _HOT, "A level that is added is made; one that is removed keeps its data in Weaviate."),
        Change("levels.shortTerm.indexPolicyRef", _BUILD, _POLICY),
        Change("levels.longTerm.indexPolicyRef", _BUILD, _POLICY),
        Change("levels.shortTerm.adoptFrom", _HOT, _WHEN_MADE),
        Change("levels.longTerm.adoptFrom", _HOT, _WHEN_MADE),
        Change("chunking", _HOT, "For what is ingested from then on."),
        Change("retrieval", _HOT),
        Change("summarization", _HOT),
        Change("compaction", _HOT),
        Change("migration", _HOT),
        Change("gateway", _HOT),
        Change("deletionPolicy", _HOT),
        Change("driftPolicy", _HOT),
        Change("lossPolicy", _HOT),
        Change("paused", _HOT),
    ),
}

_ROWS: Final = {kind: {row.path: row for row in rows} for kind, rows in CHANGES.items()}


def change_of(kind: str, path: str) -> Change:
    """Return the row that speaks for a field, by its path with or without `spec.` and list indices.

    Raises:
        ValueError: there is no such kind, or no such field at the top.
    """
    if kind not in _ROWS:
        raise ValueError(f"kind {kind!r} is none of {', '.join(_ROWS)}")
    parts = re.sub(r"\[[^\]]*\]", "", path).removeprefix("spec.").split(".")
    for end in range(len(parts), 0, -1):
        row = _ROWS[kind].get(".".join(parts[:end]))
        if row is not None:
            return row
    raise ValueError(f"spec.{path.removeprefix('spec.')} is no field of {kind}, or a section whose fields differ")


def change_class(kind: str, path: str, placement: str = "Dedicated") -> ChangeClass:
    """Return the class of a change, e.g. of `properties[author].dataType` of a ContextCollection.

    Raises:
        ValueError: as `change_of`.
    """
    return change_of(kind, path).under(placement)
