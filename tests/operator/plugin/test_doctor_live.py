"""The doctor on a real cluster: what is well, and what is told where something is not."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.api import ContextCollection, EmbeddingModel, HNSWIndexPolicy
from hirag_operator.crdgen.crd import custom_resource_definition
from hirag_operator.plugin.main import run
from tests.operator.plugin.conftest import Came, Json

Hirag = Callable[..., Came]


def findings(came: Came, area: str) -> list[tuple[str, str]]:
    return [(one["level"], one["message"]) for one in came.json["findings"] if one["area"] == area]


def test_all_is_well_where_it_is(
    hirag: Hirag, team: Namespace, guarded: WeaviateServer, key_file: Path, name: str
) -> None:
    team.apply("ContextCollection", name, {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}})
    team.await_ready("ContextCollection", name)
    server = ("--weaviate-url", guarded.http_url, "--weaviate-key-file", str(key_file))
    came = hirag("doctor", "-o", "json", *server)
    assert came.code == 0, came.out
    assert [level for level, _ in findings(came, "CRDs")] == ["ok", "ok", "ok"]
    assert "Kubernetes v" in findings(came, "API server")[0][1]
    told = [message for level, message in findings(came, "Weaviate") if level == "ok"]
    assert any("Connection default: Weaviate 'default' is" in message for message in told)
    assert any("It accepts the key" in message and "instance plugin" in message for message in told)


def test_a_key_that_is_not_accepted_is_told_and_never_shown(
    hirag: Hirag, guarded: WeaviateServer, tmp_path: Path
) -> None:
    wrong = tmp_path / "key"
    wrong.write_text("wrong-key-7")
    came = hirag("doctor", "--weaviate-url", guarded.http_url, "--weaviate-key-file", str(wrong))
    assert came.code == 1
    assert "Remedy: Correct the key of the connection" in came.out
    assert "wrong-key-7" not in came.out + came.err
    assert "--weaviate-key-file names the file" in hirag("doctor", "--weaviate-url", guarded.http_url).out


def test_a_weaviate_with_autoschema_is_warned_of(hirag: Hirag, toolchain: Toolchain) -> None:
    with WeaviateServer(toolchain, env={"AUTOSCHEMA_ENABLED": "true"}) as server:
        came = hirag("doctor", "-o", "json", "--weaviate-url", server.http_url)
    assert any(level == "warning" and "AutoSchema on" in told for level, told in findings(came, "Weaviate"))


def test_a_server_that_does_not_answer_is_told(hirag: Hirag) -> None:
    came = hirag("doctor", "-o", "json", "--weaviate-url", "http://127.0.0.1:9")
    assert (came.code, findings(came, "Weaviate")[-1][0]) == (1, "wrong")


def test_what_ails_objects_is_told_by_reason(hirag: Hirag, team: Namespace, name: str) -> None:
    spec: Json = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}}
    team.apply("ContextCollection", name, {**spec, "weaviate": {"connection": "nowhere"}})
    team.await_reason("ContextCollection", name, "ConnectionNotFound")
    came = hirag("doctor", "-o", "json")
    assert came.code == 1
    assert any("Connection nowhere: ConnectionNotFound" in told for _, told in findings(came, "Weaviate"))


@pytest.fixture
def deployment(cluster: ControlPlane) -> Iterator[Callable[..., None]]:
    """The Deployment of an operator, of which no pod can run for want of a node, and its Lease."""
    namespace = "hirag-system"
    Namespace(cluster, namespace)

    def make(replicas: int, environment: dict[str, str], lease: Json | None = None) -> None:
        labels = {"app.kubernetes.io/part-of": "hirag", "app.kubernetes.io/component": "operator"}
        env = [{"name": key, "value": value} for key, value in environment.items()]
        container = {"name": "operator", "image": "hirag-operator:test", "env": env}
        template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
        metadata = {"name": "hirag-operator", "namespace": namespace, "labels": labels}
        spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
        objects: list[Any] = [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}]
        if lease is not None:
            leased = {"name": "hirag-operator-default", "namespace": namespace}
            api = "coordination.k8s.io/v1"
            objects.append({"apiVersion": api, "kind": "Lease", "metadata": leased, "spec": lease})
        for one in objects:
            cluster.kubectl("apply", "-f", "-", stdin=json.dumps(one))

    yield make
    cluster.kubectl("delete", "deployment,lease", "--all", "-n", namespace)


LEASED = {"HIRAG_OPERATOR_LEASE_NAMESPACE": "hirag-system"}
OLD = {"holderIdentity": "pod-a", "renewTime": "2026-01-01T00:00:00.000000Z", "leaseDurationSeconds": 10}


@pytest.mark.parametrize(
    ("replicas", "environment", "lease", "told"),
    [
        (2, LEASED, OLD, "Lease hirag-system/hirag-operator-default: pod-a led, and has not renewed for"),
        (2, LEASED, None, "Lease hirag-system/hirag-operator-default does not exist: no replica has led yet."),
        (2, {}, None, "Its replicas do not elect one that acts, so there may be one alone."),
    ],
)
def test_an_operator_that_does_not_run_is_told(
    hirag: Hirag,
    deployment: Callable[..., None],
    replicas: int,
    environment: dict[str, str],
    lease: Json | None,
    told: str,
) -> None:
    deployment(replicas, environment, lease)
    came = hirag("doctor", "-o", "json")
    (runs, leads) = findings(came, "Operator")
    assert runs == (
        "wrong",
        f"Deployment hirag-system/hirag-operator: 0 of {replicas} replicas ready, image hirag-operator:test.",
    )
    assert (leads[0], leads[1].startswith(told)) == ("wrong", True)


def test_a_cluster_without_our_definitions_is_told_how_to_get_them(
    toolchain: Toolchain, capsys: pytest.CaptureFixture[str]
) -> None:
    with ControlPlane(toolchain) as bare:
        code = run(["doctor", "--kubeconfig", str(bare.kubeconfig), "-o", "json"])
        shown = capsys.readouterr().out
        assert run(["status", "--kubeconfig", str(bare.kubeconfig)]) == 1
    assert "of hirag.dev/v1alpha1; apply the CRDs of the release" in capsys.readouterr().err
    wrong = [one for one in json.loads(shown)["findings"] if one["level"] == "wrong"]
    assert code == 1
    assert [one["area"] for one in wrong] == ["CRDs", "CRDs", "CRDs"]
    assert wrong[2]["message"] == "contextcollections.hirag.dev is not installed."
    assert "kubectl apply --server-side -f crds/" in shown


def test_definitions_of_a_newer_release_are_told_and_what_the_server_takes_is_planned(
    toolchain: Toolchain, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    newer = custom_resource_definition(HNSWIndexPolicy)
    fields = newer["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    fields["novel"] = {"type": "integer"}
    body = {"apiVersion": "hirag.dev/v1alpha1", "kind": "HNSWIndexPolicy", "metadata": {"name": "careful"}}
    file = tmp_path / "policy.yaml"
    with ControlPlane(toolchain) as control_plane:
        where = ["--kubeconfig", str(control_plane.kubeconfig), "-o", "json"]
        for kind in (EmbeddingModel, ContextCollection):
            control_plane.kubectl("create", "-f", "-", stdin=json.dumps(custom_resource_definition(kind)))
        control_plane.kubectl("create", "-f", "-", stdin=json.dumps(newer))
        control_plane.kubectl("wait", "--for=condition=Established", "crd", "--all")
        control_plane.kubectl("create", "-f", "-", stdin=json.dumps({**body, "spec": {"novel": 1}}))
        run(["doctor", *where])
        examined = json.loads(capsys.readouterr().out)["findings"]
        file.write_text(json.dumps({**body, "spec": {"novel": 2}}))
        code = run(["plan", "-f", str(file), *where])
        planned = json.loads(capsys.readouterr().out)
    told = [one["message"] for one in examined if one["level"] == "warning"]
    assert told == ["hnswindexpolicies.hirag.dev is newer than this program: it has spec.novel.type."]
    (change,) = planned["documents"][0]["changes"]
    assert (code, change["path"], change["class"]) == (0, "spec.novel", "unknown")


def test_an_api_server_that_does_not_answer_is_told(
    cluster: ControlPlane, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "kubeconfig"
    elsewhere.write_text(cluster.kubeconfig.read_text().replace(cluster.url, "https://127.0.0.1:9"))
    assert run(["doctor", "--kubeconfig", str(elsewhere)]) == 1
    assert "Remedy: Check the address in the kubeconfig" in capsys.readouterr().out
    assert run(["status", "--kubeconfig", str(elsewhere)]) == 1
    assert "the Kubernetes API at https://127.0.0.1:9: NewConnectionError" in capsys.readouterr().err
