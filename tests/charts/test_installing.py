"""On a real API server: all that is rendered is taken, an upgrade brings new definitions, removing keeps the data."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.errors import KubectlError
from e2e.cluster.helm import CHART, Helm, write_values
from e2e.cluster.monitoring import monitoring_crds
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.toolchain import Toolchain
from tests.charts.installation import install, remove_definitions
from tests.charts.rendering import VALUES, environment, of_kind, render
from tests.docs.excerpts import ROOT, commands
from tests.operator.plan.objects import HUB

Json = dict[str, Any]

NEW_FIELD = "maxTokens"  # what the release before is said not to have had
CRD = "embeddingmodels.hirag.dev"
MODEL = {"source": HUB, "dimensions": 384}


@pytest.fixture(scope="module")
def cluster(toolchain: Toolchain) -> Iterator[ControlPlane]:
    with ControlPlane(toolchain) as control_plane:
        yield control_plane


@pytest.fixture(scope="module")
def own_helm(toolchain: Toolchain, cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(toolchain, tmp_path_factory.mktemp("helm"), cluster.kubeconfig)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Path:
    weaviate = {"default": {"httpUrl": "http://weaviate.data.svc:80"}}
    return write_values(tmp_path_factory.mktemp("values") / "values.yaml", {"weaviate": weaviate})


@pytest.mark.parametrize("file", VALUES, ids=lambda file: str(file.stem))
def test_the_api_server_takes_all_that_is_rendered(cluster: ControlPlane, helm: Helm, file: Path) -> None:
    for definition in monitoring_crds():
        cluster.kubectl("apply", "--server-side", "-f", str(definition))
    cluster.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    rendered = render(helm, file)
    for namespace in {body["metadata"].get("namespace") for body in rendered} - {None}:
        Namespace(cluster, namespace)
    strict = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-")
    whole = {"apiVersion": "v1", "kind": "List", "items": rendered}
    assert len(cluster.kubectl(*strict, stdin=json.dumps(whole)).splitlines()) == len(rendered)


def test_the_operators_pods_keep_to_the_restricted_standard(cluster: ControlPlane, helm: Helm, values: Path) -> None:
    enforced = Namespace(cluster, "restricted", {"pod-security.kubernetes.io/enforce": "restricted"})
    (deployment,) = of_kind(render(helm, values), "Deployment")
    template = deployment["spec"]["template"]
    cluster.kubectl("create", "serviceaccount", template["spec"]["serviceAccountName"], "-n", enforced.name)
    pod = {"apiVersion": "v1", "kind": "Pod", **template, "metadata": {"name": "operator", "namespace": enforced.name}}
    create = ("create", "--dry-run=server", "-f", "-")
    cluster.kubectl(*create, stdin=json.dumps(pod))
    pod["spec"] = {**pod["spec"], "hostNetwork": True}
    with pytest.raises(KubectlError, match="violates PodSecurity"):
        cluster.kubectl(*create, stdin=json.dumps(pod))


def test_an_upgrade_brings_new_fields_and_objects_stay(
    cluster: ControlPlane, own_helm: Helm, values: Path, tmp_path: Path
) -> None:
    install(own_helm, "hirag", "upgraded", values, _release_before(tmp_path))
    team = Namespace(cluster, "keeps")
    eventually(lambda: _serves(cluster), lambda fields: "dimensions" in fields and NEW_FIELD not in fields)
    before = team.apply("EmbeddingModel", "minilm", MODEL)
    assert NEW_FIELD not in before["spec"]

    install(own_helm, "hirag", "upgraded", values)
    eventually(lambda: _serves(cluster), lambda fields: NEW_FIELD in fields)
    after = team.get("EmbeddingModel", "minilm")
    assert after is not None
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    eventually(
        lambda: team.apply("EmbeddingModel", "minilm", {**MODEL, NEW_FIELD: 128})["spec"].get(NEW_FIELD),
        lambda seen: seen == 128,
    )


def test_removing_the_release_leaves_definitions_and_objects_which_the_next_takes_up(
    cluster: ControlPlane, own_helm: Helm, values: Path
) -> None:
    install(own_helm, "hirag", "upgraded", values)
    team = Namespace(cluster, "keeps")
    before = team.apply("EmbeddingModel", "kept", MODEL)
    own_helm.run("uninstall", "hirag", "--namespace", "upgraded")
    assert _roles(cluster) == []
    kept = team.get("EmbeddingModel", "kept")
    assert kept is not None
    assert kept["metadata"]["uid"] == before["metadata"]["uid"]
    install(own_helm, "hirag", "upgraded", values)
    assert _roles(cluster)


def test_definitions_that_were_applied_by_hand_are_adopted(
    cluster: ControlPlane, own_helm: Helm, values: Path, tmp_path: Path
) -> None:
    """As docs/install.md says: `--take-ownership`, once."""
    bare = write_values(tmp_path / "bare.yaml", {"crds": {"enabled": False}})
    own_helm.run("uninstall", "hirag", "--namespace", "upgraded", "--ignore-not-found")
    cluster.kubectl("delete", "crd", CRD)
    cluster.kubectl("apply", "--server-side", "-f", str(CHART / "files" / "crds"))
    where = ("upgrade", "--install", "hirag", CHART, "--namespace", "upgraded", "--values", values)
    own_helm.run(*where, "--values", bare)
    own_helm.run(*where, "--take-ownership")
    adopted = json.loads(cluster.kubectl("get", "crd", CRD, "-o", "json"))
    assert adopted["metadata"]["annotations"]["meta.helm.sh/release-name"] == "hirag"
    assert adopted["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


@pytest.fixture
def untouched(cluster: ControlPlane, own_helm: Helm) -> ControlPlane:
    """The cluster without anything of ours: definitions that were kept belong to the release that made them."""
    own_helm.run("uninstall", "hirag", "--namespace", "upgraded", "--ignore-not-found")
    remove_definitions(cluster)
    return cluster


@pytest.mark.parametrize("page", ["README.md", "docs/install.md"])
def test_the_commands_of_the_pages_install(untouched: ControlPlane, own_helm: Helm, page: str) -> None:
    cluster = untouched
    _run(cluster, own_helm, page, "install")
    assert _roles(cluster)
    own_helm.run("uninstall", "hirag", "--namespace", "hirag")


def test_the_commands_from_the_first_installation_to_the_last_removal_follow_each_other(
    untouched: ControlPlane, own_helm: Helm
) -> None:
    cluster, page = untouched, "docs/install.md"
    for block in ("install", "weaviate-key", "upgrade"):
        _run(cluster, own_helm, page, block)
    whole = json.loads(cluster.kubectl("get", "deployment", "hirag-hirag-operator", "-n", "hirag", "-o", "json"))
    connections = json.loads(environment([whole])["HIRAG_OPERATOR_WEAVIATE"])
    assert connections["default"] == {
        "http_url": "http://weaviate.data.svc:80",
        "api_key_file": "/var/run/hirag/weaviate/default/key",
        "api_key_secret": {"name": "weaviate", "key": "api-key"},
    }
    _run(cluster, own_helm, page, "remove")
    assert "embeddingmodels.hirag.dev" in cluster.kubectl("get", "crd", "-o", "name")
    for block in ("install", "remove-everything"):
        _run(cluster, own_helm, page, block)
    assert "hirag.dev" not in cluster.kubectl("get", "crd", "-o", "name")
    _run(cluster, own_helm, page, "definitions")


def _run(cluster: ControlPlane, helm: Helm, page: str, block: str) -> None:
    """Run the commands of a page as somebody in the root of the repository does."""
    paths = {"charts/hirag-operator": str(CHART), "crds/": str(ROOT / "crds")}
    for program, *words in commands(page, block):
        arguments = [paths.get(word, word) for word in words]
        match program:
            case "helm":
                helm.run(*arguments)
            case "kubectl" if "<" in arguments:
                cluster.kubectl(*arguments[: arguments.index("<")], stdin="swordfish")
            case "kubectl":
                cluster.kubectl(*arguments)
            case _:
                raise AssertionError(f"{page} has a command that no test can run: {program}")


def _release_before(folder: Path) -> Path:
    """A copy of the chart whose EmbeddingModel lacks a field, as if the field had come later."""
    chart = folder / "before"
    shutil.copytree(CHART, chart)
    file = chart / "files" / "crds" / "hirag.dev_embeddingmodels.yaml"
    text = file.read_text(encoding="utf-8")
    field = f"              {NEW_FIELD}:\n"
    start = text.index(field)
    end = start + len(field)
    while text[end:].startswith(" " * 16):  # all that is deeper than the field itself
        end = text.index("\n", end) + 1
    file.write_text(text[:start] + text[end:], encoding="utf-8")
    return chart


def _serves(cluster: ControlPlane) -> Json:
    """The fields of an EmbeddingModel's spec that the API server has in its schema; none before it serves the kind."""
    try:
        served = json.loads(cluster.kubectl("get", "--raw", "/openapi/v3/apis/hirag.dev/v1alpha1"))
    except KubectlError:
        return {}
    schemas = served["components"]["schemas"]
    (schema,) = (schema for name, schema in schemas.items() if name.endswith(".EmbeddingModel"))
    fields: Json = schema["properties"]["spec"]["properties"]
    return fields


def _roles(cluster: ControlPlane) -> list[str]:
    return cluster.kubectl("get", "clusterroles", "-l", "app.kubernetes.io/part-of=hirag", "-o", "name").splitlines()
