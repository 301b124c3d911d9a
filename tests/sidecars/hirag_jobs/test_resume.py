"""A run that was killed is taken up by the next one, which repeats nothing that was done."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from e2e.cluster import data
from e2e.cluster.embedder import EmbedderServer
from tests.sidecars.hirag_jobs.passages import Ingestion, Passages

DOCUMENTS = 40
IN_FLIGHT = 4
BATCHES = ("--batch-min", "4", "--batch-max", "4", "--max-tokens", "64", "--overlap", "0")


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbedderServer]:
    """One that nobody else asks: what it embeds is counted here."""
    with EmbedderServer(data.model_folder(), tmp_path_factory.mktemp("onnx")) as server:
        yield server


def _count(passages: Passages) -> int:
    query = f"{{Aggregate{{{passages.name}{{meta{{count}}}}}}}}"
    answer = passages.rest.post("/v1/graphql", json={"query": query}).raise_for_status().json()
    count: int = answer["data"]["Aggregate"][passages.name][0]["meta"]["count"]
    return count


def _texts(embedder: EmbedderServer) -> float:
    """How many passages the embedder has embedded so far."""
    lines = httpx.get(f"{embedder.url}/metrics").text.splitlines()
    name = 'hirag_embedder_texts_total{input_type="passage"} '
    return sum(float(line.removeprefix(name)) for line in lines if line.startswith(name))


def test_a_killed_run_is_taken_up_without_embedding_anything_twice(
    tmp_path: Path, passages: Passages, ingest: Ingestion, embedder: EmbedderServer
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for number in range(DOCUMENTS):
        sentences = (f"Sentence {i} of document {number} is about number {number * i}." for i in range(40))
        (folder / f"{number:02}.txt").write_text("\n\n".join(sentences))
    before = _texts(embedder)
    with subprocess.Popen(
        ingest.command(folder, passages.alias, *BATCHES), env=ingest.environment(), stderr=subprocess.DEVNULL
    ) as killed:
        deadline = time.monotonic() + 60
        while _count(passages) < 20 and time.monotonic() < deadline:
            time.sleep(0.02)
        killed.kill()
    done = _count(passages)
    assert killed.returncode == -9
    ran = ingest(folder, passages.alias, *BATCHES)
    total = _count(passages)
    assert ran.status == 0, ran.said
    assert total == ran.report["chunks"] > done >= 20
    assert done <= ran.report["unchanged"] <= done + IN_FLIGHT
    assert ran.report["written"] == ran.report["embedded"] == total - ran.report["unchanged"]
    assert total <= _texts(embedder) - before <= total + IN_FLIGHT
