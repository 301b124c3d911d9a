"""What is read: documents, and what was not made into one, with the reason."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """Why something was left out; the value is what a person reads."""

    HIDDEN = "hidden"
    UNSUPPORTED = "no text, Markdown or JSON lines by its name"
    BAD_NAME = "its name is not UTF-8"
    OUTSIDE = "symbolic link that leads out of the folder"
    LINKED_FOLDER = "symbolic link to a folder"
    NOT_A_FILE = "not a regular file"
    UNREADABLE = "cannot be read"
    TOO_LARGE = "larger than the limit"
    EMPTY = "empty"
    BINARY = "binary: holds NUL characters"
    NOT_UTF8 = "not UTF-8"
    NOT_JSON = "not JSON"
    BAD_RECORD = "not a record"
    DUPLICATE = "has the id of an earlier document of this run"


@dataclass(frozen=True)
class Skipped:
    """Something that was not ingested.

    Args:
        source: the file, or the file and the line (`notes.jsonl:12`).
        reason: the kind of reason.
        detail: what exactly, for a person; without the text itself.
        hides: whether documents may be behind it whose ids are therefore unknown.
    """

    source: str
    reason: Reason
    detail: str = ""
    hides: bool = False


@dataclass(frozen=True)
class Document:
    """A text with its identity.

    Args:
        id: identity over runs; the `parentId` of its chunks.
        source: where it comes from, for people and citations.
        text: what is chunked; offsets count its characters.
        titles: offsets and the title from there on, in ascending order, the first at 0.
        size: bytes read for it, for progress.
        properties: values for the collection's own properties.
    """

    id: str
    source: str
    text: str
    titles: Sequence[tuple[int, str]]
    size: int
    properties: Mapping[str, object] = field(default_factory=dict)

    def title_at(self, offset: int) -> str:
        """The title of what stands at an offset."""
        return self.titles[bisect_right(self.titles, offset, key=lambda title: title[0]) - 1][1]


def decoded(data: bytes, source: str) -> str | Skipped:
    """The text of a file's bytes, its byte order mark removed and its line ends as they are; or why there is none."""
    if b"\0" in data:
        return Skipped(source, Reason.BINARY)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        detail = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        return Skipped(source, Reason.NOT_UTF8, detail)
    return text if text.strip() else Skipped(source, Reason.EMPTY)
