"""Ingestion, run as a program on a real Weaviate and a real embedder."""

import json
from pathlib import Path

import pytest

from tests.sidecars.hirag_jobs.passages import Ingestion, Passages

TEXT = "Weaviate keeps vectors. Kubernetes keeps containers. " * 60


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Three documents of three formats."""
    folder = tmp_path / "library"
    (folder / "guide").mkdir(parents=True)
    (folder / "guide" / "intro.md").write_text("# Intro\n\nHello.\n\n## Setup\n\n" + TEXT)
    (folder / "notes.txt").write_text("Café — naïve Ünïcode 😀.\r\n" + TEXT)
    lines = [{"id": "a", "text": "First record.", "title": "One"}, {"id": 2, "text": "Second.", "source": "elsewhere"}]
    (folder / "records.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
    return folder


def test_documents_become_passages_that_are_slices_of_them(
    library: Path, passages: Passages, ingest: Ingestion
) -> None:
    ran = ingest(library, passages.alias, "--max-tokens", "128", "--overlap", "16")
    assert ran.status == 0, ran.said
    stored = passages.properties()
    assert ran.report["documents"] == 4
    assert ran.report["written"] == ran.report["chunks"] == len(stored) > 4
    assert ran.report["token_counts_exact"]
    notes = [item for item in stored if item["parentId"] == "library/notes.txt"]
    text = (library / "notes.txt").read_bytes().decode()
    assert [item["chunkIndex"] for item in notes] == list(range(len(notes)))
    assert all(text[item["chunkStart"] : item["chunkEnd"]] == item["text"] for item in notes)
    assert all(item["tokenCount"] <= 128 for item in notes)
    titles = {item["parentId"]: item["title"] for item in stored}
    assert titles["library/guide/intro.md"] == "Intro > Setup"
    assert titles["library/notes.txt"] == "notes"
    assert titles["library#a"] == "One"
    assert {item["source"] for item in stored if item["parentId"] == "library#2"} == {"elsewhere"}


def test_ingesting_again_embeds_and_writes_nothing(library: Path, passages: Passages, ingest: Ingestion) -> None:
    first = ingest(library, passages.alias)
    before = passages.objects()
    again = ingest(library, passages.alias)
    assert (first.status, again.status) == (0, 0)
    assert again.report["unchanged"] == first.report["written"]
    assert again.report["embedded"] == again.report["written"] == again.report["replaced"] == 0
    assert passages.objects() == before
