"""The embedding server as a local process, with a real model."""

import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from e2e.cluster.ports import PortReservation
from e2e.cluster.process import ServerProcess
from e2e.cluster.workspace import Workspace

MODEL_NAME = "sentence-transformers/all-MiniLM-L6-v2"
DIMENSIONS = 384
MAX_TOKENS = 256

_START_SECONDS = 90.0  # the first start converts the model to ONNX


class EmbedderServer:
    """`hirag-embedder serve` on loopback; a context manager.

    Args:
        model: Folder of all-MiniLM-L6-v2.
        cache: Folder that keeps the converted model, so that only the first start converts it.
        port: Where it listens; a free port when absent.

    Attributes:
        url: Its root; the OpenAI-compatible API is below /v1.
    """

    def __init__(self, model: Path, cache: Path, *, port: int | None = None) -> None:
        self._model = model
        self._cache = cache
        self._port = port
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = stack.enter_context(Workspace("embedder")).path
            port = self._port or stack.enter_context(PortReservation()).first
            self.url = f"http://127.0.0.1:{port}"
            self._process = self._server_process(port, folder / "embedder.log")
            stack.callback(self._process.stop)
            self.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def start(self) -> None:
        """Start it on the port that it always has, and wait until its model answers."""
        self._process.start()
        self._process.wait_until(self._is_ready, _START_SECONDS)

    def stop(self) -> None:
        """Stop it; the port stays."""
        self._process.stop()

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()

    def check(self) -> None:
        """Raise when it has ended by itself."""
        self._process.check()

    def _server_process(self, port: int, log: Path) -> ServerProcess:
        settings = {
            "MODEL_DIR": str(self._model),
            "MODEL_NAME": MODEL_NAME,
            "DIMENSIONS": str(DIMENSIONS),
            "MAX_TOKENS": str(MAX_TOKENS),
            "CACHE_DIR": str(self._cache),
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }
        env = {f"HIRAG_EMBEDDER_{name}": value for name, value in settings.items()}
        return ServerProcess("hirag-embedder", [Path(sys.executable).with_name("hirag-embedder"), "serve"], log, env=env)

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/.well-known/ready", trust_env=False).is_success
        except httpx.TransportError:
            return False
