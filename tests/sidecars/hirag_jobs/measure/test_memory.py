"""The estimate counts what Weaviate's source holds for each object."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.measure.memory import Memory, estimate, graph_bytes

HNSW = {"maxConnections": 32, "vectorCacheMaxObjects": 10**12}
FLAT = {"vectorCacheMaxObjects": 10**12}


def of(
    settings: dict[str, Any], index_type: str = "hnsw", *, vectors: int = 1000, dimensions: int = 384, shards: int = 1
) -> Memory:
    return estimate(index_type, settings, vectors=vectors, dimensions=dimensions, shards=shards, compressed=True)


@pytest.mark.parametrize(
    ("quantizer", "dimensions", "each"),
    [
        ({}, 384, 4 * 384),
        ({"pq": {"enabled": True, "segments": 48, "centroids": 256}}, 384, 48),
        ({"pq": {"enabled": True, "segments": 0, "centroids": 256}}, 100, 50),
        ({"pq": {"enabled": True, "segments": 0, "centroids": 256}}, 384, 96),
        ({"pq": {"enabled": True, "segments": 0, "centroids": 256}}, 768, 128),
        ({"pq": {"enabled": True, "segments": 0, "centroids": 256}}, 4096, 512),
        ({"pq": {"enabled": True, "segments": 0, "centroids": 256}}, 7, 7),
        ({"bq": {"enabled": True}}, 384, 48),
        ({"bq": {"enabled": True}}, 65, 16),
        ({"sq": {"enabled": True}}, 384, 392),
        ({"rq": {"enabled": True, "bits": 8}}, 384, 400),
        ({"rq": {"enabled": True, "bits": 8}}, 65, 144),
        ({"rq": {"enabled": True, "bits": 1}}, 384, 56),
        ({"rq": {"enabled": True, "bits": 1}}, 64, 40),
    ],
)
def test_a_vector_takes_what_its_quantizer_makes_of_it(quantizer: dict[str, Any], dimensions: int, each: int) -> None:
    found = of(HNSW | quantizer, dimensions=dimensions)
    assert found.vectors_bytes == 1000 * (each + 24)
    assert found.total_bytes == found.vectors_bytes + found.graph_bytes + found.codebook_bytes


def test_a_product_quantizer_keeps_a_codebook_for_each_shard() -> None:
    settings = HNSW | {"pq": {"enabled": True, "segments": 96, "centroids": 256}}
    assert of(settings).codebook_bytes == 4 * (256 * 384 + 96 * 256 * 256)
    assert of(settings, shards=3).codebook_bytes == 3 * of(settings).codebook_bytes


def test_a_quantizer_that_is_not_at_work_yet_saves_nothing() -> None:
    settings = HNSW | {"sq": {"enabled": True}}
    waiting = estimate("hnsw", settings, vectors=10, dimensions=8, shards=1, compressed=False)
    assert (waiting.quantizer, waiting.vectors_bytes) == ("none", 10 * (32 + 24))


def test_a_cache_that_is_limited_keeps_no_more() -> None:
    assert of(HNSW | {"vectorCacheMaxObjects": 100}).vectors_bytes == 100 * (4 * 384 + 24)


@pytest.mark.parametrize(
    ("settings", "held"),
    [
        (FLAT, 0),
        (FLAT | {"bq": {"enabled": True, "cache": False}}, 0),
        (FLAT | {"bq": {"enabled": True, "cache": True}}, 1000 * (48 + 24)),
    ],
)
def test_a_flat_index_reads_from_disk_what_it_does_not_cache(settings: dict[str, Any], held: int) -> None:
    found = of(settings, "flat")
    assert (found.vectors_bytes, found.graph_bytes, found.graph) == (held, 0, False)


def test_a_dynamic_index_is_a_graph_from_its_threshold_on() -> None:
    settings = {"threshold": 1000, "hnsw": HNSW, "flat": FLAT}
    assert of(settings, "dynamic", vectors=999).total_bytes == 0
    assert of(settings, "dynamic", vectors=1000) == of(HNSW, vectors=1000)
    assert not of(settings, "dynamic", vectors=1999, shards=2).graph


def test_a_link_takes_as_many_bytes_as_the_ids_need() -> None:
    small, large = graph_bytes(2**16, 32) / 2**16, graph_bytes(2**16 + 2, 32) / (2**16 + 2)
    assert large - small == pytest.approx(2 * 32 + 32 / 31, abs=0.01)
    assert graph_bytes(2**17, 32, shards=2) == pytest.approx(2 * graph_bytes(2**16, 32), abs=2)


@given(vectors=st.integers(0, 10**9), connections=st.integers(4, 2047))
def test_a_graph_grows_with_its_nodes_and_their_links(vectors: int, connections: int) -> None:
    here = graph_bytes(vectors, connections)
    assert graph_bytes(vectors + 1, connections) > here
    assert here >= vectors * 2 * connections * 2
    assert graph_bytes(vectors, connections + 1) >= here
