"""Real servers for whoever asks: each starts with the first test that wants it and lives as long as the session.

Servers of one folder's tests live as long as those: their fixtures have the scope of the package, for which the folder
has an `__init__.py`. Dozens that nobody asks any more would slow all that comes after.

Generated tests are judged by what they find, never by how fast the machine is; in CI they draw the same examples every
time, so that a red build is the change's doing.
"""

import os
from collections.abc import Iterator

import hypothesis
import pytest
from xdist.remote import Producer

from e2e.cluster import data
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests import spreading

hypothesis.settings.register_profile(
    "hirag",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    print_blob=True,
)
hypothesis.settings.load_profile("hirag")


def pytest_xdist_auto_num_workers() -> int:
    return spreading.processes()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> spreading.BySharedGround:
    return spreading.scheduler(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items[:] = spreading.longest_first(items)


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    return Toolchain.from_environment()


@pytest.fixture(scope="session")
def control_plane(toolchain: Toolchain) -> Iterator[ControlPlane]:
    with ControlPlane(toolchain) as control_plane:
        yield control_plane


@pytest.fixture(scope="session")
def weaviate_server(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    with WeaviateServer(toolchain) as server:
        yield server


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbedderServer]:
    with EmbedderServer(data.model_folder(), tmp_path_factory.mktemp("onnx")) as server:
        yield server
