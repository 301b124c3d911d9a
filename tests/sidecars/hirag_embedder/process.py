"""An embedder as its users run it: a process of its own, asked over HTTP."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import httpx

from e2e.cluster.ports import PortReservation

MODEL = "sentence-transformers/all-MiniLM-L6-v2"
_PATIENCE_SECONDS = 60


class EmbedderProcess:
    """Starts `hirag-embedder serve` and waits until it is ready; `settings` are its variables without their prefix."""

    def __init__(self, folder: Path, *, wait: bool = True, **settings: str) -> None:
        self._wait = wait
        self._log = tempfile.NamedTemporaryFile("w")  # noqa: SIM115  closed on exit; a pipe nobody reads would fill up
        self._port = PortReservation()
        self.url = f"http://127.0.0.1:{self._port.first}"
        self.client = httpx.Client(base_url=self.url, timeout=_PATIENCE_SECONDS)
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("HIRAG_")}
        own = {"MODEL_DIR": str(folder), "MODEL_NAME": MODEL, "PORT": str(self._port.first)} | settings
        self._environment |= {f"HIRAG_EMBEDDER_{name}": value for name, value in own.items()}

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "hirag_embedder.main", "serve"]
        self.process = subprocess.Popen(command, env=self._environment, stderr=self._log)
        if self._wait:
            self.until(lambda: self.client.get("/.well-known/ready").status_code == 200, "ready")
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.process.kill()
        self.process.wait()
        self._port.release()
        self._log.close()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Waits for a condition of the running server."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                if condition():
                    return
            except httpx.TransportError:
                if self.process.poll() is not None:
                    break
            time.sleep(0.02)
        raise AssertionError(f"the embedder was never {what}: {self.log()}")

    def end(self) -> tuple[int, str]:
        """Asks it to stop, and gives its exit status and what it logged."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> tuple[int, str]:
        """Waits for its end: exit status and what it logged."""
        return self.process.wait(_PATIENCE_SECONDS), self.log()

    def log(self) -> str:
        """What it has written so far."""
        return Path(self._log.name).read_text("utf-8")

    def metric(self, name: str) -> float:
        """The value of a metric, by its name and labels as they are exposed."""
        for line in self.client.get("/metrics").text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.rpartition(" ")[2])
        raise KeyError(name)
