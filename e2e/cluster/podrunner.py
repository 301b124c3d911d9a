"""Runs pods as local processes where no node does: the container's own command and environment, minus the container.

What the operator rendered is taken as it is: the command, every environment variable, every volume. Volumes become
folders (hostPath: the folder itself; emptyDir: a fresh one; secret: one with its items, and a pod waits until it is
there), and a mount path inside a value is rewritten to the
folder. The one thing that cannot be kept is the address to listen on: pods have one each, processes share loopback.

`PodRunner` runs single pods of servers; `JobPods` runs whatever pods appear under a label and reports how they end, as
a kubelet would, so that the Job controller can count them.
"""

import base64
import json
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from e2e.cluster.cluster import Reachable
from e2e.cluster.errors import ClusterError
from e2e.cluster.process import ServerProcess
from e2e.cluster.workspace import Workspace

Json = Mapping[str, Any]

_LOOK_SECONDS = 0.1
NO_SECRETS: Mapping[str, Mapping[str, bytes]] = {}


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
        process = container_process(pod, self._folder, self._address)
        self._stack.callback(process.stop)
        process.start()
        process.wait_until(is_ready, timeout)
        report(self._control_plane, pod, _running())
        return process


class JobPods:
    """Runs the pods of Jobs as they appear and reports how they end; a context manager that ends them all.

    Args:
        control_plane: Where the pods are.
        namespace: Theirs.
        selector: Their labels.
    """

    def __init__(self, control_plane: Reachable, namespace: str, selector: str) -> None:
        self._control_plane = control_plane
        self._path = f"/api/v1/namespaces/{namespace}/pods"
        self._selector = selector
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="job-pods", daemon=True)
        self._stack = ExitStack()
        self.processes: dict[str, ServerProcess] = {}

    def __enter__(self) -> Self:
        self.folder = self._stack.enter_context(Workspace("job-pods")).path
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
        for process in self.processes.values():
            process.stop()
        self._stack.close()

    @property
    def running(self) -> bool:
        """Whether it looks for pods to run."""
        return self._thread.is_alive()

    def kill(self) -> None:
        """End all that run the way a crash of their node's does."""
        for process in list(self.processes.values()):
            process.kill()

    def _follow(self) -> None:
        ended: set[str] = set()
        with self._control_plane.connect() as client:
            while not self._over.wait(_LOOK_SECONDS):
                try:
                    answer = client.get(self._path, params={"labelSelector": self._selector}).raise_for_status()
                except httpx.HTTPError:  # the API server is away for a while, as in some tests it is
                    continue
                self._turn(client, {pod["metadata"]["name"]: pod for pod in answer.json()["items"]}, ended)

    def _turn(self, client: httpx.Client, pods: dict[str, dict[str, Any]], ended: set[str]) -> None:
        for name in self.processes.keys() - pods.keys():
            self.processes.pop(name).stop()
        for name, pod in pods.items():
            if name in ended or pod["metadata"].get("deletionTimestamp"):
                continue
            if name not in self.processes:
                secrets = _secrets(client, pod)
                if secrets is None:
                    continue
                body = {"apiVersion": "v1", "kind": "Pod", **pod}
                self.processes[name] = container_process(body, self.folder, {}, secrets)
                self.processes[name].start()
                report(self._control_plane, pod, _running())
            elif not self.processes[name].running:
                ended.add(name)
                report(self._control_plane, pod, _ended(self.processes[name]))


def container_process(
    pod: Json, folder: Path, address: Mapping[str, str], secrets: Mapping[str, Mapping[str, bytes]] = NO_SECRETS
) -> ServerProcess:
    """Return the process that a pod's container is, not started; its log and volumes are below `folder`.

    `secrets` are files by volume and name.
    """
    container = pod["spec"]["containers"][0]
    name = pod["metadata"]["name"]
    folders = _volumes(pod, folder)
    for volume, files in secrets.items():
        for file, value in files.items():
            (folders[volume] / file).write_bytes(value)
    mounts = {
        mount["mountPath"]: str(folders[mount["name"]])
        for mount in container["volumeMounts"]
        if mount["name"] in folders
    }
    rendered = {variable["name"]: _value(pod, variable) for variable in container["env"]}
    environment = {variable: _rewritten(value, mounts) for variable, value in rendered.items()}
    return ServerProcess(
        name,
        [_program(container["command"][0]), *container["command"][1:]],
        folder / f"{name}.log",
        env={**environment, **address},
    )


def _secrets(client: httpx.Client, pod: Json) -> dict[str, dict[str, bytes]] | None:
    """Return the files of the volumes that are Secrets, by volume; None while one of them is not there."""
    found: dict[str, dict[str, bytes]] = {}
    for volume in pod["spec"]["volumes"]:
        if "secret" not in volume:
            continue
        name = volume["secret"]["secretName"]
        answer = client.get(f"/api/v1/namespaces/{pod['metadata']['namespace']}/secrets/{name}")
        data = (answer.json().get("data") or {}) if answer.is_success else {}
        items = {one["key"]: one["path"] for one in volume["secret"]["items"]}
        if not items.keys() <= data.keys():
            return None
        found[volume["name"]] = {path: base64.b64decode(data[key]) for key, path in items.items()}
    return found


def report(control_plane: Reachable, pod: Json, status: Json) -> None:
    """Say of a pod what a kubelet would say."""
    metadata = pod["metadata"]
    try:
        control_plane.kubectl(
            "patch", "pod", metadata["name"], "-n", metadata["namespace"], "--subresource=status", "--type=merge",
            "-p", json.dumps({"status": status}),
        )  # fmt: skip
    except ClusterError as error:
        if "not found" not in str(error):  # it was deleted meanwhile
            raise


def _running() -> Json:
    conditions = [{"type": kind, "status": "True"} for kind in ("PodScheduled", "ContainersReady", "Ready")]
    return {"phase": "Running", "conditions": conditions}


def _ended(process: ServerProcess) -> Json:
    status = process.status
    state = {"terminated": {"exitCode": status, "reason": "Completed" if status == 0 else "Error"}}
    container = {"name": "migrate", "image": "", "imageID": "", "ready": False, "restartCount": 0, "state": state}
    return {"phase": "Succeeded" if status == 0 else "Failed", "containerStatuses": [container]}


def _volumes(pod: Json, folder: Path) -> dict[str, Path]:
    folders: dict[str, Path] = {}
    for volume in pod["spec"]["volumes"]:
        if "hostPath" in volume:
            folders[volume["name"]] = Path(volume["hostPath"]["path"])
        elif "projected" not in volume:
            folders[volume["name"]] = folder / pod["metadata"]["name"] / volume["name"]
            folders[volume["name"]].mkdir(parents=True)
    return folders


def _value(pod: Json, variable: Json) -> str:
    """Return the value of a variable; of a pod's own fields, labels and annotations are looked up."""
    if "value" in variable:
        return str(variable["value"])
    where, _, name = variable["valueFrom"]["fieldRef"]["fieldPath"].removeprefix("metadata.").partition("['")
    return str(pod["metadata"][where][name.removesuffix("']")])


def _program(name: str) -> Path:
    """Return a console script of this environment, as an image would have it on its path."""
    return Path(sys.executable).with_name(name)


def _rewritten(value: str, mounts: Mapping[str, str]) -> str:
    for path, folder in mounts.items():
        if value == path or value.startswith(f"{path}/"):
            return folder + value[len(path) :]
    return value.replace("$$", "$")  # what a kubelet does with a dollar that was escaped
