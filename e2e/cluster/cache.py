"""What is worth keeping between sessions, outside the checkout: binaries, the Go toolchain, the model.

Everything in it is complete: files are made beside their place and renamed into it. Everything is keyed by what pins
it, so nothing has to be invalidated. The whole folder may be deleted at any time.
"""

import contextlib
import fcntl
import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

_PARTIAL = ".partial-"


class Cache:
    """A folder of finished things.

    Args:
        root: The folder; made when it is needed.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Cache":
        """The cache of this user: HIRAG_CACHE, or `hirag` under XDG_CACHE_HOME, or under ~/.cache."""
        if chosen := environment.get("HIRAG_CACHE"):
            return cls(Path(chosen))
        return cls(Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hirag")

    @contextlib.contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Make things of that name without another session doing the same; waits for its turn."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / f"{name}.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def partial(self, place: Path) -> Iterator[Path]:
        """A fresh folder beside `place`, removed at the end; rename out of it what is finished."""
        place.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=place.parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def sweep(self, below: str) -> None:
        """Remove what a killed session left half made below a folder; only for the holder of the lock of that name."""
        for folder in (self.root / below).rglob(f"{_PARTIAL}*"):
            shutil.rmtree(folder, ignore_errors=True)


def digest(*parts: bytes) -> str:
    """Sixteen hexadecimal digits that name this content."""
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part).digest())
    return total.hexdigest()[:16]


def sha256(file: Path) -> str:
    """The file's SHA-256, in hexadecimal digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def publish(file: Path, place: Path) -> Path:
    """Move a finished file or folder to its place at once; when somebody was faster, theirs stays."""
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        file.replace(place)
    except OSError:
        if not place.is_dir():  # a folder cannot replace a folder that has content
            raise
    return place
