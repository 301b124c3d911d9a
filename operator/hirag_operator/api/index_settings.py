"""Settings of Weaviate's vector indexes, with Weaviate's own names, defaults and bounds.

Source: weaviate v1.35, entities/vectorindex/{hnsw,flat,dynamic}/config.go.
"""

from typing import Final, Literal

from pydantic import Field

from hirag_operator.api.model import SpecModel
from hirag_operator.api.rules import Rule

IndexType = Literal["hnsw", "flat", "dynamic"]
Distance = Literal["cosine", "dot", "l2-squared", "manhattan", "hamming"]

UNLIMITED_CACHE: Final = 1_000_000_000_000
MAX_INT32: Final = 2_147_483_647


class DynamicEf(SpecModel):
    """How ef follows the query's limit when ef is -1: limit x factor, held between min and max."""

    min: int = Field(default=100, ge=1, le=MAX_INT32, description="Least ef, in candidates.")
    max: int = Field(default=500, ge=1, le=MAX_INT32, description="Most ef, in candidates.")
    factor: int = Field(default=8, ge=1, le=MAX_INT32, description="Candidates for each result asked for.")

    rules = (
        Rule(
            "self.min <= self.max",
            lambda it: it.min <= it.max,
            "hnsw.dynamicEf.min must not exceed hnsw.dynamicEf.max",
            "min",
        ),
    )


class HnswSettings(SpecModel):
    """The HNSW graph."""

    max_connections: int = Field(
        default=32,
        ge=4,
        le=2047,
        description="Edges of each node above the lowest layer, which has twice as many. A change rebuilds the index.",
    )
    ef_construction: int = Field(
        default=128,
        ge=4,
        le=MAX_INT32,
        description="Candidates considered while building; more gives better recall and a slower build. "
        "A change rebuilds the index.",
    )
    ef: int = Field(
        default=-1,
        ge=-1,
        le=MAX_INT32,
        description="Candidates considered while searching; -1 lets Weaviate derive it from dynamicEf.",
    )
    dynamic_ef: DynamicEf = Field(default_factory=DynamicEf, description="How ef follows the query when ef is -1.")
    flat_search_cutoff: int = Field(
        default=40_000,
        ge=0,
        le=MAX_INT32,
        description="Filters that match fewer objects than this are searched by brute force.",
    )
    filter_strategy: Literal["acorn", "sweeping"] = Field(
        default="acorn", description="How filtered searches walk the graph."
    )
    vector_cache_max_objects: int = Field(
        default=UNLIMITED_CACHE, ge=0, le=UNLIMITED_CACHE, description="Most vectors kept in memory."
    )
    cleanup_interval_seconds: int = Field(
        default=300,
        ge=0,
        le=MAX_INT32,
        description="Seconds between clean-ups of deleted nodes; 0 turns them off. A change rebuilds the index.",
    )

    rules = (
        Rule(
            "self.ef != 0",
            lambda it: it.ef != 0,
            "hnsw.ef must be -1 (derived from dynamicEf) or at least 1",
            "ef",
        ),
    )


class FlatSettings(SpecModel):
    """The flat index: every search compares all vectors; for small collections and tenants."""

    vector_cache_max_objects: int = Field(
        default=UNLIMITED_CACHE,
        ge=0,
        le=UNLIMITED_CACHE,
        description="Most compressed vectors kept in memory, where quantization has a cache.",
    )


class DynamicSettings(SpecModel):
    """The dynamic index: flat at first, HNSW from a threshold on; needs ASYNC_INDEXING=true on the server."""

    threshold: int = Field(
        default=10_000, ge=1, le=MAX_INT32, description="Objects of a shard or tenant from which on the index is HNSW."
    )
