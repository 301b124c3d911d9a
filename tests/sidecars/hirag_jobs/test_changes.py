"""What a second run does when documents changed, shrank, moved or went."""

from pathlib import Path

from tests.sidecars.hirag_jobs.passages import Ingestion, Passages

SMALL = ("--max-tokens", "16", "--overlap", "0")
PARAGRAPHS = [f"Paragraph {name} speaks of {name} and of nothing else, at some length." for name in "abcdef"]


def _write(folder: Path, name: str, *paragraphs: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n\n".join(paragraphs))


def test_a_changed_passage_is_replaced_and_keeps_its_time_of_creation(
    tmp_path: Path, passages: Passages, ingest: Ingestion
) -> None:
    folder = tmp_path / "docs"
    _write(folder, "a.txt", *PARAGRAPHS)
    ingest(folder, passages.alias, *SMALL)
    before = passages.objects()
    changed = PARAGRAPHS[2].replace("nothing", "something")
    _write(folder, "a.txt", *PARAGRAPHS[:2], changed, *PARAGRAPHS[3:])
    ran = ingest(folder, passages.alias, *SMALL)
    after = passages.objects()
    assert ran.status == 0, ran.said
    assert (ran.report["replaced"], ran.report["embedded"], ran.report["written"]) == (1, 1, 0)
    assert [item["id"] for item in after] == [item["id"] for item in before]
    old, new = before[2], after[2]
    assert new["properties"]["text"] == changed
    assert new["properties"]["createdAt"] == old["properties"]["createdAt"]
    assert new["properties"]["updatedAt"] > old["properties"]["updatedAt"]
    assert new["vector"] != old["vector"]


def test_passages_that_only_moved_keep_their_vectors_and_get_their_new_offsets(
    tmp_path: Path, passages: Passages, ingest: Ingestion
) -> None:
    folder = tmp_path / "docs"
    _write(folder, "a.txt", *PARAGRAPHS)
    ingest(folder, passages.alias, *SMALL)
    before = passages.objects()
    _write(folder, "a.txt", PARAGRAPHS[0][:-1] + "!!", *PARAGRAPHS[1:])
    ran = ingest(folder, passages.alias, *SMALL)
    after = passages.objects()
    text = (folder / "a.txt").read_text()
    assert (ran.report["replaced"], ran.report["relabelled"], ran.report["embedded"]) == (1, 5, 1)
    assert [item["vector"] for item in after[1:]] == [item["vector"] for item in before[1:]]
    for item in (found["properties"] for found in after):
        assert text[item["chunkStart"] : item["chunkEnd"]] == item["text"]


def test_the_end_of_a_document_that_became_shorter_is_removed(
    tmp_path: Path, passages: Passages, ingest: Ingestion
) -> None:
    folder = tmp_path / "docs"
    _write(folder, "a.txt", *PARAGRAPHS)
    _write(folder, "b.txt", *PARAGRAPHS)
    ingest(folder, passages.alias, *SMALL)
    _write(folder, "a.txt", *PARAGRAPHS[:2])
    ran = ingest(folder, passages.alias, *SMALL)
    kept = [(item["parentId"], item["chunkIndex"]) for item in passages.properties()]
    assert ran.report["removed"] == 4
    assert kept == [("docs/a.txt", 0), ("docs/a.txt", 1), *(("docs/b.txt", index) for index in range(6))]


def test_a_document_that_is_gone_stays_until_it_is_pruned(
    tmp_path: Path, passages: Passages, ingest: Ingestion
) -> None:
    for root in ("docs", "docs-of-others"):
        _write(tmp_path / root, "a.txt", *PARAGRAPHS)
        _write(tmp_path / root, "b.txt", *PARAGRAPHS)
        assert ingest(tmp_path / root, passages.alias, *SMALL).status == 0
    (tmp_path / "docs" / "a.txt").unlink()
    ingest(tmp_path / "docs", passages.alias, *SMALL)
    assert len(passages.objects()) == 24
    dry = ingest(tmp_path / "docs", passages.alias, *SMALL, "--prune", "--dry-run")
    assert (dry.report["removed"], dry.report["pruned_documents"]) == (6, 1)
    assert len(passages.objects()) == 24
    ran = ingest(tmp_path / "docs", passages.alias, *SMALL, "--prune")
    assert (ran.status, ran.report["removed"], ran.report["pruned_documents"]) == (0, 6, 1)
    documents = {item["parentId"] for item in passages.properties()}
    assert documents == {"docs/b.txt", "docs-of-others/a.txt", "docs-of-others/b.txt"}


def test_nothing_is_pruned_where_documents_may_hide(tmp_path: Path, passages: Passages, ingest: Ingestion) -> None:
    folder = tmp_path / "docs"
    _write(folder, "a.txt", PARAGRAPHS[0])
    _write(folder, "records.jsonl", '{"id": 1, "text": "One."}')
    ingest(folder, passages.alias)
    _write(folder, "records.jsonl", '{"id": 1, "text": "One."')
    ran = ingest(folder, passages.alias, "--prune")
    assert ran.status == 1
    assert "not pruned" in ran.said
    (folder / "a.txt").unlink()
    (folder / "records.jsonl").unlink()
    ran = ingest(folder, passages.alias, "--prune")
    assert (ran.status, ran.report["prune_refused"][:20]) == (1, "no document was foun")
    assert len(passages.objects()) == 2


def test_a_file_that_cannot_be_read_any_more_is_not_taken_for_gone(
    tmp_path: Path, passages: Passages, ingest: Ingestion
) -> None:
    folder = tmp_path / "docs"
    _write(folder, "a.txt", PARAGRAPHS[0])
    _write(folder, "b.txt", PARAGRAPHS[1])
    ingest(folder, passages.alias)
    (folder / "a.txt").write_bytes(b"\xff\xfe")
    ran = ingest(folder, passages.alias, "--prune")
    assert ran.status == 0, ran.said
    assert len(passages.objects()) == 2


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    tmp_path: Path, passages: Passages, ingest: Ingestion
) -> None:
    folder = tmp_path / "docs"
    _write(folder, "a.txt", *PARAGRAPHS)
    ran = ingest(folder, passages.alias, *SMALL, "--dry-run")
    assert (ran.status, ran.report["written"], ran.report["embedded"]) == (0, 6, 0)
    assert "would have written 6" in ran.said
    assert passages.objects() == []
    ingest(folder, passages.alias, *SMALL)
    _write(folder, "a.txt", PARAGRAPHS[0], "Short.")
    before = passages.objects()
    ran = ingest(folder, passages.alias, *SMALL, "--dry-run")
    assert passages.objects() == before
    assert (ran.report["replaced"] + ran.report["unchanged"], ran.report["removed"]) == (ran.report["chunks"], 5)
