"""Collections as the operator makes them, and the program that fills them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cluster.data import tiktoken_cache
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.weaviate import WeaviateServer
from tests.sidecars.hirag_jobs.passages import Ingestion, Passages, make_collection


@pytest.fixture
def passages(weaviate_server: WeaviateServer, embedder: EmbedderServer) -> Iterator[Passages]:
    """An empty collection behind an alias."""
    with make_collection(weaviate_server, embedder.url) as made:
        yield made


@pytest.fixture
def ingest(weaviate_server: WeaviateServer, embedder: EmbedderServer, tmp_path: Path) -> Ingestion:
    return Ingestion(weaviate_server, f"{embedder.url}/v1", tiktoken_cache(), tmp_path)
