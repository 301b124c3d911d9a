"""What is wrong with an archive: each is told by the file's name, with what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hirag_kit.errors import ConfigurationError, StorageError

REMEDY = "copy it anew from where the archive was made, or export again"


class ArchiveError(ConfigurationError):
    """An archive cannot be read: a file is missing, damaged, cut off, foreign or of another version."""


@contextmanager
def disk(doing: str, path: Path) -> Iterator[None]:
    """Turns errors of the file system into ours.

    Args:
        doing: what is done with the file, as a participle.
        path: the file, or the folder.
    """
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} could not be {doing}: {error.strerror or type(error).__name__}") from error
