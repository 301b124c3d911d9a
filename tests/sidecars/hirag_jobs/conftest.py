"""A real Weaviate, a real embedder, and collections as the operator makes them."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from e2e.cluster.data import model_folder

from e2e.cluster.weaviate import WeaviateServer
from hirag_kit.tokens import install_ranks
from tests.sidecars.hirag_embedder.process import EmbedderProcess
from tests.sidecars.hirag_jobs.passages import Ingestion, Passages, make_collection


@pytest.fixture(scope="session")
def ranks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of tiktoken that holds the ranks of cl100k_base."""
    folder = tmp_path_factory.mktemp("ranks")
    install_ranks(Path(str(files("tiktoken_ext").joinpath("data/cl100k_base.tiktoken"))), folder)
    return folder


@pytest.fixture(scope="session")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbedderProcess]:
    with EmbedderProcess(model_folder(), CACHE_DIR=str(tmp_path_factory.mktemp("export"))) as process:
        yield process


@pytest.fixture
def passages(weaviate_server: WeaviateServer, embedder: EmbedderProcess) -> Iterator[Passages]:
    """An empty collection behind an alias."""
    with make_collection(weaviate_server, embedder.url) as made:
        yield made


@pytest.fixture
def ingest(weaviate_server: WeaviateServer, embedder: EmbedderProcess, ranks: Path, tmp_path: Path) -> Ingestion:
    return Ingestion(weaviate_server, f"{embedder.url}/v1", ranks, tmp_path)
