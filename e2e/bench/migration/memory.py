"""What a Weaviate takes in memory for one collection, by quantizer, and what its index finds; a server for each.

Vectors lie in clusters, as texts on some hundred subjects do: of points without any structure no index finds much.
"""

import contextlib
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import httpx
import numpy as np

from e2e.bench.migration.copies import await_index
from e2e.bench.migration.report import Report
from e2e.bench.migration.ways import DIMENSIONS, Vectors, fill
from e2e.bench.process import usage
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_jobs.main import main as hirag_jobs
from hirag_operator.api import HNSWIndexPolicySpec
from hirag_operator.plan.collection.vectorindex import vector_index

QUANTIZERS = ("none", "pq", "bq", "sq", "rq")
_GOAL_MB = 1024.0  # of the default policy, with 100,000 objects
_TRAINED_ON = 10_000  # objects, for the quantizers that are trained
_CLUSTERS = 200
_SPREAD = 0.6  # of a point around its centre, which has length 1
_SAMPLE = 200
_SEED = 5


def measure_memory(tools: Toolchain, count: int, report: Report) -> None:
    """Fill a collection by each quantizer, and tell resident memory, recall@10 and the 95th percentile of a search."""
    vectors = clustered(count)
    for quantizer in QUANTIZERS:
        print(f"\n{count} objects of {DIMENSIONS} dimensions, quantizer {quantizer}", flush=True)
        with WeaviateServer(tools) as server, TemporaryDirectory() as folder:
            empty = usage(server.pid).resident
            name = _create(server, quantizer)
            with connect(server.http_url, f"127.0.0.1:{server.grpc_port}", None) as client:
                fill(client.collections.use(name), vectors)
            await_index(server, name)
            resident = usage(server.pid).resident
            found = _measured(server, name, Path(folder) / "report.json")
        goal = _GOAL_MB if quantizer == "none" else None
        report.add(f"{quantizer}: Weaviate's resident memory", resident, "MB", "lower", goal, {"empty": empty})
        report.add(f"{quantizer}: recall@10", found["recall"]["mean"], "", "higher")
        report.add(f"{quantizer}: search p95 by the server's clock", found["latency"]["server"]["p95"], "ms", "lower")


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
