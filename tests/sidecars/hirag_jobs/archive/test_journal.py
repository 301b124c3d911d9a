"""A journal keeps what was noted, takes back half a line, and has one writer."""

from pathlib import Path

import pytest

from hirag_jobs.archive.errors import ArchiveError
from hirag_jobs.archive.journal import Begun, Done, Journal, Record, Woken
from hirag_kit.errors import StorageError

BEGUN = Begun(version=1, created="now", collection="C", schema_sha256="0", asked=[], states={"a": "INACTIVE"})
RECORDS: list[Record] = [
    BEGUN,
    Woken(tenant="a", state="INACTIVE"),
    Done(tenant="a"),
    Woken(tenant="b", state="INACTIVE"),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with Journal(tmp_path / "parts.jsonl") as journal:
        for record in RECORDS:
            journal.append(record)
    return tmp_path / "parts.jsonl"


def test_records_are_there_again_with_those_that_are_to_be_put_back(file: Path) -> None:
    with Journal(file) as journal:
        assert journal.records == RECORDS
        assert journal.asleep == {"b": "INACTIVE"}
        journal.remove()
    assert not file.exists()


def test_a_line_cut_off_anywhere_never_happened(file: Path) -> None:
    text = file.read_bytes()
    for length in range(len(text)):
        file.write_bytes(text[:length])
        whole = text[:length].count(b"\n")
        with Journal(file) as journal:
            assert journal.records == RECORDS[:whole]
            journal.append(Done(tenant="c"))
        with Journal(file) as journal:
            assert journal.records == [*RECORDS[:whole], Done(tenant="c")]


@pytest.mark.parametrize("line", [b"{}", b"nonsense", b'{"kind": "other"}', b'{"kind": "done"}'])
def test_a_line_that_is_none_of_ours_is_refused(file: Path, line: bytes) -> None:
    file.write_bytes(line + b"\n" + file.read_bytes())
    with pytest.raises(ArchiveError, match=r"line 1, is damaged: begin anew"), Journal(file):
        pass


def test_two_do_not_write_at_once(file: Path) -> None:
    with Journal(file), pytest.raises(ArchiveError, match="another process is at work on"), Journal(file):
        pass


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"parts\.jsonl could not be written"), Journal(tmp_path / "no/parts.jsonl"):
        pass
