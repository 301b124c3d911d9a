"""A real kube-scheduler, and nodes that exist as objects alone: what a pod is told before any kubelet sees it."""

import json
import ssl
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import eventually
from e2e.cluster.ports import PortReservation
from e2e.cluster.process import ServerProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.workspace import Workspace

_START_SECONDS = 60.0


class Scheduler:
    """A scheduler for the pods that ask for it by `name` (schedulerName), and for no others; a context manager.

    Args:
        tools: Where the binary comes from.
        control_plane: Where the pods are.
        name: What pods call it.
    """

    def __init__(self, tools: Toolchain, control_plane: ControlPlane, name: str) -> None:
        self._tools = tools
        self._control_plane = control_plane
        self._name = name
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = stack.enter_context(Workspace("scheduler")).path
            port = stack.enter_context(PortReservation()).first
            configuration = {
                "apiVersion": "kubescheduler.config.k8s.io/v1",
                "kind": "KubeSchedulerConfiguration",
                "clientConnection": {"kubeconfig": str(self._control_plane.kubeconfig)},
                "leaderElection": {"leaderElect": False},
                "profiles": [{"schedulerName": self._name}],
            }
            (folder / "configuration.json").write_text(json.dumps(configuration))
            command: list[str | Path] = [
                self._tools.path("kube-scheduler"),
                f"--config={folder / 'configuration.json'}",
                "--bind-address=127.0.0.1",
                f"--secure-port={port}",
                f"--cert-dir={folder}",
            ]
            server = ServerProcess("kube-scheduler", command, folder / "kube-scheduler.log")
            stack.callback(server.stop)
            server.start()
            server.wait_until(lambda: _serves(port), _START_SECONDS)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()


class Node:
    """A node without a kubelet, ready for the next forty seconds; a context manager that removes it.

    Args:
        control_plane: Where it is registered.
        name: Its name.
        allocatable: What it has, e.g. `{"cpu": "4", "memory": "8Gi", "pods": "10"}`.
    """

    def __init__(self, control_plane: ControlPlane, name: str, allocatable: Mapping[str, str]) -> None:
        self._control_plane = control_plane
        self._name = name
        self._allocatable = dict(allocatable)

    def __enter__(self) -> Self:
        metadata = {"name": self._name, "labels": {"kubernetes.io/hostname": self._name}}
        body = {"apiVersion": "v1", "kind": "Node", "metadata": metadata}
        self._control_plane.kubectl("create", "-f", "-", stdin=json.dumps(body))
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        ready = {"type": "Ready", "status": "True", "lastHeartbeatTime": now, "lastTransitionTime": now}
        status = {"capacity": self._allocatable, "allocatable": self._allocatable, "conditions": [ready]}
        patch = ("patch", "node", self._name, "--subresource=status", "--type=merge", "-p")
        self._control_plane.kubectl(*patch, json.dumps({"status": status}))
        # A new node is tainted until the node controller has seen that it is ready.
        eventually(self._taints, lambda taints: not taints)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._control_plane.kubectl("delete", "node", self._name)

    def _taints(self) -> str:
        return self._control_plane.kubectl("get", "node", self._name, "-o", "jsonpath={.spec.taints}")


def _serves(port: int) -> bool:
    """Whether the scheduler's own endpoint answers; its certificate is its own."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # of a process that we have just started, on loopback
    try:
        return httpx.get(f"https://127.0.0.1:{port}/readyz", verify=context, trust_env=False).is_success
    except httpx.TransportError:
        return False
