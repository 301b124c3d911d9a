from typing import Any

import pytest

from hirag_operator.plan.collection.vectorindex import QUANTIZERS, vector_index
from tests.operator.plan.objects import policy

OFF = {name: {"enabled": False} for name in QUANTIZERS}
GRAPH = {
    "maxConnections": 32,
    "efConstruction": 128,
    "ef": -1,
    "dynamicEfMin": 100,
    "dynamicEfMax": 500,
    "dynamicEfFactor": 8,
    "flatSearchCutoff": 40_000,
    "filterStrategy": "acorn",
    "vectorCacheMaxObjects": 1_000_000_000_000,
    "cleanupIntervalSeconds": 300,
}
PLAIN = {**OFF, "skipDefaultQuantization": True}
FLAT = {"distance": "cosine", "vectorCacheMaxObjects": 1_000_000_000_000}


def on(name: str, **settings: Any) -> dict[str, Any]:
    return {**PLAIN, name: {"enabled": True, **settings}}


def quantized(name: str, index_type: str = "hnsw", **settings: Any) -> dict[str, Any]:
    return {"indexType": index_type, "quantization": {"type": name, **({name: settings} if settings else {})}}


PQ = {"centroids": 256, "trainingLimit": 100_000, "encoder": {"type": "kmeans", "distribution": "log-normal"}}
COSINE = {"distance": "cosine"}


@pytest.mark.parametrize(
    ("spec", "index_type", "config"),
    [
        pytest.param({}, "hnsw", {**COSINE, **GRAPH, **PLAIN}, id="defaults are stated, every one"),
        pytest.param({"distance": "dot"}, "hnsw", {"distance": "dot", **GRAPH, **PLAIN}, id="another distance"),
        pytest.param(
            {
                "hnsw": {
                    "maxConnections": 16,
                    "efConstruction": 64,
                    "ef": 80,
                    "dynamicEf": {"min": 10, "max": 90, "factor": 3},
                    "flatSearchCutoff": 0,
                    "filterStrategy": "sweeping",
                    "vectorCacheMaxObjects": 1000,
                    "cleanupIntervalSeconds": 0,
                }
            },
            "hnsw",
            {
                **COSINE,
                "maxConnections": 16,
                "efConstruction": 64,
                "ef": 80,
                "dynamicEfMin": 10,
                "dynamicEfMax": 90,
                "dynamicEfFactor": 3,
                "flatSearchCutoff": 0,
                "filterStrategy": "sweeping",
                "vectorCacheMaxObjects": 1000,
                "cleanupIntervalSeconds": 0,
                **PLAIN,
            },
            id="every setting of the graph",
        ),
        pytest.param(quantized("pq"), "hnsw", {**COSINE, **GRAPH, **on("pq", **PQ)}, id="pq whose segments are chosen"),
        pytest.param(
            quantized("pq", segments=96, centroids=64, trainingLimit=10, encoder={"type": "tile"}),
            "hnsw",
            {
                **COSINE,
                **GRAPH,
                **on(
                    "pq",
                    segments=96,
                    centroids=64,
                    trainingLimit=10,
                    encoder={"type": "tile", "distribution": "log-normal"},
                ),
            },
            id="pq with every setting",
        ),
        pytest.param(quantized("bq"), "hnsw", {**COSINE, **GRAPH, **on("bq")}, id="bq on a graph has no settings"),
        pytest.param(
            quantized("sq"), "hnsw", {**COSINE, **GRAPH, **on("sq", trainingLimit=100_000, rescoreLimit=20)}, id="sq"
        ),
        pytest.param(
            quantized("rq"), "hnsw", {**COSINE, **GRAPH, **on("rq", bits=8, rescoreLimit=20)}, id="rq of a byte"
        ),
        pytest.param(
            quantized("rq", bits=1), "hnsw", {**COSINE, **GRAPH, **on("rq", bits=1, rescoreLimit=512)}, id="rq of a bit"
        ),
        pytest.param(
            quantized("rq", rescoreLimit=0),
            "hnsw",
            {**COSINE, **GRAPH, **on("rq", bits=8, rescoreLimit=0)},
            id="rq that compares nothing again",
        ),
        pytest.param({"indexType": "flat"}, "flat", {**FLAT, **PLAIN}, id="a flat index"),
        pytest.param(
            quantized("bq", "flat", cache=True, rescoreLimit=50),
            "flat",
            {**FLAT, **on("bq", cache=True, rescoreLimit=50)},
            id="a flat index with bq",
        ),
        pytest.param(
            quantized("rq", "flat"), "flat", {**FLAT, **on("rq", bits=8, cache=False)}, id="a flat index with rq"
        ),
        pytest.param(
            {"indexType": "dynamic", "dynamic": {"threshold": 5000}},
            "dynamic",
            {**COSINE, "threshold": 5000, "hnsw": {**COSINE, **GRAPH, **PLAIN}, "flat": {**FLAT, **PLAIN}},
            id="a dynamic index has both",
        ),
        pytest.param(
            quantized("bq", "dynamic", cache=True),
            "dynamic",
            {
                **COSINE,
                "threshold": 10_000,
                "hnsw": {**COSINE, **GRAPH, **on("bq")},
                "flat": {**FLAT, **on("bq", cache=True)},
            },
            id="a dynamic index with bq compresses both",
        ),
        pytest.param(
            quantized("pq", "dynamic"),
            "dynamic",
            {
                **COSINE,
                "threshold": 10_000,
                "hnsw": {**COSINE, **GRAPH, **on("pq", **PQ)},
                "flat": {**FLAT, **PLAIN},
            },
            id="a dynamic index with pq compresses its graph alone",
        ),
    ],
)
def test_a_policy_states_the_whole_configuration(spec: dict[str, Any], index_type: str, config: dict[str, Any]) -> None:
    assert vector_index(policy(spec).spec) == (index_type, config)
