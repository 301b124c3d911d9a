"""JSON lines: one record a line, `{"text": …, "id": …, "source": …, "title": …, and properties of the collection}`.

Only `text` is required. A field that is neither ours nor a property of the collection is left out and counted.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Annotated, BinaryIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hirag_jobs.ingest.declared import Declared
from hirag_jobs.ingest.documents import Document, Reason, Skipped, decoded


class _Record(BaseModel):
    """One line; what is not named here is in `model_extra`."""

    model_config = ConfigDict(extra="allow", strict=True)

    text: Annotated[str, Field(pattern=r"^[^\x00]*$")]
    id: Annotated[str, Field(min_length=1, max_length=512)] | int | None = None
    source: Annotated[str, Field(min_length=1, max_length=2048)] | None = None
    title: Annotated[str, Field(max_length=2048)] | None = None


def read(
    stream: BinaryIO,
    source: str,
    *,
    root: str,
    declared: Declared,
    max_bytes: int,
    unknown: Callable[[str], None],
) -> Iterator[Document | Skipped]:
    """The records of a stream, one at a time.

    Args:
        stream: UTF-8, one JSON object a line; blank lines are passed over.
        source: name of the stream, for records that name no source of their own.
        root: name of this ingest; ids of records are unique within it.
        declared: the collection's own properties.
        max_bytes: the longest line that is read.
        unknown: told the name of each field that is left out.
    """
    line_number = 0
    while line := stream.readline(max_bytes + 1):
        line_number += 1
        place = f"{source}:{line_number}"
        if len(line) > max_bytes and not line.endswith(b"\n"):
            _skip_rest(stream, max_bytes)
            yield Skipped(place, Reason.TOO_LARGE, f"line of more than {max_bytes} bytes", hides=True)
        elif line.strip():
            yield _document(line, place, source, root, declared, unknown)


def _skip_rest(stream: BinaryIO, max_bytes: int) -> None:
    while (rest := stream.readline(max_bytes)) and not rest.endswith(b"\n"):
        pass


def _document(
    line: bytes, place: str, source: str, root: str, declared: Declared, unknown: Callable[[str], None]
) -> Document | Skipped:
    text = decoded(line, place)
    if isinstance(text, Skipped):
        return replace(text, hides=True)
    try:
        record = _Record.model_validate_json(text)
        properties = declared.values(record.model_extra or {}, unknown)
    except ValidationError as error:
        return _complaint(place, error)
    except ValueError as error:
        return Skipped(place, Reason.BAD_RECORD, str(error), hides=True)
    if not record.text.strip():
        return Skipped(place, Reason.EMPTY)
    return Document(
        id=place if record.id is None else f"{root}#{record.id}",
        source=record.source or source,
        text=record.text,
        titles=[(0, record.title or "")],
        size=len(line),
        properties=properties,
    )


def _complaint(place: str, error: ValidationError) -> Skipped:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if first["type"] == "json_invalid":
        return Skipped(place, Reason.NOT_JSON, first["msg"], hides=True)
    field = f"field {first['loc'][0]}: " if first["loc"] else ""
    return Skipped(place, Reason.BAD_RECORD, f"{field}{first['msg']}", hides=True)
