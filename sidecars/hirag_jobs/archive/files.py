"""Files that are whole or not there: written beside their place, on the disk, and then given their name."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from hirag_jobs.archive.errors import REMEDY, ArchiveError, disk


def settle(temporary: Path, file: Path) -> None:
    """Gives a file that is on the disk its name, and has the folder's entry on the disk too."""
    temporary.rename(file)
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Has a folder's entries on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(file: Path, temporary: Path, content: bytes) -> None:
    """Writes a small file.

    Raises:
        StorageError: the disk is full, or fails.
    """
    with disk("written", file):
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        settle(temporary, file)


def read_bounded(file: Path, most: int) -> bytes | None:
    """The content of a file; None where there is none.

    Raises:
        ArchiveError: it is larger than `most` bytes, or no file.
        StorageError: it could not be read.
    """
    try:
        with regular(file) as stream:
            content = stream.read(most + 1)
    except FileNotFoundError:
        return None
    if len(content) > most:
        raise ArchiveError(f"{file} has more than {most} bytes, the most that is read of it; {REMEDY}")
    return content


@contextmanager
def regular(file: Path) -> Iterator[BinaryIO]:
    """Opens a regular file to be read; links are not followed, so that nothing outside the folder is.

    Raises:
        ArchiveError: it is something else.
        FileNotFoundError: there is none.
        StorageError: it could not be read.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        if file.is_symlink():
            raise ArchiveError(f"{file} is a link, and links are not followed: put the file itself there") from error
        with disk("read", file):
            raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise ArchiveError(f"{file} is no regular file; {REMEDY}")
    with os.fdopen(descriptor, "rb") as stream, disk("read", file):
        yield stream
