"""One of the product's own servers as a local process on loopback."""

import os
import signal
import ssl
from abc import ABC, abstractmethod
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from e2e.cluster.ports import PortReservation
from e2e.cluster.process import ServerProcess
from e2e.cluster.workspace import Workspace

# Reading those of the system takes longer than all else of a look, and nothing is signed here.
_NO_AUTHORITIES: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Program(ABC):
    """A server of the product, from start to end; a context manager. A subclass says how it is started.

    Args:
        name: Its console script, and what people call it.
        ready: Path that answers 2xx once it is ready.
        start_seconds: The longest that this may take.
        port: Where it listens; a free port when absent.

    Attributes:
        url: Its root.
        log: File with both its streams.
    """

    def __init__(self, name: str, *, ready: str, start_seconds: float, port: int | None = None) -> None:
        self._name = name
        self._ready = ready
        self._start_seconds = start_seconds
        self._port = port
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = stack.enter_context(Workspace(self._name)).path
            port = self._port or stack.enter_context(PortReservation()).first
            self.url = f"http://127.0.0.1:{port}"
            self.log = folder / f"{self._name}.log"
            self._process = ServerProcess(self._name, self._command(), self.log, env=self._environment(port))
            stack.callback(self._process.stop)
            self.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._process.running

    @property
    def pid(self) -> int:
        """Its process id, on Linux."""
        return self._process.pid

    def start(self) -> None:
        """Start it on the port that it always has, and wait until it is ready."""
        self._process.start()
        self._process.wait_until(lambda: answers(f"{self.url}{self._ready}"), self._start_seconds)

    def stop(self) -> None:
        """Ask it to end, as a kubelet does; the port stays."""
        self._process.stop()

    def kill(self) -> None:
        """End it the way a crash does."""
        self._process.kill()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal and return at once."""
        os.kill(self.pid, number)

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()

    def check(self) -> None:
        """Raise when it has ended by itself."""
        self._process.check()

    @abstractmethod
    def _command(self) -> list[str | Path]:
        """Return the program and its arguments."""

    @abstractmethod
    def _environment(self, port: int) -> dict[str, str]:
        """Return the environment that tells it where to listen, and all else."""


def answers(url: str) -> bool:
    """Return whether a server answers with success; `url` is http, as all of loopback is."""
    try:
        return httpx.get(url, trust_env=False, verify=_NO_AUTHORITIES).is_success
    except httpx.TransportError:
        return False
