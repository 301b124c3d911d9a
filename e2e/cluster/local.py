"""A whole cluster of one node on this machine, and nothing of it left behind."""

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from e2e.cluster import debian
from e2e.cluster.audit import audit_flags
from e2e.cluster.cache import Cache
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.errors import ClusterError
from e2e.cluster.node import PROGRAMS, Node, kubelet_client, kubelet_client_flags
from e2e.cluster.node.sandbox import Sandbox
from e2e.cluster.progress import Progress
from e2e.cluster.scheduler import Scheduler
from e2e.cluster.toolchain import Toolchain


class LocalCluster:
    """Control plane, scheduler and a node whose pods run; a context manager. Needs root.

    Args:
        tools: Where the binaries come from.
        images: Archives of all images that pods may use.
        pause: Reference of the one among them that holds a pod's namespaces.
    """

    def __init__(self, tools: Toolchain, *, images: Sequence[Path], pause: str) -> None:
        self._tools = tools
        self._images = images
        self._pause = pause
        self.audit_log: Path | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if os.geteuid() != 0:
            raise ClusterError("A node on this machine needs root; name another cluster by E2E_KUBECONFIG instead.")
        debian.programs(PROGRAMS, Cache.from_environment(os.environ), Progress())
        with ExitStack() as stack:
            self._sandbox = stack.enter_context(Sandbox())
            client = kubelet_client(self._sandbox)
            self.audit_log = self._sandbox.folder / "audit.log"
            flags = [*kubelet_client_flags(client), *audit_flags(self.audit_log)]
            self._control_plane = stack.enter_context(
                ControlPlane(self._tools, flags=flags, address=self._sandbox.outside)
            )
            self.kubeconfig = self._control_plane.kubeconfig
            stack.enter_context(Scheduler(self._tools, self._control_plane, "default-scheduler"))
            node = Node(
                self._tools,
                self._sandbox,
                self._control_plane,
                client=client,
                images=self._images,
                pause=self._pause,
            )
            stack.enter_context(node)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    @property
    def folder(self) -> Path:
        """A folder that the node sees too, e.g. for volumes; it goes with the cluster."""
        return self._sandbox.folder

    def kubectl(self, *args: str, stdin: str | bytes | None = None) -> str:
        """Run kubectl as the administrator; see `Kubectl`."""
        return self._control_plane.kubectl(*args, stdin=stdin)

    def connect(self) -> httpx.Client:
        """Return a client of the API server with the administrator's rights; the caller closes it."""
        return self._control_plane.connect()

    def restart_apiserver(self) -> None:
        """Stop the API server and start it again with the same data."""
        self._control_plane.restart_apiserver()

    def logs(self) -> Iterable[Path]:
        """Return the logs of the node's servers."""
        return sorted(self._sandbox.folder.glob("*.log"))
