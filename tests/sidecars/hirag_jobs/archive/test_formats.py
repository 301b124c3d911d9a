"""A manifest is read whole or not at all: what is damaged, foreign, or leads out of the folder is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from hirag_jobs.archive import formats
from hirag_jobs.archive.errors import ArchiveError
from hirag_jobs.archive.formats import read_manifest
from tests.sidecars.hirag_jobs.archive.manifests import document, part, tenants, write


def test_a_manifest_is_read(tmp_path: Path) -> None:
    write(
        tmp_path, document(tenants=tenants(a=2, b=2, c=0), objects=4, parts=[part(1, tenant="a"), part(2, tenant="b")])
    )
    manifest = read_manifest(tmp_path)
    assert (manifest.objects_of("a"), manifest.objects_of("c")) == (2, 0)
    assert [one.file for one in manifest.of_tenant("b")] == ["part-b-00002.jsonl.zst"]


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("part-00001.jsonl.zst", True),
        ("../part-00001.jsonl.zst", False),
        ("/etc/part-00001.jsonl.zst", False),
        ("part-../../x-00001.jsonl.zst", False),
        ("part-a/b-00001.jsonl.zst", False),
        ("part-a\\b-00001.jsonl.zst", False),
        (".part-00001.jsonl.zst", False),
        ("part-00001.jsonl.zst\n", False),
        ("part-00001.jsonl.zst\0", False),
        ("part-1.jsonl.zst", False),
        ("part-00001.jsonl", False),
        ("manifest.json", False),
        ("", False),
    ],
)
def test_a_part_is_in_the_folder_and_nowhere_else(tmp_path: Path, name: str, *, readable: bool) -> None:
    write(tmp_path, document(parts=[part(1, file=name)]))
    if readable:
        assert read_manifest(tmp_path).parts[0].file == name
    else:
        with pytest.raises(ArchiveError, match=r"parts\.0\.file"):
            read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"objects": 3}, "the counts of objects do not add up"),
        ({"parts": []}, "the counts of objects do not add up"),
        ({"objects": 4, "parts": [part(1), part(1, first=2, last=3)]}, "two parts have one name"),
        ({"objects": 4, "parts": [part(1), part(2, first=1, last=2)]}, "the ids of the parts are not in order"),
        ({"objects": 4, "parts": [part(1, first=2, last=3), part(2)]}, "the ids of the parts are not in order"),
        ({"parts": [part(1, tenant="a")]}, "of a tenant that is not listed"),
        ({"tenants": tenants(a=1), "parts": [part(1, tenant="a")]}, "the counts of objects do not add up"),
        ({"dimensions": {"": 0}}, "dimensions"),
        ({"collection": "Handbook\x1b[2J"}, "collection: String should match pattern"),
        ({"created": "yesterday"}, "created"),
        ({"owner": "me"}, "owner: Extra inputs are not permitted"),
        ({"parts": [part(1, sha256="F" * 64)]}, "parts.0.sha256"),
        ({"parts": [part(1, content_bytes=-1)]}, "parts.0.content_bytes"),
    ],
)
def test_a_manifest_that_does_not_add_up_is_refused(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    write(tmp_path, document(**change))
    with pytest.raises(ArchiveError) as refused:
        read_manifest(tmp_path)
    assert complaint in str(refused.value)
    assert "copy it anew" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is damaged: it is not JSON"),
        ("[]", "is not of an archive of this program"),
        ('{"format": "other"}', "is not of an archive of this program"),
        ("[" * 100_000, "is damaged: it is not JSON"),
        (json.dumps(document() | {"objects": 7}), "is damaged: its checksum is another"),
        (json.dumps(document() | {"sha256": None}), "is damaged: its checksum is another"),
        (json.dumps(document(version=2)), "is of format version 2, and this program reads 1: take the release"),
        (json.dumps(document(version=[1])), "is of format version [1]"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ArchiveError) as refused:
        read_manifest(tmp_path)
    assert complaint in str(refused.value)


def test_a_manifest_is_read_no_further_than_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MOST_MANIFEST_BYTES", 1000)
    write(tmp_path, document(schema={"class": "C" * 1000}))
    with pytest.raises(ArchiveError, match="has more than 1000 bytes"):
        read_manifest(tmp_path)


def test_a_folder_without_a_manifest_is_no_archive_or_not_finished(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="is no archive: it has no manifest"):
        read_manifest(tmp_path)
    (tmp_path / "parts.jsonl").touch()
    with pytest.raises(ArchiveError, match="was not finished: run it again"):
        read_manifest(tmp_path)
