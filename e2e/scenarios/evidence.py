"""What is kept of a scenario that failed: objects, Events, logs of pods and of the cluster's own servers."""

import json
import shutil
from pathlib import Path

from e2e.cluster.cluster import Cluster
from e2e.cluster.errors import KubectlError

FOLDER = Path(__file__).parents[2] / "build" / "e2e"

_OBJECTS = {
    "pods.txt": ("get", "pods", "-A", "-o", "wide"),
    "pods.yaml": ("get", "pods", "-A", "-o", "yaml"),
    "workloads.txt": (
        "get",
        "deployments,replicasets,jobs,cronjobs,horizontalpodautoscalers,poddisruptionbudgets",
        "-A",
    ),
    "volumes.txt": ("get", "persistentvolumes,persistentvolumeclaims", "-A"),
    "leases.yaml": ("get", "leases", "-A", "-o", "yaml"),
    "events.txt": ("get", "events", "-A", "--sort-by=.metadata.creationTimestamp"),
    "nodes.txt": ("describe", "nodes"),
    "hirag.txt": ("get", "hirag", "-A"),
    "hirag.yaml": ("get", "hirag", "-A", "-o", "yaml"),
}


def collect(cluster: Cluster, name: str) -> Path:
    """Write all that may explain a failure into a folder of that name; return it.

    No Secret is read. What cannot be had is told in its place.
    """
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "pods").mkdir(parents=True)
    for file, command in _OBJECTS.items():
        (folder / file).write_text(_said(cluster, *command))
    for namespace, pod in _pods(cluster):
        for file, flag in (("log", "--previous=false"), ("previous.log", "--previous")):
            words = _said(cluster, "logs", "-n", namespace, pod, "--all-containers", "--tail=2000", flag)
            (folder / "pods" / f"{namespace}.{pod}.{file}").write_text(words)
    for log in cluster.logs():
        shutil.copy(log, folder)
    return folder


def _pods(cluster: Cluster) -> list[tuple[str, str]]:
    try:
        listed = json.loads(cluster.kubectl("get", "pods", "-A", "-o", "json"))
    except KubectlError:
        return []
    return [(one["metadata"]["namespace"], one["metadata"]["name"]) for one in listed["items"]]


def _said(cluster: Cluster, *command: str) -> str:
    try:
        return cluster.kubectl(*command)
    except KubectlError as error:
        return f"{error}\n"
