"""The plugin as people use it: found by the real kubectl on its PATH."""

import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace
from e2e.cluster.toolchain import Toolchain
from tests.operator.plugin.conftest import SCRIPTS, WATCHED, Came

Kubectl = Callable[..., Came]

FILE = """
apiVersion: hirag.dev/v1alpha1
kind: HNSWIndexPolicy
metadata: {name: never-applied}
spec: {hnsw: {ef: 64}}
"""


def test_kubectl_finds_it_and_passes_flags_and_exit_codes_on(kubectl: Kubectl, team: Namespace) -> None:
    assert "kubectl-hirag" in kubectl(["plugin", "list"]).out
    shown = kubectl(["hirag", "status", "emb/minilm", "-n", team.name])
    assert (shown.code, shown.out.splitlines()[0].split("  ")[0]) == (0, f"EmbeddingModel {team.name}/minilm")
    assert kubectl(["hirag", "status", "none", "-n", team.name]).code == 1
    assert kubectl(["hirag", "nonsense"]).code == 2
    assert kubectl(["hirag", "--version"]).out.startswith("kubectl-hirag ")


def test_a_file_may_come_by_standard_input(kubectl: Kubectl, team: Namespace) -> None:
    came = kubectl(["hirag", "plan", "-n", team.name, "-f", "-"], stdin=FILE)
    assert came.code == 0, came.err
    assert f"HNSWIndexPolicy {team.name}/never-applied is new" in came.out
    assert team.get("HNSWIndexPolicy", "never-applied") is None


def test_kubectl_completes_its_words(kubectl: Kubectl) -> None:
    assert kubectl(["__complete", "hirag", "st"]).out.splitlines()[0] == "status"
    names = kubectl(["__complete", "hirag", "explain", "ctx.spec.levels."]).out.splitlines()
    assert names[:3] == ["ctx.spec.levels.immediate", "ctx.spec.levels.shortTerm", "ctx.spec.levels.longTerm"]


def test_tab_offers_the_names_of_collections(kubectl: Kubectl, team: Namespace, name: str) -> None:
    spec = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}}
    team.apply("ContextCollection", name, spec)
    offered = kubectl(["__complete", "hirag", "status", "-n", team.name, name[:5]]).out.splitlines()
    assert offered[0] == name


def test_the_namespace_of_the_context_is_the_default(kubectl: Kubectl, cluster: ControlPlane, tmp_path: Path) -> None:
    own = tmp_path / "kubeconfig"
    own.write_text(cluster.kubeconfig.read_text())
    kubectl(["config", "set-context", "--current", f"--namespace={WATCHED[1]}"], kubeconfig=own)
    came = kubectl(["hirag", "status", "none"], kubeconfig=own)
    assert f"ContextCollection {WATCHED[1]}/none does not exist" in came.err


@pytest.mark.parametrize(("env", "told"), [({}, b"\x1b["), ({"NO_COLOR": "1"}, b"")], ids=["plainly", "with NO_COLOR"])
def test_a_terminal_is_coloured_unless_it_is_told_not_to_be(
    cluster: ControlPlane, toolchain: Toolchain, team: Namespace, env: dict[str, str], told: bytes
) -> None:
    leader, follower = pty.openpty()
    environment = {"PATH": str(SCRIPTS), "TERM": "xterm-256color", "KUBECONFIG": str(cluster.kubeconfig), **env}
    command = [str(toolchain.path("kubectl")), "hirag", "status", "emb/minilm", "-n", team.name]
    subprocess.run(command, env=environment, stdout=follower, check=True, timeout=60)
    os.close(follower)
    shown = os.read(leader, 65_536)
    os.close(leader)
    assert b"minilm" in shown
    assert (b"\x1b[" in shown) is bool(told)
