"""The operator as a local process, against a control plane and Weaviate servers of one's own."""

import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.ports import PortReservation
from e2e.cluster.process import ServerProcess
from e2e.cluster.workspace import Workspace

_START_SECONDS = 60.0


class OperatorProcess:
    """`hirag-operator`, run as its console script would; a context manager.

    Args:
        control_plane: The API server that it watches.
        weaviate: Connections by name, as HIRAG_OPERATOR_WEAVIATE takes them.
        env: Further environment variables; they win over ours.

    Attributes:
        url: Root of /healthz, /readyz and /metrics.
        log: File with its log lines.
    """

    def __init__(
        self,
        control_plane: ControlPlane,
        weaviate: Mapping[str, Mapping[str, str]],
        *,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._control_plane = control_plane
        self._weaviate = {name: dict(connection) for name, connection in weaviate.items()}
        self._env = dict(env or {})
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._folder = stack.enter_context(Workspace("operator")).path
            port = stack.enter_context(PortReservation()).first
            self.url = f"http://127.0.0.1:{port}"
            self.log = self._folder / "operator.log"
            self._process = self._server_process(port)
            stack.callback(self._process.stop)
            self.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def start(self) -> None:
        """Start it and wait until its watches have begun."""
        self._process.start()
        self._process.wait_until(self._is_ready, _START_SECONDS)

    def stop(self) -> None:
        """Ask it to end, as a kubelet does."""
        self._process.stop()

    def kill(self) -> None:
        """End it the way a crash does."""
        self._process.kill()

    def check(self) -> None:
        """Raise when it has ended by itself."""
        self._process.check()

    def _server_process(self, port: int) -> ServerProcess:
        return ServerProcess(
            "hirag-operator",
            [Path(sys.executable), "-m", "hirag_operator.main"],
            self.log,
            env={
                "KUBECONFIG": str(self._control_plane.kubeconfig),
                "HIRAG_OPERATOR_WEAVIATE": json.dumps(self._weaviate),
                "HIRAG_OPERATOR_HOST": "127.0.0.1",
                "HIRAG_OPERATOR_PORT": str(port),
                **self._env,
            },
        )

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False).is_success
        except httpx.TransportError:
            return False
