from collections.abc import Iterator

import pytest
import weaviate

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_jobs.objects.channel import ObjectChannel
from tests.sidecars.hirag_jobs.copying.copies import Copy


@pytest.fixture(scope="package")
def client(weaviate_server: WeaviateServer) -> Iterator[weaviate.WeaviateClient]:
    with connect(weaviate_server.http_url, f"127.0.0.1:{weaviate_server.grpc_port}", None) as client:
        yield client


@pytest.fixture(scope="package")
def channel(weaviate_server: WeaviateServer) -> Iterator[ObjectChannel]:
    with ObjectChannel(f"127.0.0.1:{weaviate_server.grpc_port}", None) as channel:
        yield channel


@pytest.fixture
def copy(client: weaviate.WeaviateClient, channel: ObjectChannel) -> Iterator[Copy]:
    with Copy(client, channel) as made:
        yield made
