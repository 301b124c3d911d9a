"""Copying with vectors: beside inserting from memory and the manual's loop, with both ways of indexing."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import weaviate
from weaviate.classes.config import Configure, DataType, Property
from weaviate.classes.tenants import Tenant
from weaviate.collections import Collection

from e2e.bench.migration.report import Report
from e2e.bench.migration.ways import DIMENSIONS, TEXT, Ways
from e2e.bench.process import usage
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_jobs.objects.channel import ObjectChannel

CLIENT, TUTORIAL, OURS = "client insert", "tutorial's loop", "copy"
ROUNDS = 2
"""Interleaved; each way counts by its best."""
_POLL_SECONDS = 0.25
_SEED = 11

Target = Collection[Any, Any]


@dataclass(frozen=True)
class Setting:
    """What is copied, and where.

    Attributes:
        name: of it, in the report.
        env: of the server.
        text: what each object says.
        goals: against the client's insert, and against the loop.
    """

    name: str
    env: dict[str, str]
    text: str
    goals: tuple[float, float]


_ASYNC = {"ASYNC_INDEXING": "true"}
_SETTINGS = (
    Setting("inline", {}, TEXT, (0.95, 1.15)),
    Setting("async", _ASYNC, TEXT, (1.5, 2.5)),
    # Where the index is built behind the last answer, the store and its word indexes are most of what is left.
    Setting("async, hardly a text", _ASYNC, "", (1.5, 2.5)),
)


@dataclass
class Taken:
    """What one way took: seconds until its last answer, and until the index had all of it.

    Attributes:
        ours: processor seconds of the writing process until its last answer.
        theirs: those of Weaviate.
    """

    written: float = math.inf
    indexed: float = math.inf
    ours: float = math.inf
    theirs: float = math.inf

    def best(self, other: "Taken") -> "Taken":
        """The lower of each: other work only ever slows one down."""
        return Taken(*(min(pair) for pair in zip(astuple(self), astuple(other), strict=True)))


def measure_copies(tools: Toolchain, count: int, report: Report, rounds: int = ROUNDS) -> None:
    """Time all ways on a server that indexes inline, and on ones that index in the background."""
    vectors = np.random.default_rng(_SEED).normal(size=(count, DIMENSIONS)).astype(np.float32)
    for setting in _SETTINGS:
        print(f"\n{count} objects of {DIMENSIONS} dimensions, indexed {setting.name}", flush=True)
        with WeaviateServer(tools, env=setting.env) as server:
            address = f"127.0.0.1:{server.grpc_port}"
            with connect(server.http_url, address, None) as client, ObjectChannel(address, None) as channel:
                ways = Ways(client, channel, create(client, flat=True), vectors, setting.text)
                _report(setting, count, _times(server, client, ways, count, rounds), report)


def _times(
    server: WeaviateServer, client: weaviate.WeaviateClient, ways: Ways, count: int, rounds: int
) -> dict[str, Taken]:
    ways.fill_source()
    fills: dict[str, Callable[[Target], None]] = {CLIENT: ways.client_insert, TUTORIAL: ways.tutorial, OURS: ways.copy}
    taken = {way: Taken() for way in fills}
    for number in range(rounds):
        for way, fill in fills.items():
            target = create(client)
            one = _timed(server, target, fill)
            found = target.aggregate.over_all(total_count=True).total_count
            if found != count:
                raise RuntimeError(f"{way} left {found} of {count} objects")
            client.collections.delete(target.name)
            print(f"  round {number + 1}: {way} {one.written:.1f} s, indexed after {one.indexed:.1f} s", flush=True)
            taken[way] = taken[way].best(one)
    return taken


def _timed(server: WeaviateServer, target: Target, fill: Callable[[Target], None]) -> Taken:
    """Fill a target, and tell what that took."""
    began, ours, theirs = perf_counter(), process_time(), usage(server.pid).cpu_seconds
    fill(target)
    written, ours, theirs = perf_counter() - began, process_time() - ours, usage(server.pid).cpu_seconds - theirs
    await_index(server, target.name)
    return Taken(written, perf_counter() - began, ours, theirs)


def _report(setting: Setting, count: int, taken: dict[str, Taken], report: Report) -> None:
    ours, peers = taken[OURS], {way: one for way, one in taken.items() if way != OURS}
    rates = {way: count / one.written for way, one in peers.items()}
    report.add(f"{setting.name}: objects copied a second", count / ours.written, "1/s", "higher", peers=rates)
    for (way, peer), goal in zip(peers.items(), setting.goals, strict=True):
        report.add(f"{setting.name}: copying against {way}", peer.written / ours.written, "x", "higher", goal)
    told: dict[str, Callable[[Taken], float]] = {
        "until the index has all": lambda one: one.indexed,
        "processor time of the one who writes": lambda one: one.ours,
        "processor time of Weaviate meanwhile": lambda one: one.theirs,
    }
    for what, of in told.items():
        report.add(f"{setting.name}: {what}", of(ours), "s", peers={way: of(one) for way, one in peers.items()})


def create(client: weaviate.WeaviateClient, *, flat: bool = False, tenants: Sequence[str] = ()) -> Target:
    """A collection of the properties that objects here have; with the default HNSW index, or a flat one."""
    kinds = Configure.VectorIndex
    index = kinds.flat() if flat else kinds.hnsw(quantizer=kinds.Quantizer.none())
    made = client.collections.create(
        f"Bench_{uuid4().hex}",
        properties=[
            Property(name="text", data_type=DataType.TEXT),
            Property(name="title", data_type=DataType.TEXT),
            Property(name="chunkIndex", data_type=DataType.INT),
        ],
        inverted_index_config=Configure.inverted_index(index_timestamps=True),
        multi_tenancy_config=Configure.multi_tenancy(enabled=bool(tenants)),
        vector_config=Configure.Vectors.self_provided(vector_index_config=index),
    )
    if tenants:
        made.tenants.create([Tenant(name=one) for one in tenants])
    return made


def await_index(server: WeaviateServer, collection: str) -> None:
    """Wait until the index queue of a collection is empty on all its shards."""
    while any(shard["vectorQueueLength"] for shard in shards(server, collection)):
        time.sleep(_POLL_SECONDS)


def shards(server: WeaviateServer, collection: str) -> list[dict[str, Any]]:
    """What the nodes say of a collection's shards."""
    url = f"{server.http_url}/v1/nodes/{collection}?output=verbose"
    nodes = httpx.get(url, trust_env=False, timeout=30).raise_for_status().json()["nodes"]
    return [shard for node in nodes for shard in node["shards"] or []]
