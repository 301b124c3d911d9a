"""Updates of quantized indexes on a real Weaviate: searches find as much afterwards as before, whatever was inside."""

import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.errors import TooEarly
from hirag_operator.plan.steps import AddProperty, CreateTenants, SetTenantStates, UpdateCollection
from tests.operator.adapters.levels import Levels

Vectors = NDArray[np.float32]

DIMENSIONS, OBJECTS, QUERIES, NEIGHBOURS = 384, 400, 10, 10
LEAST_RECALL, SPOILT_RECALL = 0.9, 0.6  # of 10 neighbours; a spoilt index finds 2 or 3
BYTE = {"quantization": {"type": "rq"}}
BIT = {"quantization": {"type": "rq", "rq": {"bits": 1}}}
EF = {"vectorIndexConfig": {"ef": 200}}
TENANTS = {"multiTenancy": {"enabled": True, "tenants": [{"name": "full"}, {"name": "empty"}, {"name": "away"}]}}


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    """Vectors of length 1 around one centre: neighbours that a few of their dimensions do not tell apart."""
    random = np.random.default_rng(7)
    made = random.normal(size=DIMENSIONS) + 0.8 * random.normal(size=(OBJECTS, DIMENSIONS))
    unit: Vectors = (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)
    return unit


class Data:
    """Writes objects and measures how many of their true neighbours a search finds."""

    def __init__(self, server: WeaviateServer, vectors: Vectors) -> None:
        self.url = f"{server.http_url}/v1"
        self.vectors = vectors

    def write(self, collection: str, count: int = OBJECTS, **where: str) -> None:
        objects = [
            {"class": collection, "properties": {"chunkIndex": n}, "vector": vector.tolist(), **where}
            for n, vector in enumerate(self.vectors[:count])
        ]
        answer = httpx.post(f"{self.url}/batch/objects", json={"objects": objects}, timeout=60).raise_for_status()
        assert not [one for one in answer.json() if one["result"].get("errors")]

    def recall(self, collection: str, tenant: str = "") -> float:
        random = np.random.default_rng(11)
        picked = self.vectors[random.integers(0, OBJECTS, QUERIES)]
        queries = picked + 0.02 * random.normal(size=picked.shape)
        return float(np.mean([self._found(collection, tenant, query) for query in queries]))

    def _found(self, collection: str, tenant: str, query: Vectors) -> float:
        true = set(np.argsort(-(self.vectors @ query))[:NEIGHBOURS].tolist())
        where = f'tenant:"{tenant}",' if tenant else ""
        asked = f"{where}nearVector:{{vector:{json.dumps(query.tolist())}}},limit:{NEIGHBOURS}"
        body = {"query": f"{{Get{{{collection}({asked}){{chunkIndex}}}}}}"}
        answer = httpx.post(f"{self.url}/graphql", json=body, timeout=60).json()
        assert not answer.get("errors"), answer
        return len(true & {one["chunkIndex"] for one in answer["data"]["Get"][collection]}) / NEIGHBOURS


@pytest.fixture
def data(weaviate_server: WeaviateServer, vectors: Vectors) -> Data:
    return Data(weaviate_server, vectors)


def test_the_server_would_spoil_an_empty_index_by_an_update(levels: Levels, data: Data) -> None:
    level = levels.wanted(index=BYTE)
    levels.bring_about(level)
    url = f"{data.url}/schema/{level.collection}"
    httpx.put(url, json={**levels.live(level), "description": "changed by hand"}, timeout=30).raise_for_status()
    data.write(level.collection)
    assert data.recall(level.collection) < SPOILT_RECALL  # when it does not, `quantizers.py` has had its day


@pytest.mark.parametrize("index", [BYTE, BIT], ids=["a byte", "a bit"])
def test_an_empty_index_is_not_changed_before_its_first_object(
    levels: Levels, data: Data, index: dict[str, object]
) -> None:
    level = levels.wanted(index=index)
    levels.bring_about(level)
    before = levels.live(level)
    step = UpdateCollection(level.collection, EF, ())
    with pytest.raises(TooEarly, match="a shard of it is empty"):
        levels.adapter.apply(step)
    assert levels.live(level) == before
    data.write(level.collection, 1)
    levels.adapter.apply(step)
    data.write(level.collection)
    assert levels.live(level)["vectorIndexConfig"]["ef"] == 200
    assert data.recall(level.collection) > LEAST_RECALL


@pytest.mark.parametrize(
    "index",
    [
        pytest.param({"quantization": {"type": "none"}}, id="none"),
        pytest.param({"quantization": {"type": "sq"}}, id="sq"),
        pytest.param({"quantization": {"type": "pq", "pq": {"segments": 96}}}, id="pq"),
        pytest.param({"indexType": "flat", "quantization": {"type": "rq"}}, id="rq on the flat index"),
    ],
)
def test_an_empty_index_of_another_kind_takes_an_update_unharmed(
    levels: Levels, data: Data, index: dict[str, object]
) -> None:
    level = levels.wanted(index=index)
    levels.bring_about(level)
    levels.adapter.apply(UpdateCollection(level.collection, {"invertedIndexConfig": {"bm25": {"b": 0.5}}}, ()))
    data.write(level.collection)
    assert data.recall(level.collection) > LEAST_RECALL


def test_empty_tenants_are_put_away_while_their_collection_changes(levels: Levels, data: Data) -> None:
    level = levels.wanted(TENANTS, index=BYTE)
    levels.bring_about(level)
    levels.adapter.apply(AddProperty(level.collection, {"name": "author", "dataType": ["text"]}))
    data.write(level.collection, tenant="full")
    levels.adapter.apply(UpdateCollection(level.collection, EF, ()))
    assert set(levels.adapter.observe_level(level, fresh=True).tenants or {}) == {"full", "empty", "away"}
    assert set((levels.adapter.observe_level(level, fresh=True).tenants or {}).values()) == {"HOT"}
    for tenant in ("empty", "away"):
        data.write(level.collection, tenant=tenant)
    assert levels.live(level)["vectorIndexConfig"]["ef"] == 200
    assert min(data.recall(level.collection, tenant) for tenant in ("full", "empty", "away")) > LEAST_RECALL


def test_empty_tenants_are_spared_whoever_else_changes_the_collection_or_its_tenants(
    levels: Levels, data: Data
) -> None:
    level = levels.wanted(TENANTS, index=BYTE)
    levels.bring_about(level)
    name, adapter = level.collection, levels.adapter
    late = [f"late{number}" for number in range(4)]
    steps = [
        *(UpdateCollection(name, {"vectorIndexConfig": {"ef": 100 + number}}, ()) for number in range(4)),
        *(CreateTenants(name, {tenant: "ACTIVE"}) for tenant in late),
        *(SetTenantStates(name, {tenant: "ACTIVE"}) for tenant in ("full", "empty", "away") * 2),
    ]
    with ThreadPoolExecutor(max_workers=len(steps)) as threads:
        list(threads.map(adapter.apply, steps))
    tenants = ("full", "empty", "away", *late)
    for tenant in tenants:
        data.write(name, tenant=tenant)
    assert min(data.recall(name, tenant) for tenant in tenants) > LEAST_RECALL


def test_a_property_is_added_to_an_empty_index_unharmed(levels: Levels, data: Data) -> None:
    level = levels.wanted(index=BYTE)
    levels.bring_about(level)
    levels.adapter.apply(AddProperty(level.collection, {"name": "author", "dataType": ["text"]}))
    data.write(level.collection)
    assert data.recall(level.collection) > LEAST_RECALL


def test_rescoring_is_minded_by_the_next_search(levels: Levels, data: Data) -> None:
    level = levels.wanted(index=BIT)
    levels.bring_about(level)
    data.write(level.collection)
    good = data.recall(level.collection)
    for limit, as_good in ((0, False), (512, True)):
        change = {"vectorIndexConfig": {"rq": {"rescoreLimit": limit}}}
        levels.adapter.apply(UpdateCollection(level.collection, change, ()))
        assert (data.recall(level.collection) >= good) is as_good
