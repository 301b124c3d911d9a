from pathlib import Path

import pytest

from e2e.cluster.weaviate import WeaviateServer
from tests.sidecars.hirag_jobs.archive.archives import Program


@pytest.fixture
def program(weaviate_server: WeaviateServer, tmp_path: Path) -> Program:
    return Program(weaviate_server, tmp_path)
