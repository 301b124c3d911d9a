"""What cannot end well does not begin: each refusal names the cause and the remedy, and nothing is written."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.weaviate import WeaviateServer
from tests.sidecars.hirag_jobs.passages import Ingestion, Passages, make_collection

REFUSED = 2


@pytest.fixture
def note(tmp_path: Path) -> Path:
    file = tmp_path / "note.txt"
    file.write_text("One short note.")
    return file


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--alias", "Absent"], "has no alias Absent; see status.address"),
        (["--tenant", "acme"], "has no tenants: leave --tenant out"),
        (["--dimensions", "3"], "--dimensions"),
        (["--overlap", "500"], "overlap must leave at least 16"),
        (["--max-tokens", "1"], "--max-tokens: Input should be greater than or equal to 16"),
        (["--strategy", "sentences", "--min-tokens", "900"], "min-tokens must not be above max-tokens"),
        (["--source", "a/b"], "--source"),
        (["--embedder-url", "http://127.0.0.1:9/v1"], "check --embedder-url"),
        (["--api-key-file", "/absent"], "--api-key-file: /absent cannot be read"),
    ],
)
def test_wrong_settings_are_refused(
    note: Path, passages: Passages, ingest: Ingestion, flags: list[str], complaint: str
) -> None:
    ran = ingest(note, passages.alias, *flags)
    assert ran.status == REFUSED
    assert complaint in ran.said
    assert passages.objects() == []


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("-", "--format is needed to read standard input"),
        ("/absent", "/absent is neither a folder nor a file"),
        ("/", "give --source"),
    ],
)
def test_wrong_paths_are_refused(passages: Passages, ingest: Ingestion, path: str, complaint: str) -> None:
    ran = ingest(path, passages.alias)
    assert ran.status == REFUSED
    assert complaint in ran.said


def test_a_collections_own_name_is_refused_because_it_changes(
    note: Path, passages: Passages, ingest: Ingestion
) -> None:
    ran = ingest(note, passages.name)
    assert ran.status == REFUSED
    assert f"has no alias {passages.name}" in ran.said


STAMP = {"moduleConfig": {"hirag": {"level": "shortTerm"}}}
NAMED = {"text2vec-transformers": {"vectorizeClassName": True}}


@pytest.mark.parametrize(
    ("made", "flags", "complaint"),
    [
        ({"without": "contentHash"}, [], "lacks contentHash (text); is it one that the operator made"),
        ({"tenants": {"acme": "ACTIVE"}}, [], "has tenants: name one by --tenant"),
        ({"tenants": {"acme": "ACTIVE"}}, ["--tenant", "other"], "has no tenant other"),
        ({"tenants": {"acme": "INACTIVE"}}, ["--tenant", "acme"], "is COLD: activate it first"),
        ({"moduleConfig": NAMED}, [], "vectorizeClassName: false"),
        ({"vectorizer": "none", **STAMP}, ["--level", "longTerm"], "holds level shortTerm"),
    ],
)
def test_an_unfit_collection_is_refused(
    weaviate_server: WeaviateServer,
    embedder: EmbedderServer,
    note: Path,
    ingest: Ingestion,
    made: Mapping[str, Any],
    flags: list[str],
    complaint: str,
) -> None:
    with make_collection(weaviate_server, embedder.url, **made) as collection:
        ran = ingest(note, collection.alias, *flags)
        assert ran.status == REFUSED, ran.said
        assert complaint in ran.said


def test_an_alias_without_a_collection_is_refused(note: Path, passages: Passages, ingest: Ingestion) -> None:
    passages.rest.delete(f"/v1/schema/{passages.name}").raise_for_status()
    ran = ingest(note, passages.alias)
    assert ran.status == REFUSED
    assert "which does not exist" in ran.said


def test_vectors_of_another_size_are_refused(note: Path, passages: Passages, ingest: Ingestion) -> None:
    document = {"class": passages.name, "properties": {"text": "other"}, "vector": [0.5] * 8}
    passages.rest.post("/v1/objects", json=document).raise_for_status()
    ran = ingest(note, passages.alias)
    assert ran.status == REFUSED
    assert "gives 384 dimensions" in ran.said
    assert "holds vectors of 8" in ran.said
    assert len(passages.rest.get("/v1/objects", params={"class": passages.name}).json()["objects"]) == 1


def test_an_unreachable_weaviate_is_a_failure_that_may_pass(note: Path, ingest: Ingestion, passages: Passages) -> None:
    ran = ingest(note, passages.alias, "--weaviate-http-url", "http://127.0.0.1:9")
    assert ran.status == 1
    assert "was not reached" in ran.said
    assert "VECTOR_DB_ERROR" in ran.said
