"""The parts of an archive: lines behind zstandard, hashed as they are written, and checked before one is believed."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from uuid import UUID

from hirag_jobs.archive.compression import zstd
from hirag_jobs.archive.errors import REMEDY, ArchiveError, disk
from hirag_jobs.archive.files import regular, settle
from hirag_jobs.archive.manifest import PartEntry, temporary
from hirag_kit.errors import InternalError

MOST_LINE_BYTES = 256 * 2**20
"""The longest line: twice and more what Weaviate takes in one message."""
_CHUNK = 2**20
_WINDOW_LOG = 23  # eight megabytes, the most that is kept while a part is read or written
_READING = {int(zstd.DecompressionParameter.window_log_max): _WINDOW_LOG}


class PartWriter:
    """Writes one part; a context manager that leaves nothing behind where it was not finished.

    Args:
        folder: of the archive.
        name: of the file.
        tenant: whose objects they are.
        compression: level of zstandard.
    """

    def __init__(self, folder: Path, name: str, tenant: str | None, compression: int) -> None:
        self._file, self._temporary, self._tenant = folder / name, folder / temporary(name), tenant
        parameter = zstd.CompressionParameter
        self._compressor = zstd.ZstdCompressor(
            options={int(parameter.compression_level): compression, int(parameter.window_log): _WINDOW_LOG}
        )
        self._hash = hashlib.sha256()
        self._bytes = 0
        self.objects, self.content_bytes = 0, 0
        self._first, self._last = 0, 0

    def __enter__(self) -> Self:
        with disk("written", self._file):
            self._stream = self._temporary.open("wb")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with disk("written", self._file):
            try:
                self._stream.close()  # writes what is buffered yet, and fails where the disk is full
            finally:
                self._temporary.unlink(missing_ok=True)

    def add(self, identity: int, line: bytes) -> None:
        """Adds an object, whose id is above that of the one before.

        Raises:
            ArchiveError: its line is longer than an archive takes.
            InternalError: its id is not above the last.
            StorageError: the disk is full, or fails.
        """
        if len(line) > MOST_LINE_BYTES:
            raise ArchiveError(
                f"object {UUID(int=identity)} takes {len(line)} bytes, and an archive at most {MOST_LINE_BYTES}"
            )
        if self.objects == 0:
            self._first = identity
        elif identity <= self._last:
            raise InternalError(f"object {UUID(int=identity)} came out of the order of ids, in which exports go on")
        self._last = identity
        self.objects += 1
        self.content_bytes += len(line)
        self._put(self._compressor.compress(line))

    def finish(self) -> PartEntry:
        """Gives the part its name; from then on it is whole, whatever happens.

        Raises:
            StorageError: the disk is full, or fails.
        """
        self._put(self._compressor.flush())
        with disk("written", self._file):
            self._stream.flush()
            os.fsync(self._stream.fileno())
            settle(self._temporary, self._file)
        return PartEntry(
            file=self._file.name,
            tenant=self._tenant,
            objects=self.objects,
            first=UUID(int=self._first),
            last=UUID(int=self._last),
            bytes=self._bytes,
            content_bytes=self.content_bytes,
            sha256=self._hash.hexdigest(),
        )

    def _put(self, compressed: bytes) -> None:
        self._hash.update(compressed)
        self._bytes += len(compressed)
        with disk("written", self._file):
            self._stream.write(compressed)


def verify(folder: Path, part: PartEntry) -> None:
    """Reads a part through, and refuses one that is not to the byte what the manifest says.

    Raises:
        ArchiveError: it is missing, cut off, too long, or damaged.
        StorageError: it could not be read.
    """
    with _opened(folder, part) as stream:
        digest = hashlib.sha256()
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != part.sha256:
        raise ArchiveError(f"part {part.file} is damaged: its SHA-256 is not the manifest's; {REMEDY}")


def check_present(folder: Path, part: PartEntry) -> None:
    """Refuses a part that is missing or of another length, without reading it.

    Raises:
        ArchiveError: it is so.
        StorageError: it could not be looked at.
    """
    with _opened(folder, part):
        pass


def read_lines(folder: Path, part: PartEntry) -> Iterator[bytes]:
    """The lines of a part that was verified.

    Memory is bounded by the longest line. What is behind the bytes that the manifest states is never decompressed.

    Raises:
        ArchiveError: it is no part, or does not hold what the manifest states.
    """
    count, rest = 0, bytearray()
    for chunk in _decompressed(folder, part):
        searched = len(rest)
        rest += chunk
        while (end := rest.find(b"\n", searched)) >= 0:
            count += 1
            yield bytes(rest[:end])
            del rest[: end + 1]
            searched = 0
        if len(rest) > MOST_LINE_BYTES:
            raise ArchiveError(f"part {part.file}, line {count + 1}, is longer than {MOST_LINE_BYTES} bytes; {REMEDY}")
    if rest or count != part.objects:
        raise ArchiveError(f"part {part.file} holds {count} whole objects, not {part.objects}; {REMEDY}")


@contextmanager
def _opened(folder: Path, part: PartEntry) -> Iterator[BinaryIO]:
    """A part's file, of the length that the manifest states."""
    try:
        with regular(folder / part.file) as stream:
            length = os.fstat(stream.fileno()).st_size
            if length != part.bytes:
                state = "cut off" if length < part.bytes else "too long"
                raise ArchiveError(f"part {part.file} is {state}: {length} bytes, not {part.bytes}; {REMEDY}")
            yield stream
    except FileNotFoundError as error:
        raise ArchiveError(f"part {part.file} is missing; {REMEDY}") from error


def _decompressed(folder: Path, part: PartEntry) -> Iterator[bytes]:
    left = part.content_bytes
    decompressor = zstd.ZstdDecompressor(options=_READING)
    with _opened(folder, part) as stream:
        while not decompressor.eof:
            compressed = stream.read(_CHUNK) if decompressor.needs_input else b""
            if decompressor.needs_input and not compressed:
                break
            try:
                chunk = decompressor.decompress(compressed, min(_CHUNK, left + 1))
            except zstd.ZstdError as error:
                raise ArchiveError(f"part {part.file} is not compressed by zstandard as parts are; {REMEDY}") from error
            left -= len(chunk)
            if left < 0:
                raise ArchiveError(f"part {part.file} holds more than its {part.content_bytes} bytes; {REMEDY}")
            yield chunk
        if left or not decompressor.eof or decompressor.unused_data or stream.read(1):
            raise ArchiveError(f"part {part.file} does not end where the manifest says; {REMEDY}")
