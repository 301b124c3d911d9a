"""Collections of bare vectors, and the program that measures them."""

import contextlib
import io
import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray
from weaviate.proto.v1 import base_pb2, batch_pb2

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.main import main
from hirag_jobs.objects.channel import ObjectChannel
from tests.sidecars.hirag_jobs.passages import own_logging

_PATIENCE_SECONDS = 120
_BATCH = 1000
SINGLE = base_pb2.Vectors.VECTOR_TYPE_SINGLE_FP32


def random_vectors(count: int, dimensions: int, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=(count, dimensions)).astype(np.float32)


def random_ids(count: int, seed: int = 1) -> list[str]:
    random = np.random.default_rng(seed)
    return [str(uuid.UUID(bytes=random.bytes(16))) for _ in range(count)]


@dataclass(frozen=True)
class Ran:
    """What a run ended with."""

    status: int
    said: str
    report: dict[str, Any]

    @property
    def only(self) -> dict[str, Any]:
        [measurement] = self.report["measurements"]
        found: dict[str, Any] = measurement
        return found


@dataclass(frozen=True)
class Vectors:
    """A collection behind an alias, and what is done with it."""

    alias: str
    name: str
    server: WeaviateServer
    rest: httpx.Client
    channel: ObjectChannel
    vector: str | None

    def fill(
        self, vectors: Sequence[Any] | NDArray[np.float32], ids: Sequence[str] = (), tenant: str | None = None
    ) -> None:
        """Writes an object for each vector; None is an object without."""
        named = list(zip(ids or random_ids(len(vectors)), vectors, strict=True))
        for first in range(0, len(named), _BATCH):
            objects = [self._object(one, vector, tenant) for one, vector in named[first : first + _BATCH]]
            assert not self.channel.write(batch_pb2.BatchObjectsRequest(objects=objects)).errors

    def change(self, **index: Any) -> None:
        """Changes settings of the index in place."""
        schema = self.rest.get(f"/v1/schema/{self.name}").raise_for_status().json()
        schema["vectorIndexConfig"] |= index
        self.rest.put(f"/v1/schema/{self.name}", json=schema).raise_for_status()

    def measure(self, *flags: str, by: Sequence[str] = ()) -> Ran:
        """Runs `hirag-jobs measure` in this process, which spares the start of another."""
        where = by or ("--alias", self.alias)
        arguments = ["--weaviate-http-url", self.server.http_url, "--weaviate-grpc", grpc(self.server), *where, *flags]
        return run(arguments)

    def _object(self, one: str, vector: Any, tenant: str | None) -> batch_pb2.BatchObject:
        made = batch_pb2.BatchObject(uuid=one, collection=self.name, tenant=tenant or "")
        if vector is not None:
            packed = np.asarray(vector, dtype="<f4").tobytes()
            if self.vector is None:
                made.vector_bytes = packed
            else:
                made.vectors.add(name=self.vector, vector_bytes=packed, type=SINGLE)
        return made


def grpc(server: WeaviateServer) -> str:
    return f"127.0.0.1:{server.grpc_port}"


def run(arguments: Sequence[str]) -> Ran:
    """Runs `hirag-jobs measure` with these arguments."""
    told, said = io.StringIO(), io.StringIO()
    with own_logging(), contextlib.redirect_stderr(said), contextlib.redirect_stdout(told):
        status = main(["measure", *arguments])
    return Ran(status, said.getvalue(), json.loads(told.getvalue() or "{}"))


@contextmanager
def make_vectors(
    server: WeaviateServer,
    index: str = "hnsw",
    *,
    vector: str | None = None,
    tenants: Sequence[str] = (),
    settings: dict[str, Any] | None = None,
    key: str | None = None,
    **schema: Any,
) -> Iterator[Vectors]:
    """An empty collection whose vectors its clients give.

    Args:
        server: where.
        index: the type of its index.
        vector: name of its vector; None for an unnamed one.
        tenants: its tenants.
        settings: of the index.
        key: of somebody who may make it.
        schema: more of the class, or in place of what is said before.
    """
    name = f"Vectors_{uuid.uuid4().hex[:12]}"
    alias = f"{name}_Alias"
    of_index = {"vectorIndexType": index, "vectorIndexConfig": settings or {}}
    body: dict[str, Any] = {"class": name, "properties": [], "multiTenancyConfig": {"enabled": bool(tenants)}}
    if vector is None:
        body |= {"vectorizer": "none"} | of_index | schema
    else:
        body |= {"vectorConfig": {vector: {"vectorizer": {"none": {}}} | of_index}} | schema
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx.Client(base_url=server.http_url, headers=headers, timeout=_PATIENCE_SECONDS) as rest:
        rest.post("/v1/schema", json=body).raise_for_status()
        rest.post("/v1/aliases", json={"alias": alias, "class": name}).raise_for_status()
        if tenants:
            rest.post(f"/v1/schema/{name}/tenants", json=[{"name": one} for one in tenants]).raise_for_status()
        with ObjectChannel(grpc(server), key) as channel:
            yield Vectors(alias, name, server, rest, channel, vector)
        rest.delete(f"/v1/aliases/{alias}").raise_for_status()
        rest.delete(f"/v1/schema/{name}").raise_for_status()
