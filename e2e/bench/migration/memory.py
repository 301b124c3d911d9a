"""What a Weaviate takes in memory for one collection, by quantizer, and what its index finds; a server for each.

Garbage is most of what a server holds when it has just been filled, so its memory is told when it has come to rest, and
how much it was at its most beside it.

Vectors lie in clusters, as texts on some hundred subjects do: of points without any structure no index finds much.
"""

import contextlib
import io
import json
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx
import numpy as np

from e2e.bench.migration.copies import await_index, shards
from e2e.bench.migration.report import Report
from e2e.bench.migration.ways import DIMENSIONS, Vectors, fill
from e2e.bench.process import usage
from e2e.cluster.namespace import eventually
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_jobs.main import main as hirag_jobs
from hirag_operator.api import HNSWIndexPolicySpec
from hirag_operator.plan.collection.vectorindex import vector_index

QUANTIZERS = ("none", "pq", "bq", "sq", "rq")
REST_SECONDS = 150.0
"""Go collects garbage every two minutes at the latest, and gives memory back behind that."""
_LOOK_SECONDS = 1.0
_SAME = 0.98  # of what it was: memory that has not fallen below is taken for unchanged
_ENVIRONMENT = {"ASYNC_INDEXING": "true"}  # without it a quantizer that is trained waits for somebody to ask for it
_COMPRESSED_SECONDS = 600.0
_GOAL_MB = 1024.0  # of the default policy, with 100,000 objects
_TRAINED_ON = 10_000  # objects, for the quantizers that are trained
_CLUSTERS = 200
_SPREAD = 0.6  # of a point around its centre, which has length 1
_SAMPLE = 200
_SEED = 5


@dataclass(frozen=True)
class Filled:
    """A server's one collection, and what the server took in memory before and while it was filled, in MB."""

    collection: str
    empty: float
    most: float


def measure_memory(tools: Toolchain, count: int, report: Report, rest_seconds: float = REST_SECONDS) -> None:
    """Fill a collection by each quantizer, and tell resident memory, recall@10 and the 95th percentile of a search.

    Args:
        tools: Where Weaviate comes from.
        count: Objects of a collection.
        report: Where figures go.
        rest_seconds: A server is at rest when its memory has not fallen for so long.
    """
    vectors = clustered(count)
    with ExitStack() as stack, TemporaryDirectory() as folder:
        servers = {one: stack.enter_context(WeaviateServer(tools, env=_ENVIRONMENT)) for one in QUANTIZERS}
        filled = {quantizer: _filled(server, quantizer, vectors) for quantizer, server in servers.items()}
        resting = _at_rest(servers, rest_seconds)
        for quantizer, one in filled.items():
            goal = _GOAL_MB if quantizer == "none" else None
            peers = {"empty": one.empty}
            report.add(f"{quantizer}: Weaviate's memory at rest", resting[quantizer], "MB", "lower", goal, peers)
            report.add(f"{quantizer}: Weaviate's memory at its most, while filled", one.most, "MB", "lower")
            found = _measured(servers[quantizer], one.collection, Path(folder) / "report.json")
            report.add(f"{quantizer}: recall@10", found["recall"]["mean"], "", "higher")
            report.add(f"{quantizer}: search p95 by the server's clock", found["latency"]["server"]["p95"], "ms")


def _filled(server: WeaviateServer, quantizer: str, vectors: Vectors) -> Filled:
    print(f"\n{len(vectors)} objects of {DIMENSIONS} dimensions, quantizer {quantizer}", flush=True)
    empty, name = usage(server.pid).resident, _create(server, quantizer)
    with connect(server.http_url, f"127.0.0.1:{server.grpc_port}", None) as client:
        fill(client.collections.use(name), vectors)
    await_index(server, name)
    if quantizer != "none" and len(vectors) > _TRAINED_ON:
        _await_compressed(server, name)
    return Filled(name, empty, usage(server.pid).most_resident)


def _await_compressed(server: WeaviateServer, collection: str) -> None:
    def look() -> list[bool]:
        return [bool(shard["compressed"]) for shard in shards(server, collection)]

    eventually(look, lambda found: bool(found) and all(found), _COMPRESSED_SECONDS)


def _at_rest(servers: Mapping[str, WeaviateServer], seconds: float) -> dict[str, float]:
    """Wait until the resident memory of none has fallen for so long; return that of each, in MB."""
    least = {name: usage(server.pid).resident for name, server in servers.items()}
    since = time.monotonic()
    while time.monotonic() - since < seconds:
        time.sleep(_LOOK_SECONDS)
        now = {name: usage(server.pid).resident for name, server in servers.items()}
        if any(now[name] < least[name] * _SAME for name in servers):
            least, since = now, time.monotonic()
    return {name: usage(server.pid).resident for name, server in servers.items()}


def clustered(count: int) -> Vectors:
    """Points around centres, of length 1: the same each time."""
    chance = np.random.default_rng(_SEED)
    centres = chance.normal(size=(_CLUSTERS, DIMENSIONS)) / np.sqrt(DIMENSIONS)
    points = centres[chance.integers(_CLUSTERS, size=count)]
    points = points + _SPREAD * chance.normal(size=(count, DIMENSIONS)) / np.sqrt(DIMENSIONS)
    units: Vectors = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    return units


def policy(quantizer: str) -> HNSWIndexPolicySpec:
    """The default policy with one of the quantizers."""
    trained = {quantizer: {"trainingLimit": _TRAINED_ON}} if quantizer in {"pq", "sq"} else {}
    return HNSWIndexPolicySpec.model_validate({"quantization": {"type": quantizer, **trained}})


def _create(server: WeaviateServer, quantizer: str) -> str:
    index_type, config = vector_index(policy(quantizer))
    schema: dict[str, Any] = {
        "class": f"Bench_{uuid4().hex}",
        "vectorizer": "none",
        "vectorIndexType": index_type,
        "vectorIndexConfig": config,
        "properties": [
            {"name": "text", "dataType": ["text"]},
            {"name": "title", "dataType": ["text"]},
            {"name": "chunkIndex", "dataType": ["int"]},
        ],
    }
    httpx.post(f"{server.http_url}/v1/schema", json=schema, trust_env=False, timeout=60).raise_for_status()
    return str(schema["class"])


def _measured(server: WeaviateServer, collection: str, file: Path) -> dict[str, Any]:
    arguments = [
        *("measure", "--collection", collection, "--k", "10", "--sample-size", str(_SAMPLE), "--report", str(file)),
        *("--weaviate-http-url", server.http_url, "--weaviate-grpc", f"127.0.0.1:{server.grpc_port}"),
    ]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = hirag_jobs(arguments)
    if status != 0:
        raise RuntimeError(f"hirag-jobs measure ended with {status}: {said.getvalue()}")
    [found] = json.loads(file.read_text())["measurements"]
    return dict(found)
