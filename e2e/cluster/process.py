"""One server as a child process: its log, its readiness, its end."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from e2e.cluster import guard
from e2e.cluster.errors import NotReadyError, ServerExitedError

_TAIL_BYTES = 4_000
_POLL_SECONDS = 0.05
_GUARD_SECONDS = 10.0  # what a loaded machine may need to run the guard after the server's grace


class ServerProcess:
    """A server that can be started, stopped and started again, and that never outlives this process.

    Args:
        name: What people call it, for messages.
        command: The program and its arguments.
        log: Where both its streams go; appended to on every start.
        env: Environment variables on top of ours.
        grace: Seconds between the request to end and the kill.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        grace: float = 10.0,
    ) -> None:
        self.name = name
        self.log = log
        self._command = [str(part) for part in command]
        self._env = {**os.environ, **(env or {})}
        self._grace = grace
        self._guard: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._guard is not None and self._guard.poll() is None

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs, or where it was stopped from here or never started."""
        return None if self._guard is None else self._guard.poll()

    @property
    def pid(self) -> int:
        """The server's process id, on Linux.

        Raises:
            ServerExitedError: It has ended by itself.
            NotReadyError: It was not started.
        """
        self.check()
        if self._guard is None:
            raise NotReadyError(f"{self.name} was not started")
        guard_id = self._guard.pid
        return int(Path(f"/proc/{guard_id}/task/{guard_id}/children").read_text().split()[0])

    def start(self) -> None:
        """Start it; does nothing when it runs."""
        if self.running:
            return
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", guard.__file__, str(self._grace), *self._command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._env,
                start_new_session=True,  # a group of its own: Ctrl-C at the terminal is for us to handle, in order
            )

    def wait_until(self, is_ready: Callable[[], bool], timeout: float) -> None:
        """Poll `is_ready` until it says so.

        Args:
            is_ready: Asks the server; exceptions of connecting are its to handle.
            timeout: Seconds.

        Raises:
            ServerExitedError: The server ended meanwhile.
            NotReadyError: Time is over.
        """
        end = time.monotonic() + timeout
        while not is_ready():
            self.check()
            if time.monotonic() > end:
                raise NotReadyError(
                    f"{self.name} was not ready within {timeout:g} s. "
                    f"Its log is {self.log} and ends with:\n{self.tail()}"
                )
            time.sleep(_POLL_SECONDS)

    def check(self) -> None:
        """Raise ServerExitedError when it was started and has ended by itself."""
        if self._guard is not None and (status := self._guard.poll()) is not None:
            raise ServerExitedError(self.name, status, self.log, self.tail())

    def tail(self) -> str:
        """The end of the log, of the current run only."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self._log_start, size - _TAIL_BYTES))
            return log.read().decode(errors="replace").strip()

    def stop(self) -> None:
        """Ask it to end, kill it after the grace; returns when the whole process group is gone."""
        self._end(gently=True)

    def kill(self) -> None:
        """End it the way a crash does, without a chance to tidy up."""
        self._end(gently=False)

    def _end(self, *, gently: bool) -> None:
        if self._guard is None:
            return
        try:
            self._guard.communicate(None if gently else b"k", timeout=self._grace + _GUARD_SECONDS)
        except subprocess.TimeoutExpired:
            self._guard.kill()  # takes the server along
            self._guard.wait()
        self._guard = None
