"""Helm for whoever asks, with a home of its own."""

import pytest

from e2e.cluster.helm import Helm
from e2e.cluster.toolchain import Toolchain


@pytest.fixture(scope="session")
def helm(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(toolchain, tmp_path_factory.mktemp("helm"))
