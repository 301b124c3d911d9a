"""Vectors that wait to be indexed are told, and can be waited for."""

from collections.abc import Iterator

import pytest

from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.sidecars.hirag_jobs.measure.vectors import make_vectors, random_ids, random_vectors


@pytest.fixture(scope="module")
def tardy(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    """It would index behind the writes, and does not begin while a test lasts."""
    with WeaviateServer(toolchain, env={"ASYNC_INDEXING": "true", "ASYNC_INDEXING_STALE_TIMEOUT": "1h"}) as server:
        yield server


@pytest.fixture(scope="module")
def prompt(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    """It indexes soon behind the writes."""
    with WeaviateServer(toolchain, env={"ASYNC_INDEXING": "true", "ASYNC_INDEXING_STALE_TIMEOUT": "1s"}) as server:
        yield server


def test_a_queue_is_told_and_not_waited_for_longer_than_asked(tardy: WeaviateServer) -> None:
    with make_vectors(tardy) as made:
        made.fill(random_vectors(500, 16))
        told = made.measure()
        impatient = made.measure("--await-queue", "0.01")
    assert told.only["health"]["queue"] == 500
    assert told.only["recall"]["mean"] == 0.0
    assert "500 vectors of" in told.report["warnings"][0]
    assert f"warning: {told.report['warnings'][0]}" in told.said
    assert (impatient.status, impatient.report) == (1, {})
    assert "500 vectors still wait to be indexed after 0.01 s" in impatient.said


def test_a_queue_is_waited_for(prompt: WeaviateServer) -> None:
    with make_vectors(prompt) as made:
        made.fill(random_vectors(500, 16))
        waited = made.measure("--await-queue", "120")
    assert (waited.status, waited.only["health"]["queue"], waited.report["warnings"]) == (0, 0, [])
    assert waited.only["recall"]["mean"] > 0.9


def test_a_dynamic_index_is_measured_on_both_sides_of_its_threshold(prompt: WeaviateServer) -> None:
    with make_vectors(prompt, "dynamic", settings={"threshold": 300, "hnsw": {"maxConnections": 16}}) as made:
        made.fill(random_vectors(100, 16))
        flat = made.measure("--await-queue", "120").only
        made.fill(random_vectors(400, 16, seed=2), random_ids(400, seed=2))
        graph = made.measure("--await-queue", "120").only
    assert (flat["memory"]["graph"], flat["recall"]["mean"]) == (False, 1.0)
    assert (graph["memory"]["graph"], graph["vectors"]) == (True, 500)
