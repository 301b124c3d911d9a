"""A journal: what was done, one record a line, on the disk before the next thing is begun.

A line that the end of a process cut off never happened, and is taken back. One process writes a journal at a time.
"""

import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from hirag_jobs.archive.errors import ArchiveError, disk
from hirag_jobs.archive.files import sync_folder
from hirag_jobs.archive.manifest import PartEntry


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Begun(_Record):
    """What is archived: it must be the same when the export is taken up."""

    kind: Literal["begun"] = "begun"
    version: int
    created: str
    collection: str
    schema_sha256: str
    asked: list[str] = Field(description="tenants that were asked for; empty for all")
    states: dict[str, str] | None = Field(description="tenant → its state when it began; null without tenants")


class Woken(_Record):
    """A tenant is about to be woken, and is to be put back into this state when it is done."""

    kind: Literal["woken"] = "woken"
    tenant: str
    state: str


class Whole(_Record):
    """A part is on the disk."""

    kind: Literal["whole"] = "whole"
    part: PartEntry
    dimensions: dict[str, int]


class Done(_Record):
    """A tenant is through, or the whole collection where it has none; what was woken is as it was."""

    kind: Literal["done"] = "done"
    tenant: str | None


Record = Begun | Woken | Whole | Done
_RECORD: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Field(discriminator="kind")])


class Journal:
    """The records of a job that may be taken up; a context manager that holds the file, locked.

    Args:
        file: made where there is none.

    Attributes:
        records: in their order.
        asleep: tenants that were woken and are not done yet → the state to put them back into.

    Raises:
        ArchiveError: another process writes it, or a line in it is none of its records.
        StorageError: the disk is full, or fails.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.records: list[Record] = []
        self.asleep: dict[str, str] = {}

    def __enter__(self) -> Self:
        with disk("written", self._file):
            self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            self._lock()
            self._load()
        except BaseException:
            os.close(self._descriptor)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        os.close(self._descriptor)

    def append(self, record: Record) -> None:
        """Has a record on the disk."""
        line = record.model_dump_json().encode() + b"\n"
        with disk("written", self._file):
            if os.write(self._descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._descriptor)
        self._keep(record)

    def remove(self) -> None:
        """Removes the file: what it tells of is at its end."""
        with disk("removed", self._file):
            self._file.unlink()
            sync_folder(self._file.parent)

    def _keep(self, record: Record) -> None:
        self.records.append(record)
        if isinstance(record, Woken):
            self.asleep.setdefault(record.tenant, record.state)
        elif isinstance(record, Done) and record.tenant is not None:
            self.asleep.pop(record.tenant, None)

    def _lock(self) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ArchiveError(f"another process is at work on {self._file.parent}: wait for its end") from error

    def _load(self) -> None:
        with disk("read", self._file):
            text = self._file.read_bytes()
            whole = text.rfind(b"\n") + 1
            if whole < len(text):
                os.ftruncate(self._descriptor, whole)
            sync_folder(self._file.parent)
        for number, line in enumerate(text[:whole].splitlines(), start=1):
            try:
                self._keep(_RECORD.validate_json(line))
            except ValidationError as error:
                raise ArchiveError(f"{self._file}, line {number}, is damaged: begin anew in an empty folder") from error
