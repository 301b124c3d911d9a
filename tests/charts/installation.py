"""The chart installed on a control plane without nodes, and its operator beside it: a process with its rights alone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from e2e.cluster import credentials
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.errors import KubectlError
from e2e.cluster.helm import CHART, Helm, documents, write_values
from e2e.cluster.namespace import eventually
from e2e.cluster.operator import OperatorProcess
from tests.charts.rendering import environment, of_kind


@dataclass(frozen=True)
class Installation:
    """One release.

    Attributes:
        namespace: Where it is; the release has the same name.
        manifest: File with all that Helm made.
        account: Name of the operator's ServiceAccount.
        operator: The process, to be started.
    """

    namespace: str
    manifest: Path
    account: str
    operator: OperatorProcess


def install(helm: Helm, release: str, namespace: str, values: Path, chart: Path = CHART) -> str:
    """Install or upgrade a release; return all that Helm made of it."""
    helm.run("upgrade", "--install", release, chart, "--namespace", namespace, "--create-namespace", "--values", values)
    return helm.run("get", "manifest", release, "--namespace", namespace)


def remove_definitions(control_plane: ControlPlane) -> None:
    """Delete our definitions where there are any, each once its kind is served.

    An API server of 1.35 that is told to delete a definition before the store of its objects has come up says "storage
    is (re)initializing" in its condition Terminating, and may never end the deletion.
    """
    definitions = control_plane.kubectl("get", "crd", "-l", "app.kubernetes.io/part-of=hirag", "-o", "name").split()
    for definition in definitions:
        kind = definition.partition("/")[2].partition(".")[0]
        eventually(partial(_listed, control_plane, kind), bool)
        control_plane.kubectl("delete", definition)


def _listed(control_plane: ControlPlane, kind: str) -> bool:
    try:
        control_plane.kubectl("get", "--raw", f"/apis/hirag.dev/v1alpha1/{kind}")
    except KubectlError:
        return False
    return True


@contextmanager
def installed(
    control_plane: ControlPlane, helm: Helm, name: str, values: Mapping[str, Any], folder: Path
) -> Iterator[Installation]:
    """Install the chart as release `name` into a namespace of that name, and remove it at the end."""
    manifest = folder / f"{name}.yaml"
    manifest.write_text(install(helm, name, name, write_values(folder / f"{name}-values.yaml", values)))
    rendered = documents(manifest.read_text())
    (account,) = (body["metadata"]["name"] for body in of_kind(rendered, "ServiceAccount"))
    kubeconfig = folder / f"{name}.kubeconfig"
    token = control_plane.kubectl("create", "token", account, "--namespace", name, "--duration=2h").strip()
    credentials.write_kubeconfig(kubeconfig, url=control_plane.url, authority=control_plane.authority, token=token)
    env = {**environment(rendered), "KUBECONFIG": str(kubeconfig)}
    yield Installation(name, manifest, account, OperatorProcess(control_plane, {}, env=env))
    helm.run("uninstall", name, "--namespace", name)


@contextmanager
def running(
    control_plane: ControlPlane, helm: Helm, name: str, values: Mapping[str, Any], folder: Path
) -> Iterator[Installation]:
    """Install the chart, and run its operator meanwhile."""
    with installed(control_plane, helm, name, values, folder) as installation, installation.operator:
        yield installation
