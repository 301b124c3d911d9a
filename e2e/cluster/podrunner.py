"""Runs pods as local processes where no node does: the container's own command and environment, minus the container.

What the operator rendered is taken as it is: the command, every environment variable, every volume. Volumes become
folders (hostPath: the folder itself; emptyDir: a fresh one), and a mount path inside a value is rewritten to the
folder. The one thing that cannot be kept is the address to listen on: pods have one each, processes share loopback.
"""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from e2e.cluster.cluster import Reachable
from e2e.cluster.process import ServerProcess
from e2e.cluster.workspace import Workspace

Json = Mapping[str, Any]


class PodRunner:
    """Runs single-container pods and reports them Ready to the API server; a context manager that ends them all.

    Args:
        control_plane: Where the pods are.
        address: Environment variables that replace those of the pod: where to listen.
    """

    def __init__(self, control_plane: Reachable, address: Mapping[str, str]) -> None:
        self._control_plane = control_plane
        self._address = dict(address)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._folder = self._stack.enter_context(Workspace("pods")).path
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def run(self, pod: Json, is_ready: Callable[[], bool], timeout: float = 60.0) -> ServerProcess:
        """Start a pod's container, wait until `is_ready`, and mark the pod Running and Ready."""
        container = pod["spec"]["containers"][0]
        name = pod["metadata"]["name"]
        folders = self._volumes(pod)
        mounts = {mount["mountPath"]: str(folders[mount["name"]]) for mount in container["volumeMounts"]}
        rendered = {variable["name"]: variable["value"] for variable in container["env"]}
        environment = {variable: _rewritten(value, mounts) for variable, value in rendered.items()}
        process = ServerProcess(
            name,
            [_program(container["command"][0]), *container["command"][1:]],
            self._folder / f"{name}.log",
            env={**environment, **self._address},
        )
        self._stack.callback(process.stop)
        process.start()
        process.wait_until(is_ready, timeout)
        self._mark_ready(pod)
        return process

    def _volumes(self, pod: Json) -> dict[str, Path]:
        folders: dict[str, Path] = {}
        for volume in pod["spec"]["volumes"]:
            if "hostPath" in volume:
                folders[volume["name"]] = Path(volume["hostPath"]["path"])
            else:
                folders[volume["name"]] = self._folder / pod["metadata"]["name"] / volume["name"]
                folders[volume["name"]].mkdir(parents=True)
        return folders

    def _mark_ready(self, pod: Json) -> None:
        """Say what a kubelet would say."""
        conditions = [{"type": kind, "status": "True"} for kind in ("PodScheduled", "ContainersReady", "Ready")]
        status = {"status": {"phase": "Running", "conditions": conditions}}
        metadata = pod["metadata"]
        self._control_plane.kubectl(
            "patch", "pod", metadata["name"], "-n", metadata["namespace"], "--subresource=status", "--type=merge",
            "-p", json.dumps(status),
        )  # fmt: skip


def _program(name: str) -> Path:
    """Return a console script of this environment, as an image would have it on its path."""
    return Path(sys.executable).with_name(name)


def _rewritten(value: str, mounts: Mapping[str, str]) -> str:
    for path, folder in mounts.items():
        if value == path or value.startswith(f"{path}/"):
            return folder + value[len(path) :]
    return value.replace("$$", "$")  # what a kubelet does with a dollar that was escaped
