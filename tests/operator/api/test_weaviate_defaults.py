"""Our defaults and bounds of index settings are those of a real Weaviate."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.api.collection_layout import Replication
from hirag_operator.api.collection_schema import Bm25, Property, Stopwords
from hirag_operator.api.index_settings import DynamicSettings, FlatSettings, HnswSettings
from hirag_operator.api.quantization import (
    BinaryQuantization,
    ProductQuantization,
    RotationalQuantization,
    ScalarQuantization,
)

Wire = dict[str, Any]
CLASS = "HiragDefaults"


@pytest.fixture
def weaviate(weaviate_server: WeaviateServer) -> Iterator[httpx.Client]:
    with client_of(weaviate_server) as client:
        yield client


@pytest.fixture(scope="module")
def asynchronous_server(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    with WeaviateServer(toolchain, env={"ASYNC_INDEXING": "true"}) as server:
        yield server


@pytest.fixture
def asynchronous(asynchronous_server: WeaviateServer) -> Iterator[httpx.Client]:
    """A Weaviate that has the dynamic index."""
    with client_of(asynchronous_server) as client:
        yield client


@contextmanager
def client_of(server: WeaviateServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{server.http_url}/v1", timeout=60) as client:
        yield client
        client.delete(f"/schema/{CLASS}").raise_for_status()


def created(weaviate: httpx.Client, **settings: Any) -> Wire:
    """A class with these settings as the server completes it."""
    weaviate.post("/schema", json={"class": CLASS, "vectorizer": "none", **settings}).raise_for_status()
    completed: Wire = weaviate.get(f"/schema/{CLASS}").raise_for_status().json()
    return completed


def test_the_graph_has_weaviates_defaults(weaviate: httpx.Client) -> None:
    theirs = created(weaviate)["vectorIndexConfig"]

    ours = HnswSettings().to_wire()
    dynamic_ef = ours.pop("dynamicEf")
    assert ours == {name: theirs[name] for name in ours}
    assert dynamic_ef == {name.lower(): theirs[f"dynamicEf{name}"] for name in ("Min", "Max", "Factor")}
    assert theirs["distance"] == "cosine"


@pytest.mark.parametrize(
    ("quantizer", "ours"),
    [("pq", ProductQuantization()), ("sq", ScalarQuantization()), ("rq", RotationalQuantization())],
    ids=["pq", "sq", "rq"],
)
def test_a_quantizer_has_weaviates_defaults(
    quantizer: str, ours: ProductQuantization | ScalarQuantization | RotationalQuantization, weaviate: httpx.Client
) -> None:
    theirs = created(weaviate)["vectorIndexConfig"][quantizer]

    declared = {name: value for name, value in ours.to_wire().items() if name != "cache"}
    assert declared == {name: theirs[name] for name in declared}


def test_the_flat_index_has_weaviates_defaults(weaviate: httpx.Client) -> None:
    theirs = created(weaviate, vectorIndexType="flat")["vectorIndexConfig"]

    assert FlatSettings().vector_cache_max_objects == theirs["vectorCacheMaxObjects"]
    assert BinaryQuantization().cache == theirs["bq"]["cache"]


@pytest.mark.parametrize("quantizer", ["pq", "sq"])
def test_the_dynamic_index_has_weaviates_threshold_and_takes_a_quantizer_for_the_graph_alone(
    quantizer: str, asynchronous: httpx.Client
) -> None:
    graph = {"hnsw": {quantizer: {"enabled": True}}}

    theirs = created(asynchronous, vectorIndexType="dynamic", vectorIndexConfig=graph)["vectorIndexConfig"]

    assert DynamicSettings().threshold == theirs["threshold"]
    assert theirs["hnsw"][quantizer]["enabled"]
    assert not theirs["flat"][quantizer]["enabled"]


def test_keywords_and_replicas_have_weaviates_defaults(weaviate: httpx.Client) -> None:
    theirs = created(weaviate)

    assert Bm25().to_wire() == theirs["invertedIndexConfig"]["bm25"]
    assert Stopwords().preset == theirs["invertedIndexConfig"]["stopwords"]["preset"]
    assert Replication().to_wire() == {
        name: theirs["replicationConfig"][name] for name in ("factor", "asyncEnabled", "deletionStrategy")
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"maxConnections": 3},
        {"maxConnections": 2048},
        {"efConstruction": 3},
        {"filterStrategy": "other"},
        {"rq": {"enabled": True, "bits": 4}},
    ],
    ids=str,
)
def test_weaviate_refuses_what_our_bounds_refuse(settings: Wire, weaviate: httpx.Client) -> None:
    # An unknown distance is not among them: Weaviate takes it and fails later, so our enumeration is the only guard.
    response = weaviate.post("/schema", json={"class": CLASS, "vectorizer": "none", "vectorIndexConfig": settings})

    assert response.is_client_error or response.is_server_error, response.text


@pytest.mark.parametrize("quantizer", ["pq", "sq"])
def test_weaviate_refuses_quantizers_that_the_flat_index_has_not(quantizer: str, weaviate: httpx.Client) -> None:
    flat = {"vectorIndexType": "flat", "vectorIndexConfig": {quantizer: {"enabled": True}}}

    response = weaviate.post("/schema", json={"class": CLASS, "vectorizer": "none", **flat})

    assert response.status_code == httpx.codes.UNPROCESSABLE_ENTITY


def test_weaviate_takes_every_data_type_and_the_longest_name(weaviate: httpx.Client) -> None:
    field = Property.model_fields["data_type"].annotation
    types = list(getattr(field, "__args__", ()))
    properties = [{"name": f"p{index}", "dataType": [data_type]} for index, data_type in enumerate(types)]

    completed = created(weaviate, properties=[*properties, {"name": "p" * 231, "dataType": ["text"]}])

    assert len(completed["properties"]) == len(types) + 1
