from collections.abc import Iterator
from functools import partial

import httpx
import pytest
import weaviate

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_jobs.objects.channel import ObjectChannel
from tests.sidecars.hirag_jobs.copying.copies import Copies, Copy


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
