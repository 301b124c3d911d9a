"""Free loopback ports that stay ours, between sessions and across a server's restart.

A port that the kernel hands out (bind to 0, close, reuse) can be taken in the meantime by any outgoing connection or
by a second session. These come from below the ephemeral range, and a lock file for each, held as long as the
reservation lives, keeps other sessions of this user away. The kernel drops the lock when the process dies.
"""

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from e2e.cluster.errors import ClusterError

_RANGE = range(20_000, 32_000)  # Linux hands out 32768 and up by default, macOS 49152 and up
_RANDOM = random.SystemRandom()


class PortReservation:
    """A run of `count` consecutive free TCP and UDP ports, ours until released.

    Args:
        count: How many consecutive ports.

    Raises:
        ClusterError: No such run is free.
    """

    def __init__(self, count: int = 1) -> None:
        self._locks: list[IO[bytes]] = []
        starts = _RANDOM.sample(_RANGE, len(_RANGE))
        for start in starts:
            if self._take(range(start, start + count)):
                self.ports = tuple(range(start, start + count))
                return
        raise ClusterError(
            f"No {count} consecutive free port(s) between {_RANGE.start} and {_RANGE.stop}. "
            "Stop what listens there, or earlier sessions that still run."
        )

    @property
    def first(self) -> int:
        """The first (or only) port."""
        return self.ports[0]

    def _take(self, ports: range) -> bool:
        for port in ports:
            lock = _lock(port)
            if lock is None:
                self.release()
                return False
            self._locks.append(lock)
        if all(_is_free(port) for port in ports):
            return True
        self.release()
        return False

    def release(self) -> None:
        """Give the ports back."""
        for lock in self._locks:
            lock.close()
        self._locks.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def _lock(port: int) -> IO[bytes] | None:
    folder = Path(tempfile.gettempdir()) / f"hirag-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = (folder / str(port)).open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _is_free(port: int) -> bool:
    """Whether TCP and UDP can be bound on every interface: Weaviate's gRPC server knows no narrower choice."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("", port))
            except OSError:
                return False
    return True
