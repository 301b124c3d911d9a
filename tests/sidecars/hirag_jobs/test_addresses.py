"""Where ingestion writes: tenants, named vectors, streams; and that nothing of one tenant is seen through another."""

import json
from pathlib import Path
from typing import Any

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.sidecars.hirag_jobs.passages import Ingestion, Passages, make_collection


def test_each_tenant_has_its_own_documents(
    weaviate_server: WeaviateServer, embedder: EmbedderServer, ingest: Ingestion, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("The same name in both.")
    with make_collection(weaviate_server, embedder.url, tenants={"acme": "ACTIVE", "other": "ACTIVE"}) as made:
        first = ingest(tmp_path / "a.txt", made.alias, "--tenant", "acme")
        (tmp_path / "a.txt").write_text("Another text.")
        second = ingest(tmp_path / "a.txt", made.alias, "--tenant", "other", "--prune")
        assert (first.status, second.status) == (0, 0)
        assert (second.report["written"], second.report["replaced"], second.report["removed"]) == (1, 0, 0)
        assert [item["text"] for item in made.properties("acme")] == ["The same name in both."]
        assert [item["text"] for item in made.properties("other")] == ["Another text."]


def test_the_level_is_the_one_that_the_collection_was_made_for(
    weaviate_server: WeaviateServer, embedder: EmbedderServer, ingest: Ingestion, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("A note.")
    module = {"text2vec-transformers": {"inferenceUrl": embedder.url, "vectorizeClassName": False}}
    stamped: dict[str, Any] = {"moduleConfig": {**module, "hirag": {"level": "shortTerm"}}}
    with make_collection(weaviate_server, embedder.url, **stamped) as made:
        assert ingest(tmp_path / "a.txt", made.alias).status == 0
        assert [item["level"] for item in made.properties()] == ["shortTerm"]


def test_a_named_vector_is_supplied_by_its_name(
    weaviate_server: WeaviateServer, embedder: EmbedderServer, ingest: Ingestion, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("A note.")
    module = {"text2vec-transformers": {"inferenceUrl": embedder.url, "vectorizeClassName": False}}
    named = {"main": {"vectorizer": module, "vectorIndexType": "hnsw"}}
    unnamed: dict[str, Any] = {"vectorizer": None, "moduleConfig": None, "vectorIndexConfig": None}
    with make_collection(weaviate_server, embedder.url, **unnamed, vectorConfig=named) as made:
        ran = ingest(tmp_path / "a.txt", made.alias)
        assert ran.status == 0, ran.said
        assert [len(item["vectors"]["main"]) for item in made.objects()] == [384]
        assert ingest(tmp_path / "a.txt", made.alias).report["unchanged"] == 1


def test_standard_input_is_a_document_or_records(passages: Passages, ingest: Ingestion) -> None:
    text = ingest("-", passages.alias, "--format", "markdown", stdin=b"# Piped\n\nText.")
    lines = b'{"id": 1, "text": "One."}\n{"id": 2, "text": "Two."}\n'
    records = ingest("-", passages.alias, "--format", "jsonl", "--source", "export", stdin=lines)
    assert (text.status, records.status) == (0, 0)
    stored = [(item["parentId"], item["title"], item["text"]) for item in passages.properties()]
    assert stored == [("export#1", "", "One."), ("export#2", "", "Two."), ("stdin", "Piped", "# Piped\n\nText.")]


def test_the_users_properties_are_stored_and_other_fields_are_reported(
    weaviate_server: WeaviateServer, embedder: EmbedderServer, ingest: Ingestion, tmp_path: Path
) -> None:
    types = {"tags": "text[]", "year": "int", "score": "number", "draft": "boolean", "on": "date", "ref": "uuid"}
    skipped = {"text2vec-transformers": {"skip": True}}
    more = [{"name": name, "dataType": [kind], "moduleConfig": skipped} for name, kind in types.items()]
    record = {
        "text": "A record.",
        "id": "r",
        "tags": ["a", "B"],
        "year": 2024,
        "score": 0.5,
        "draft": False,
        "on": "2024-05-01T12:00:00.25+02:00",
        "ref": "6f0b3d0e-5a1c-4d3e-9b5f-3c0a4f1f7c11",
        "colour": "blue",
    }
    file = tmp_path / "records.jsonl"
    file.write_text(json.dumps(record))
    with make_collection(weaviate_server, embedder.url, more=more) as made:
        ran = ingest(file, made.alias)
        assert ran.report["unknown_fields"] == {"colour": 1}
        [stored] = made.properties()
        assert {name: stored[name] for name in ("tags", "year", "score", "draft", "ref")} == {
            name: record[name] for name in ("tags", "year", "score", "draft", "ref")
        }
        assert ingest(file, made.alias).report["unchanged"] == 1
        file.write_text(json.dumps(record | {"year": 2025, "tags": []}))
        changed = ingest(file, made.alias)
        assert (changed.report["relabelled"], changed.report["embedded"]) == (1, 0)
        assert made.properties()[0]["year"] == 2025
        assert ingest(file, made.alias).report["unchanged"] == 1


def test_keys_are_read_from_files(toolchain: Toolchain, ingest: Ingestion, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A note.")
    (tmp_path / "key").write_text("secret-key\n")
    (tmp_path / "wrong").write_text("another-key")
    with WeaviateServer(toolchain, api_keys={"secret-key": "somebody"}) as server:
        guarded = Ingestion(server, ingest.embedder_url, ingest.ranks, ingest.folder)
        refused = guarded(tmp_path / "a.txt", "Absent", "--api-key-file", str(tmp_path / "wrong"))
        assert (refused.status, "check --api-key-file" in refused.said) == (2, True)
        assert "another-key" not in refused.said
        answered = guarded(tmp_path / "a.txt", "Absent", "--api-key-file", str(tmp_path / "key"))
        assert "has no alias Absent" in answered.said
