"""The operator and hirag-jobs estimate the memory of an index alike, and neither knows the other's code."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.measure.memory import estimate
from hirag_operator.plan.collection.indexmemory import memory_bytes

QUANTIZERS = [
    {},
    {"pq": {"enabled": True, "centroids": 128}},
    {"pq": {"enabled": True, "segments": 16}},
    {"bq": {"enabled": True, "cache": True}},
    {"sq": {"enabled": True}},
    {"rq": {"enabled": True, "bits": 8}},
    {"rq": {"enabled": True, "bits": 1, "cache": True}},
]
graphs = st.builds(
    lambda quantizer, most, cache: {**quantizer, "maxConnections": most, "vectorCacheMaxObjects": cache},
    st.sampled_from(QUANTIZERS),
    st.integers(4, 512),
    st.integers(0, 10**12),
)


@given(
    st.sampled_from(["hnsw", "flat", "dynamic"]),
    graphs,
    st.integers(0, 10**8),
    st.integers(1, 4096),
    st.integers(1, 12),
    st.integers(1, 10**6),
)
def test_both_come_to_the_same(
    kind: str, settings: dict[str, Any], vectors: int, dimensions: int, shards: int, threshold: int
) -> None:
    if kind == "dynamic":
        settings = {"threshold": threshold, "hnsw": settings, "flat": settings}
    theirs = estimate(kind, settings, vectors=vectors, dimensions=dimensions, shards=shards, compressed=True)
    assert memory_bytes(kind, settings, vectors, dimensions, shards) == theirs.total_bytes
