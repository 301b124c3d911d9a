"""A cluster that somebody else runs: kind, minikube, a cloud."""

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from e2e.cluster.kubectl import Kubectl
from e2e.cluster.process import ServerProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.workspace import Workspace

_START_SECONDS = 30.0


class ExistingCluster:
    """The cluster of a kubeconfig; a context manager that changes nothing of it.

    Whatever way of signing in the kubeconfig names is kubectl's to carry out: a client of the API server goes through
    `kubectl proxy`, on a socket that only this user may open.

    Args:
        tools: Where kubectl comes from.
        kubeconfig: Which cluster, and as whom.
    """

    def __init__(self, tools: Toolchain, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig.resolve(strict=True)
        self.audit_log: Path | None = None
        self._tools = tools
        self._kubectl = Kubectl(tools, self.kubeconfig)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = stack.enter_context(Workspace("proxy")).path
            # A path of a socket has 107 characters at most.
            self._socket = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hirag-"))) / "api"
            kubectl: list[str | Path] = [self._tools.path("kubectl"), f"--kubeconfig={self.kubeconfig}"]
            proxy = ServerProcess(
                "kubectl proxy", [*kubectl, "proxy", f"--unix-socket={self._socket}"], folder / "proxy.log"
            )
            stack.callback(proxy.stop)
            proxy.start()
            proxy.wait_until(self._socket.exists, _START_SECONDS)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def kubectl(self, *args: str, stdin: str | bytes | None = None) -> str:
        """Run kubectl; see `Kubectl`."""
        return self._kubectl(*args, stdin=stdin)

    def connect(self) -> httpx.Client:
        """Return a client of the API server with the rights of the kubeconfig; the caller closes it."""
        transport = httpx.HTTPTransport(uds=str(self._socket))
        return httpx.Client(base_url="http://localhost", transport=transport, timeout=30)

    def logs(self) -> Iterable[Path]:
        """Return none: they are somebody else's."""
        return ()
