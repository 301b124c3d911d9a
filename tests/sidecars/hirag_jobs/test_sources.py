"""What is read and what is left out, and why."""

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hirag_jobs.ingest.declared import Declared
from hirag_jobs.ingest.documents import Document, Reason, Skipped
from hirag_jobs.ingest.sources import Item, Reader, total_bytes

LIMIT = 2_000
UNKNOWN: list[str] = []


@pytest.fixture
def reader() -> Reader:
    UNKNOWN.clear()
    types = {"year": "int", "tags": "text[]", "where": "geoCoordinates"}
    return Reader("root", Declared(types), LIMIT, UNKNOWN.append)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


def _found(items: list[Item]) -> list[str]:
    return [item.id for item in items if isinstance(item, Document)]


def _link_out(path: Path) -> None:
    (path.parent.parent / "secret.txt").write_text("secret")
    path.symlink_to(path.parent.parent / "secret.txt")


def _link_folder(path: Path) -> None:
    path.symlink_to(path.parent)


MADE: dict[str, tuple[str, Callable[[Path], object], Reason]] = {
    "a hidden file": (".a.txt", lambda path: path.write_text("text"), Reason.HIDDEN),
    "a hidden folder": (".git", lambda path: path.mkdir(), Reason.HIDDEN),
    "an unknown kind": ("a.pdf", lambda path: path.write_text("text"), Reason.UNSUPPORTED),
    "no extension": ("Makefile", lambda path: path.write_text("text"), Reason.UNSUPPORTED),
    "a link that leads out": ("a.txt", _link_out, Reason.OUTSIDE),
    "a link to a folder": ("a.txt", _link_folder, Reason.LINKED_FOLDER),
    "a dangling link": ("a.txt", lambda path: path.symlink_to("absent"), Reason.UNREADABLE),
    "a pipe": ("a.txt", os.mkfifo, Reason.NOT_A_FILE),
    "a large file": ("a.txt", lambda path: path.write_text("x" * (LIMIT + 1)), Reason.TOO_LARGE),
    "an empty file": ("a.txt", lambda path: path.write_text(""), Reason.EMPTY),
    "white space": ("a.md", lambda path: path.write_text(" \n\t"), Reason.EMPTY),
    "a byte order mark": ("a.md", lambda path: path.write_bytes(b"\xef\xbb\xbf"), Reason.EMPTY),
    "a binary file": ("a.txt", lambda path: path.write_bytes(b"\x7fELF\0\0"), Reason.BINARY),
    "another encoding": ("a.txt", lambda path: path.write_bytes("Köln".encode("latin-1")), Reason.NOT_UTF8),
}


@pytest.mark.parametrize("what", MADE)
def test_each_thing_left_out_is_named_with_its_reason(reader: Reader, folder: Path, what: str) -> None:
    name, make, reason = MADE[what]
    make(folder / name)
    (folder / "z.txt").write_text("Read all the same.")
    skipped, document = reader.folder(folder)
    assert isinstance(skipped, Skipped)
    assert (skipped.source, skipped.reason) == (f"root/{name}", reason)
    assert isinstance(document, Document)
    assert document.id == "root/z.txt"


def test_a_name_that_is_not_utf8_is_reported_readably(reader: Reader, folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text("text")
    [skipped] = reader.folder(folder)
    assert skipped == Skipped("root/caf\\udce9.txt", Reason.BAD_NAME)


def test_a_wrong_byte_is_named_with_its_place(reader: Reader, folder: Path) -> None:
    (folder / "a.txt").write_bytes(b"abc\xe9def")
    [skipped] = reader.folder(folder)
    assert isinstance(skipped, Skipped)
    assert skipped.detail == "byte 0xe9 at offset 3"


def test_folders_are_read_in_one_order_and_links_inside_are_followed(reader: Reader, folder: Path) -> None:
    for name in ("b/2.txt", "b/10.txt", "a.txt", "c.TXT", "b.rst"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("text")
    # As Kubernetes mounts a ConfigMap: links to files in a hidden folder beside them.
    (folder / "..2024").mkdir()
    (folder / "..2024" / "config.txt").write_text("text")
    (folder / "config.txt").symlink_to("..2024/config.txt")
    names = ["a.txt", "b/10.txt", "b/2.txt", "b.rst", "c.TXT", "config.txt"]
    assert _found(list(reader.folder(folder))) == [f"root/{name}" for name in names]
    assert total_bytes(folder) == 4 * len(names)


def test_line_ends_and_every_character_stay_as_they_are(reader: Reader, folder: Path) -> None:
    (folder / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\n")
    [document] = reader.folder(folder)
    assert isinstance(document, Document)
    assert document.text == "one\r\ntwo\rthree\n"


RECORDS: dict[str, tuple[bytes, Reason, str]] = {
    "not JSON": (b'{"text": ', Reason.NOT_JSON, "EOF"),
    "not an object": (b'["text"]', Reason.BAD_RECORD, "object"),
    "no text": (b'{"id": 1}', Reason.BAD_RECORD, "field text: Field required"),
    "a text that is none": (b'{"text": 5}', Reason.BAD_RECORD, "field text: Input should be a valid string"),
    "an empty text": (b'{"text": " "}', Reason.EMPTY, ""),
    "a NUL": (b'{"text": "a\\u0000b"}', Reason.BAD_RECORD, "field text"),
    "a lone surrogate": (b'{"text": "\\ud800"}', Reason.NOT_JSON, "hex escape"),
    "a boolean id": (b'{"text": "a", "id": true}', Reason.BAD_RECORD, "field id"),
    "an empty id": (b'{"text": "a", "id": ""}', Reason.BAD_RECORD, "field id"),
    "a long id": (b'{"text": "a", "id": "%s"}' % (b"x" * 513), Reason.BAD_RECORD, "field id"),
    "a title that is none": (b'{"text": "a", "title": 1}', Reason.BAD_RECORD, "field title"),
    "a property of another type": (b'{"text": "a", "year": "2024"}', Reason.BAD_RECORD, "field year is not of"),
    "a list with another type": (b'{"text": "a", "tags": ["a", 1]}', Reason.BAD_RECORD, "field tags is not of"),
    "a type without a form": (b'{"text": "a", "where": {}}', Reason.BAD_RECORD, "geoCoordinates cannot be ingested"),
    "wrong bytes": (b'{"text": "\xff"}', Reason.NOT_UTF8, "0xff"),
    "a long line": (b'{"text": "%s"}' % (b"x" * LIMIT), Reason.TOO_LARGE, f"more than {LIMIT} bytes"),
    "deep nesting": (b'{"text": "a", "x": %s' % (b"[" * 500), Reason.NOT_JSON, "recursion"),
}


@pytest.mark.parametrize("what", RECORDS)
def test_a_bad_record_is_named_by_its_line_and_the_others_are_read(reader: Reader, what: str) -> None:
    line, reason, detail = RECORDS[what]
    stream = io.BytesIO(b'{"text": "before"}\n\n' + line + b'\n{"text": "behind", "id": "b", "other": 1}')
    before, skipped, behind = reader.stream(stream, "jsonl")
    assert isinstance(skipped, Skipped)
    assert (skipped.source, skipped.reason) == ("root:3", reason)
    assert detail in skipped.detail
    assert skipped.hides or reason is Reason.EMPTY
    assert _found([before, behind]) == ["root:1", "root#b"]
    assert UNKNOWN == ["other"]
