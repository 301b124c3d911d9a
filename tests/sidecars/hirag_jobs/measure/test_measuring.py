"""Indexes of a real Weaviate, measured by the program."""

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.measure.distances import DISTANCES
from tests.sidecars.hirag_jobs.measure.vectors import Vectors, make_vectors, random_vectors

MISSED = 3


@pytest.mark.parametrize("distance", DISTANCES)
@pytest.mark.parametrize("vector", [None, "body"], ids=["unnamed", "named"])
def test_brute_force_finds_all_by_every_distance(
    weaviate_server: WeaviateServer, distance: str, vector: str | None
) -> None:
    values = random_vectors(800, 48)
    if distance == "hamming":
        values = np.sign(values)
    with make_vectors(weaviate_server, "flat", vector=vector, settings={"distance": distance}) as made:
        made.fill([*values, None, None])
        ran = made.measure("--sample-size", "40")
    assert ran.status == 0, ran.said
    assert (ran.report["distance"], ran.report["vector"], ran.report["index_type"]) == (distance, vector, "flat")
    assert {key: ran.only[key] for key in ("objects", "vectors", "without_vector", "dimensions", "queries")} == {
        "objects": 802,
        "vectors": 800,
        "without_vector": 2,
        "dimensions": 48,
        "queries": 40,
    }
    assert (ran.only["recall"]["mean"], ran.only["recall"]["lowest"], ran.only["vanished"]) == (1.0, 1.0, 0)


@pytest.fixture(scope="module")
def poor(weaviate_server: WeaviateServer) -> Iterator[Vectors]:
    """An index with too few links, searched with too few candidates."""
    settings = {"distance": "cosine", "maxConnections": 4, "efConstruction": 4, "ef": 4}
    with make_vectors(weaviate_server, settings=settings) as made:
        made.fill(random_vectors(4000, 64))
        yield made


def test_a_poor_index_misses_and_more_candidates_find_more(poor: Vectors) -> None:
    recalls = []
    for ef in (11, 64, 512):
        poor.change(ef=ef)
        ran = poor.measure()
        assert ran.status == 0, ran.said
        assert ran.report["index_settings"]["ef"] == ef
        recalls.append(ran.only["recall"]["mean"])
    assert recalls == sorted(recalls)
    assert recalls[0] + 0.1 < recalls[2] < 1.0


def test_what_is_missed_is_said_and_ends_with_a_status_of_its_own(poor: Vectors, tmp_path: Path) -> None:
    poor.change(ef=11)
    file = tmp_path / "report.json"
    ran = poor.measure("--min-recall", "0.99", "--max-p95-ms", "0.000001", "--report", str(file))
    assert ran.status == MISSED
    assert len(ran.report["missed"]) == 2
    assert all(f"missed: {sentence}" in ran.said for sentence in ran.report["missed"])
    assert json.loads(file.read_text()) == ran.report
    assert poor.measure("--min-recall", "0", "--max-p95-ms", "60000").status == 0


def test_the_same_seed_measures_the_same_queries(poor: Vectors) -> None:
    poor.change(ef=11)
    first, again, other = (poor.measure("--seed", seed).only["recall"]["each"] for seed in ("7", "7", "8"))
    assert first == again
    assert first != other


def test_every_round_is_timed_and_searches_may_run_side_by_side(poor: Vectors) -> None:
    ran = poor.measure("--sample-size", "10", "--rounds", "3", "--concurrency", "4", "--warm-up", "25")
    latency = ran.only["latency"]
    assert (latency["searches"], latency["concurrency"], ran.only["queries"]) == (30, 4, 10)
    for figures in (latency["server"], latency["client"]):
        assert 0 < figures["p50"] <= figures["p95"] <= figures["p99"] <= figures["slowest"]


def test_health_and_memory_stand_beside_it(poor: Vectors) -> None:
    ran = poor.measure("--await-queue", "60")
    assert ran.only["health"]["queue"] == 0
    [shard] = ran.only["health"]["shards"]
    assert (shard["status"], shard["compressed"], shard["loaded"]) == ("READY", False, True)
    memory = ran.only["memory"]
    assert memory["vectors_bytes"] == 4000 * (64 * 4 + 24)
    assert memory["total_bytes"] == memory["vectors_bytes"] + memory["graph_bytes"]
    assert ran.report["warnings"] == []


def test_a_collection_is_measured_by_its_own_name_too(poor: Vectors) -> None:
    ran = poor.measure(by=("--collection", poor.name))
    assert (ran.status, ran.report["alias"], ran.report["collection"]) == (0, None, poor.name)
    refused = poor.measure(by=("--collection", poor.alias))
    assert refused.status == 2
    assert "name it by --alias" in refused.said


def test_tenants_are_measured_each_by_itself(weaviate_server: WeaviateServer) -> None:
    with make_vectors(weaviate_server, "flat", tenants=["acme", "globex"]) as made:
        made.fill(random_vectors(50, 8), tenant="acme")
        made.fill(random_vectors(70, 8, seed=2), tenant="globex")
        ran = made.measure("--tenant", "globex,acme")
        assert [(one["tenant"], one["vectors"]) for one in ran.report["measurements"]] == [
            ("globex", 70),
            ("acme", 50),
        ]
        assert [[shard["shard"] for shard in one["health"]["shards"]] for one in ran.report["measurements"]] == [
            ["globex"],
            ["acme"],
        ]
        assert {one["recall"]["mean"] for one in ran.report["measurements"]} == {1.0}
        assert "name one by --tenant" in made.measure().said
        assert "has no tenant umbrella" in made.measure("--tenant", "acme,umbrella").said


@pytest.mark.parametrize("count", [2, 7])
def test_with_fewer_objects_than_neighbours_all_others_are_neighbours(
    weaviate_server: WeaviateServer, count: int
) -> None:
    with make_vectors(weaviate_server) as made:
        made.fill(random_vectors(count, 8))
        ran = made.measure()
    assert (ran.status, ran.only["queries"], ran.only["recall"]["mean"]) == (0, count, 1.0)


def test_ids_that_lie_close_together_are_sampled_all_the_same(weaviate_server: WeaviateServer) -> None:
    with make_vectors(weaviate_server, "flat") as made:
        made.fill(random_vectors(300, 8), [str(UUID(int=2**100 + place)) for place in range(300)])
        first, again = (made.measure("--sample-size", "50").only for _ in range(2))
    assert (first["queries"], first["recall"]) == (50, again["recall"])


def test_copies_of_a_vector_are_equally_right(weaviate_server: WeaviateServer) -> None:
    one = random_vectors(1, 16)[0]
    with make_vectors(weaviate_server) as made:
        made.fill([one] * 60)
        assert made.measure("--k", "5").only["recall"]["lowest"] == 1.0


@pytest.mark.parametrize("quantizer", ["bq", "rq"])
def test_a_quantizer_that_is_at_work_is_in_the_figures(weaviate_server: WeaviateServer, quantizer: str) -> None:
    with make_vectors(weaviate_server, settings={quantizer: {"enabled": True}}) as made:
        made.fill(random_vectors(300, 128))
        ran = made.measure()
    assert ran.only["health"]["compressed"]
    assert ran.only["memory"]["quantizer"] == quantizer
    assert ran.only["memory"]["vectors_bytes"] < 300 * 128 * 4


def test_more_shards_are_searched_and_scanned_as_one(weaviate_server: WeaviateServer) -> None:
    with make_vectors(weaviate_server, "flat", shardingConfig={"desiredCount": 3}) as made:
        made.fill(random_vectors(500, 8))
        ran = made.measure()
    assert len(ran.only["health"]["shards"]) == 3
    assert (ran.only["vectors"], ran.only["recall"]["mean"]) == (500, 1.0)
