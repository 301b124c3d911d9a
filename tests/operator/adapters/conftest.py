"""A server that answers as told, and real Weaviates with levels on them."""

from collections.abc import Iterator

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate import WeaviateAdapter
from tests.operator.adapters.answering import AnsweringServer, answering
from tests.operator.adapters.levels import Levels, levels_on

API_KEY = "operators-own-key"


@pytest.fixture(scope="package")
def control_plane(toolchain: Toolchain) -> Iterator[ControlPlane]:
    """One of their own: no operator looks after what these tests make."""
    with ControlPlane(toolchain) as control_plane:
        yield control_plane


@pytest.fixture(scope="package")
def weaviate_server(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    """The same: nobody has left pools or aliases on it."""
    with WeaviateServer(toolchain) as server:
        yield server


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    with answering() as running:
        yield running


@pytest.fixture
def answered(server: AnsweringServer) -> WeaviateAdapter:
    """An adapter whose Weaviate is that server, and answers as it is told."""
    return WeaviateAdapter(JsonServer("Weaviate 'default'", server.url))


@pytest.fixture(scope="package")
def rest(weaviate_server: WeaviateServer) -> Iterator[JsonServer]:
    server = JsonServer("Weaviate 'default'", weaviate_server.http_url)
    yield server
    server.close()


@pytest.fixture(scope="package")
def adapter(rest: JsonServer) -> WeaviateAdapter:
    """An adapter whose every look is of this moment."""
    return WeaviateAdapter(rest)


@pytest.fixture
def levels(adapter: WeaviateAdapter, rest: JsonServer) -> Iterator[Levels]:
    with levels_on(adapter, rest) as made:
        yield made


@pytest.fixture(scope="package")
def guarded_server(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    """A Weaviate that asks for a key and indexes in the background, which the dynamic index needs."""
    with WeaviateServer(toolchain, api_keys={API_KEY: "operator"}, env={"ASYNC_INDEXING": "true"}) as server:
        yield server


@pytest.fixture(scope="package")
def guarded_rest(guarded_server: WeaviateServer) -> Iterator[JsonServer]:
    server = JsonServer("Weaviate 'guarded'", guarded_server.http_url, bearer=API_KEY)
    yield server
    server.close()


@pytest.fixture
def guarded_levels(guarded_rest: JsonServer) -> Iterator[Levels]:
    with levels_on(WeaviateAdapter(guarded_rest), guarded_rest) as made:
        yield made
