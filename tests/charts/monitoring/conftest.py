"""One system for all that is told of it."""

from collections.abc import Iterator

import pytest

from e2e.cluster.toolchain import Toolchain
from tests.charts.monitoring.scene import Scene, scene


@pytest.fixture(scope="session")
def running(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene(toolchain, tmp_path_factory.mktemp("scene")) as running:
        yield running
