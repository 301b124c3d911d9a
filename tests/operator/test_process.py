"""The operator as a process: how it starts, what it exposes, how it ends."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from e2e.cluster import credentials
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.faultproxy import TcpProxy
from e2e.cluster.faults import NONE, Fault
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.program import answers
from tests.operator.reconcile.conftest import install_crds

BINDING = ("create", "clusterrolebinding", "narrow", "--clusterrole=cluster-admin", "--serviceaccount=default:narrow")


def test_a_wrong_setting_is_named_and_ends_the_process_at_once() -> None:
    env = {**os.environ, "HIRAG_OPERATOR_WORKERS": "none", "HIRAG_OPERATOR_INSTANCE": "Not A Name"}
    ended = subprocess.run(
        [sys.executable, "-m", "hirag_operator.main"], env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "HIRAG_OPERATOR_WORKERS: Input should be a valid integer" in ended.stderr
    assert "HIRAG_OPERATOR_INSTANCE" in ended.stderr


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("WEAVIATE", "not json", "weaviate"),
        ("SERVICE_URL", "http://{nam}", "only {name}, {namespace} and {port}"),
    ],
    ids=["connections that are no JSON", "an address that cannot be filled in"],
)
def test_what_cannot_be_read_is_named_without_a_traceback(variable: str, value: str, words: str) -> None:
    env = {**os.environ, f"HIRAG_OPERATOR_{variable}": value}
    ended = subprocess.run(
        [sys.executable, "-m", "hirag_operator.main"], env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_without_a_way_to_a_cluster_it_says_in_one_line_what_it_needs(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("KUBERNETES_SERVICE_")}
    env |= {"KUBECONFIG": str(tmp_path / "none"), "HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "hirag_operator.main"], env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "name a kubeconfig in KUBECONFIG" in ended.stderr


def test_health_readiness_and_metrics_answer_and_a_request_to_end_is_followed(control_plane: ControlPlane) -> None:
    install_crds(control_plane)
    control_plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    control_plane.kubectl("get", "hirag", "--all-namespaces")  # waits for storage that is still being set up
    with OperatorProcess(control_plane, {}) as operator:
        assert httpx.get(f"{operator.url}/healthz").text == "ok\n"
        assert httpx.get(f"{operator.url}/readyz").text == "ok\n"
        exposed = httpx.get(f"{operator.url}/metrics")
        assert exposed.headers["Content-Type"].startswith("text/plain")
        assert "hirag_operator_reconcile_seconds" in exposed.text
        assert httpx.get(f"{operator.url}/elsewhere").status_code == httpx.codes.NOT_FOUND
        operator.stop()
        assert '"level": "error"' not in operator.log.read_text()


@pytest.fixture
def narrow(control_plane: ControlPlane, tmp_path: Path) -> Iterator[tuple[TcpProxy, Path]]:
    """A kubeconfig of an account whose rights are one binding, and the proxy that it leads to."""
    for command in (("create", "serviceaccount", "narrow"), BINDING):
        control_plane.kubectl(*command)
    token = control_plane.kubectl("create", "token", "narrow").strip()
    with TcpProxy(control_plane.url) as proxy:
        file = tmp_path / "kubeconfig"
        credentials.write_kubeconfig(file, url=proxy.url, authority=control_plane.authority, token=token)
        yield proxy, file
    control_plane.kubectl("delete", "clusterrolebinding", "narrow", "--ignore-not-found")


def test_an_api_server_that_refuses_what_it_granted_before_is_watched_again_once_it_grants_it(
    control_plane: ControlPlane, narrow: tuple[TcpProxy, Path]
) -> None:
    """As one does that has just started and has not loaded its rights yet."""
    proxy, kubeconfig = narrow
    install_crds(control_plane)
    with OperatorProcess(control_plane, {}, env={"KUBECONFIG": str(kubeconfig)}) as operator:
        control_plane.kubectl("delete", "clusterrolebinding", "narrow")
        proxy.fault = Fault(cut=True)
        proxy.fault = NONE
        eventually(lambda: "cannot watch resource" in operator.log.read_text(), bool)
        namespace = Namespace(control_plane, "narrow")
        namespace.apply("HNSWIndexPolicy", "meanwhile", {"hnsw": {"ef": 64}})
        control_plane.kubectl(*BINDING)
        namespace.await_ready("HNSWIndexPolicy", "meanwhile")
        eventually(lambda: answers(f"{operator.url}/readyz"), bool)
        operator.check()
