"""A real model, a tiny one of random weights, and servers that really run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.data import model_folder as real_model_folder
from hirag_embedder.core.engine import Engine
from hirag_embedder.core.loading import load
from hirag_embedder.core.spec import ModelSpec, RuntimeSpec
from tests.sidecars.hirag_embedder.process import MODEL, EmbedderProcess
from tests.sidecars.hirag_embedder.reference import ReferenceBert
from tests.sidecars.hirag_embedder.tiny import write_tiny_model


@pytest.fixture(scope="package")
def model_folder() -> Path:
    """all-MiniLM-L6-v2 as its authors published it."""
    return real_model_folder()


@pytest.fixture(scope="package")
def export_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exports")


@pytest.fixture(scope="package")
def reference(model_folder: Path) -> ReferenceBert:
    return ReferenceBert(model_folder, max_tokens=256)


@pytest.fixture(scope="package")
def engine(model_folder: Path, export_cache: Path) -> Engine:
    spec = ModelSpec(folder=model_folder, name=MODEL, dimensions=384, max_tokens=256)
    return load(spec, RuntimeSpec(cache_dir=export_cache)).engine


@pytest.fixture
def tiny_model(tmp_path: Path) -> Path:
    """A BERT of two layers and 32 dimensions, with random weights."""
    return write_tiny_model(tmp_path / "tiny")


@pytest.fixture(scope="package")
def embedder(model_folder: Path, export_cache: Path) -> Iterator[EmbedderProcess]:
    """A server of the real model, for tests that leave it as it was."""
    with EmbedderProcess(model_folder, CACHE_DIR=str(export_cache)) as process:
        yield process
