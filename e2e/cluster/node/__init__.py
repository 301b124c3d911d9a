"""A real node on this machine: containerd, kubelet, kube-proxy and cluster DNS in a sandbox; pods really run.

Root is needed, and `PROGRAMS`, each from the package of Debian that has it.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.credentials import ClientCertificate, write_client_certificate
from e2e.cluster.node import network
from e2e.cluster.node.containers import Containers
from e2e.cluster.node.kubelet import kubelet
from e2e.cluster.node.sandbox import Sandbox
from e2e.cluster.process import ServerProcess
from e2e.cluster.toolchain import Toolchain

__all__ = ["PROGRAMS", "Node", "kubelet_client", "kubelet_client_flags"]

PROGRAMS = {
    "containerd": "containerd",
    "ctr": "containerd",
    "runc": "runc",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
    "nft": "nftables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "unshare": "util-linux",
}
_START_SECONDS = 90.0


def kubelet_client(sandbox: Sandbox) -> ClientCertificate:
    """Make the certificate by which an API server is known to the kubelet of a sandbox."""
    return write_client_certificate(sandbox.folder, "kubelet-client")


def kubelet_client_flags(certificate: ClientCertificate) -> list[str]:
    """Return the flags by which an API server uses it."""
    return [
        f"--kubelet-client-certificate={certificate.certificate}",
        f"--kubelet-client-key={certificate.key}",
    ]


class Node:
    """A node; a context manager that starts it and, at the end, leaves nothing of it.

    Args:
        tools: Where the binaries come from.
        sandbox: Where it lives.
        control_plane: The API server, which must be reachable from the sandbox.
        client: By which that API server is known to the kubelet.
        images: Archives of all images that pods may use.
        pause: Reference of the one among them that holds a pod's namespaces.
        name: Its name.
    """

    def __init__(
        self,
        tools: Toolchain,
        sandbox: Sandbox,
        control_plane: ControlPlane,
        *,
        client: ClientCertificate,
        images: Sequence[Path],
        pause: str,
        name: str = "node-1",
    ) -> None:
        self._tools = tools
        self._sandbox = sandbox
        self._control_plane = control_plane
        self._client = client
        self._images = images
        self._pause = pause
        self.name = name
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            containers = Containers(self._sandbox, self._pause)
            stack.callback(containers.stop)
            containers.start()
            containers.load(self._images)
            for server in self._servers():
                stack.callback(server.stop)
                server.start()
            self._kubelet.wait_until(self._is_ready, _START_SECONDS)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def _servers(self) -> list[ServerProcess]:
        kubeconfig = self._control_plane.kubeconfig
        self._kubelet = kubelet(
            self._sandbox,
            self._tools,
            kubeconfig=kubeconfig,
            client_authority=self._client.authority,
            node=self.name,
        )
        return [
            self._kubelet,
            network.proxy(self._sandbox, self._tools, kubeconfig, self.name),
            network.names(self._sandbox, self._tools, kubeconfig),
        ]

    def _is_ready(self) -> bool:
        found = self._control_plane.kubectl("get", "node", self.name, "--ignore-not-found", "-o", "json")
        if not found:
            return False
        node = json.loads(found)
        ready = [one["status"] for one in node["status"].get("conditions", []) if one["type"] == "Ready"]
        return ready == ["True"] and not node["spec"].get("taints")
