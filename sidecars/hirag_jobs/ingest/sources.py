"""Where documents come from: a folder, a file, or standard input. Read one at a time, in a stable order."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from hirag_jobs.ingest import json_lines
from hirag_jobs.ingest.declared import Declared
from hirag_jobs.ingest.documents import Document, Reason, Skipped, decoded
from hirag_jobs.ingest.markdown import heading_paths

Format = Literal["text", "markdown", "jsonl"]
Item = Document | Skipped

FORMATS: dict[str, Format] = {
    ".txt": "text",
    ".text": "text",
    ".rst": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


@dataclass(frozen=True)
class Reader:
    """Reads documents.

    Args:
        root: name of this ingest; the first part of every id and of every source that is a file.
        declared: the collection's own properties, for JSON lines.
        max_bytes: the largest text or Markdown file, and the longest JSON line.
        unknown: told the name of each JSON field that is left out.
    """

    root: str
    declared: Declared
    max_bytes: int
    unknown: Callable[[str], None]

    def folder(self, folder: Path) -> Iterator[Item]:
        """Every file below a folder, sorted by path; hidden ones and what leads out of the folder left out."""
        inside = folder.resolve()
        for path in _walk(folder):
            source = _printable(f"{self.root}/{path.relative_to(folder).as_posix()}")
            reason = _unfit(path, inside)
            if reason is None:
                yield from self._file(path, source, FORMATS[path.suffix.lower()])
            else:
                yield Skipped(source, reason, hides=reason is Reason.UNREADABLE)

    def file(self, path: Path, format_: Format) -> Iterator[Item]:
        """One file, whatever its name."""
        yield from self._file(path, self.root, format_)

    def stream(self, stream: BinaryIO, format_: Format) -> Iterator[Item]:
        """A stream, which is one document, or the records of JSON lines."""
        yield from self._read(stream, self.root, format_)

    def _file(self, path: Path, source: str, format_: Format) -> Iterator[Item]:
        try:
            with path.open("rb") as stream:
                yield from self._read(stream, source, format_)
        except OSError as error:
            yield Skipped(source, Reason.UNREADABLE, error.strerror or type(error).__name__, hides=True)

    def _read(self, stream: BinaryIO, source: str, format_: Format) -> Iterator[Item]:
        if format_ == "jsonl":
            yield from json_lines.read(
                stream,
                source,
                root=self.root,
                declared=self.declared,
                max_bytes=self.max_bytes,
                unknown=self.unknown,
            )
        else:
            yield self._whole(stream, source, format_)

    def _whole(self, stream: BinaryIO, source: str, format_: Format) -> Item:
        data = stream.read(self.max_bytes + 1)
        if len(data) > self.max_bytes:
            return Skipped(source, Reason.TOO_LARGE, f"more than {self.max_bytes} bytes")
        text = decoded(data, source)
        if isinstance(text, Skipped):
            return text
        stem = Path(source).stem
        titles = heading_paths(text, stem) if format_ == "markdown" else [(0, stem)]
        return Document(source, source, text, titles, len(data))


def total_bytes(folder: Path) -> int:
    """The size of the files that `Reader.folder` would read, for a progress bar."""
    inside = folder.resolve()
    return sum(path.stat().st_size for path in _walk(folder) if _unfit(path, inside) is None)


def _walk(folder: Path) -> Iterator[Path]:
    """Files, and folders that are not entered, in the order of their paths; one folder's listing held at a time."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        yield folder  # as something that cannot be read
        return
    for entry in found:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False) and not _hidden(path):
            yield from _walk(path)
        else:
            yield path


def _hidden(path: Path) -> bool:
    return path.name.startswith(".")


def _unfit(path: Path, inside: Path) -> Reason | None:
    """Why a path is not read; None when it is."""
    if _hidden(path):
        return Reason.HIDDEN
    try:
        target = path.resolve(strict=True)
        mode = target.stat().st_mode
    except OSError:
        return Reason.UNREADABLE
    folder = Reason.LINKED_FOLDER if path.is_symlink() else Reason.UNREADABLE
    checks = [
        (not target.is_relative_to(inside), Reason.OUTSIDE),
        (stat.S_ISDIR(mode), folder),
        (path.suffix.lower() not in FORMATS, Reason.UNSUPPORTED),
        (str(path) != _printable(str(path)), Reason.BAD_NAME),
        (not stat.S_ISREG(mode), Reason.NOT_A_FILE),
    ]
    return next((reason for applies, reason in checks if applies), None)


def _printable(name: str) -> str:
    """A file's name without what no encoding can write."""
    return name.encode(errors="backslashreplace").decode()
