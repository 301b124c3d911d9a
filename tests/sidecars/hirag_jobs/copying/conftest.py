from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
import pytest
import weaviate

from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_jobs.copying.notes import Notes
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.rest import Rest
from tests.sidecars.hirag_jobs.copying.copies import Copies, Copy
from tests.sidecars.hirag_jobs.copying.lostserver import Ground


@pytest.fixture(scope="package")
def client(weaviate_server: WeaviateServer) -> Iterator[weaviate.WeaviateClient]:
    with connect(weaviate_server.http_url, f"127.0.0.1:{weaviate_server.grpc_port}", None) as client:
        yield client


@pytest.fixture(scope="package")
def channel(weaviate_server: WeaviateServer) -> Iterator[ObjectChannel]:
    with ObjectChannel(f"127.0.0.1:{weaviate_server.grpc_port}", None) as channel:
        yield channel


@pytest.fixture(scope="package")
def rest(weaviate_server: WeaviateServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{weaviate_server.http_url}/v1", trust_env=False, timeout=60) as rest:
        yield rest


@pytest.fixture
def copies(client: weaviate.WeaviateClient, channel: ObjectChannel, rest: httpx.Client) -> Copies:
    """Makes pairs of collections of one's choice."""
    return partial(Copy, client, channel, rest)


@pytest.fixture
def copy(copies: Copies) -> Iterator[Copy]:
    with copies() as made:
        yield made


@pytest.fixture
def ground(toolchain: Toolchain, tmp_path: Path) -> Iterator[Ground]:
    """A server of one's own, to be killed; its data is in `weaviate` of the test's folder."""
    with ExitStack() as stack:
        server = stack.enter_context(WeaviateServer(toolchain, data_dir=tmp_path / "weaviate"))
        address = f"127.0.0.1:{server.grpc_port}"
        client = stack.enter_context(connect(server.http_url, address, None))
        channel = stack.enter_context(ObjectChannel(address, None))
        rest = stack.enter_context(httpx.Client(base_url=f"{server.http_url}/v1", trust_env=False, timeout=60))
        notes = Notes(stack.enter_context(Rest(server.http_url, None)), channel)
        notes.prepare()
        yield Ground(server, stack.enter_context(Copy(client, channel, rest)), notes)
