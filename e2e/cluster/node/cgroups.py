"""The control groups of a node: one tree of its own in every hierarchy of this machine, removed at the end."""

import contextlib
import errno
import time
from collections.abc import Callable, Iterator
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_GONE_SECONDS = 10.0
_POLL_SECONDS = 0.05


@contextlib.contextmanager
def own_tree(name: str) -> Iterator[str]:
    """A control group of that name below every root; gives its path as the kubelet wants it.

    Whatever runs in it must have ended by the end of the block.
    """
    trees = [hierarchy / name for hierarchy in _hierarchies()]
    try:
        for tree in trees:
            tree.mkdir()
            _open_cpuset(tree)
        yield f"/{name}"
    finally:
        for tree in trees:
            _remove(tree)


def sweep(prefix: str, lives: Callable[[str], bool]) -> None:
    """Remove what killed sessions left: trees of a name `prefix…` of which `lives`, told the rest, says no."""
    for tree in (tree for hierarchy in _hierarchies() for tree in hierarchy.glob(f"{prefix}*")):
        if not lives(tree.name.removeprefix(prefix)):
            _remove(tree)


def _hierarchies() -> list[Path]:
    """The roots: one in version 2; in version 1 one for each controller, some of which are links to others."""
    if (_ROOT / "cgroup.controllers").exists():
        return [_ROOT]
    return [one for one in sorted(_ROOT.iterdir()) if not one.is_symlink() and (one / "cgroup.procs").exists()]


def _open_cpuset(tree: Path) -> None:
    """Version 1 gives a new cpuset nothing to run on."""
    for resource in ("cpuset.cpus", "cpuset.mems"):
        here, above = tree / resource, tree.parent / resource
        if here.exists() and above.exists() and not here.read_text().strip():
            here.write_text(above.read_text())


def _remove(tree: Path) -> None:
    """Remove a tree from its leaves; a group is busy for a moment after its last process was killed."""
    if not tree.exists():
        return
    for folder in sorted((one for one in tree.rglob("*") if one.is_dir()), reverse=True):
        _remove_group(folder)
    _remove_group(tree)


def _remove_group(folder: Path) -> None:
    end = time.monotonic() + _GONE_SECONDS
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > end:
                raise
            time.sleep(_POLL_SECONDS)
        else:
            return
