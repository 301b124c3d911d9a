"""A folder for one run of servers, removed at its end, or by the next run when this one was killed.

The folder's lock is held by the process that made it. A folder whose lock is free has no owner any more: its servers
ended with the owner (see `guard`), and what they left on disk is swept by whoever comes next.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

_OWNER = "owner.lock"


def workspaces() -> Path:
    """The folder that holds the workspaces of this user."""
    return Path(tempfile.gettempdir()) / f"hirag-run-{os.getuid()}"


class Workspace:
    """A fresh folder at `path`, ours as long as this object lives; a context manager.

    Args:
        name: A word that tells folders apart.
    """

    def __init__(self, name: str) -> None:
        with _alone():
            _sweep()
            self.path = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=workspaces()))
            self._owner = (self.path / _OWNER).open("wb")
            fcntl.flock(self._owner, fcntl.LOCK_EX)

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._owner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def sweep() -> list[Path]:
    """Remove the folders whose owners are gone; returns what was removed."""
    with _alone():
        return _sweep()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Making and sweeping exclude each other, so that nobody sees a folder that has no owner *yet*."""
    workspaces().mkdir(mode=0o700, parents=True, exist_ok=True)
    with (workspaces() / "sweep.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep() -> list[Path]:
    abandoned = [folder for folder in workspaces().iterdir() if folder.is_dir() and not _is_owned(folder)]
    for folder in abandoned:
        shutil.rmtree(folder, ignore_errors=True)
    return abandoned


def _is_owned(folder: Path) -> bool:
    if not (folder / _OWNER).exists():
        return False
    with (folder / _OWNER).open("rb") as owner:
        try:
            fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
