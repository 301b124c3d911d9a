"""With the ClusterRole of the page a person can do all that the plugin does, and nothing in it is too much."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace
from tests.operator.plugin.conftest import WATCHED, AuditLog, Came, Json

Kubectl = Callable[..., Came]
Right = tuple[str, str, str]  # verb, API group, resource

PAGE = (Path(__file__).parents[3] / "docs/kubectl-plugin.md").read_text()
ROLE: Json = yaml.safe_load(re.findall(r"^```yaml\n(apiVersion: rbac.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0])
EVERYBODYS = {("create", "authorization.k8s.io", "selfsubjectaccessreviews")}


def person(cluster: ControlPlane, name: str, role: str, folder: Path, namespace: str | None = None) -> Path:
    """Return the kubeconfig of a ServiceAccount that is bound to a ClusterRole, everywhere or in a namespace."""
    cluster.kubectl("create", "serviceaccount", name, "-n", "default")
    binding = ["clusterrolebinding"] if namespace is None else ["rolebinding", f"--namespace={namespace}"]
    cluster.kubectl("create", *binding, name, f"--clusterrole={role}", f"--serviceaccount=default:{name}")
    token = cluster.kubectl("create", "token", name, "-n", "default").strip()
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["users"] = [{**user, "user": {"token": token}} for user in config["users"]]
    file = folder / name
    file.write_text(yaml.safe_dump(config))
    return file


@pytest.fixture(scope="module")
def viewer(cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(ROLE))
    return person(cluster, "viewer", ROLE["metadata"]["name"], tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def stranger(cluster: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Path:
    cluster.kubectl("create", "clusterrole", "next-to-nothing", "--verb=get", "--resource=contextcollections.hirag.dev")
    return person(cluster, "stranger", "next-to-nothing", tmp_path_factory.mktemp("people"))


def granted() -> set[Right]:
    return {
        (verb, group, resource)
        for rule in ROLE["rules"]
        for verb in rule["verbs"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


def used(audit: AuditLog, user: str) -> set[Right]:
    events = [
        one for one in audit.of("kubectl-hirag") if one["user"]["username"] == f"system:serviceaccount:default:{user}"
    ]
    assert [one["requestURI"] for one in events if one.get("responseStatus", {}).get("code") == 403] == []
    asked = [(one["verb"], one["objectRef"]) for one in events if "resource" in one.get("objectRef", {})]
    return {(verb, reference.get("apiGroup", ""), reference["resource"]) for verb, reference in asked}


def manifests(namespace: str, name: str) -> str:
    tenancy = {"enabled": True, "tenantsFrom": {"namespaceSelector": {}}}
    home = {"name": WATCHED[1]}
    specs = {
        ("EmbeddingModel", "minilm"): {"external": {"url": "http://127.0.0.1:9/v1", "model": "m"}, "dimensions": 8},
        ("EmbeddingModel", f"{name}-m"): {"external": {"url": "http://127.0.0.1:9/v1", "model": "m"}, "dimensions": 8},
        ("HNSWIndexPolicy", name): {"hnsw": {"ef": 77}},
        ("HNSWIndexPolicy", f"{name}-p"): {},
        ("ContextCollection", name): {
            "embeddingModelRef": {"name": "minilm"},
            "levels": {"longTerm": {"indexPolicyRef": {"name": name}}},
        },
        ("ContextCollection", f"{name}-c"): {
            "embeddingModelRef": {"name": "chosen", "namespace": home["name"]},
            "levels": {"longTerm": {}},
            "multiTenancy": tenancy,
        },
    }
    return yaml.safe_dump_all(
        {
            "apiVersion": "hirag.dev/v1alpha1",
            "kind": kind,
            "metadata": {"name": one, "namespace": namespace},
            "spec": spec,
        }
        for (kind, one), spec in specs.items()
    )


@pytest.fixture
def stage(cluster: ControlPlane, team: Namespace, model_spec: Json, name: str) -> Iterator[None]:
    """Something for every right: a model that admits namespaces by label, a policy, an operator's Deployment."""
    chosen = Namespace(cluster, WATCHED[1])
    allowed = {"from": "Selector", "selector": {"matchExpressions": [{"key": "none", "operator": "DoesNotExist"}]}}
    chosen.apply("EmbeddingModel", "chosen", {**model_spec, "allowedNamespaces": allowed})
    chosen.await_ready("EmbeddingModel", "chosen")
    team.apply("HNSWIndexPolicy", name, {"hnsw": {"ef": 64}})
    levels = {"longTerm": {"indexPolicyRef": {"name": name}}}
    team.apply("ContextCollection", name, {"embeddingModelRef": {"name": "minilm"}, "levels": levels})
    team.await_ready("ContextCollection", name)
    env = [{"name": "HIRAG_OPERATOR_LEASE_NAMESPACE", "value": team.name}]
    labels = {"app.kubernetes.io/part-of": "hirag", "app.kubernetes.io/component": "operator"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "o", "image": "o:1", "env": env}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    metadata = {"name": "operator", "namespace": team.name, "labels": labels}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(deployment))
    yield
    cluster.kubectl("delete", "deployment", "operator", "-n", team.name)


@pytest.mark.usefixtures("stage")
def test_the_role_of_the_page_is_enough_and_not_too_much(
    kubectl: Kubectl, team: Namespace, at_weaviate: tuple[str, ...], viewer: Path, audit: AuditLog, name: str
) -> None:
    file = str(viewer.with_name("all.yaml"))
    Path(file).write_text(manifests(team.name, name))

    def hirag(*arguments: str) -> Came:
        return kubectl(["hirag", *arguments], kubeconfig=viewer)

    assert "Left out" not in hirag("status", "-A").out
    assert hirag("status", name, "-n", team.name).code == 0
    assert [note for note in hirag("plan", "-f", file, "-o", "json").json["notes"] if "may not" in note] == []
    hirag("plan", "-f", file, *at_weaviate)
    assert "You may do all that this program asks for in all namespaces." in hirag("doctor", "-A", *at_weaviate).out
    assert used(audit, "viewer") - EVERYBODYS == granted()


def test_without_rights_the_missing_verb_is_told(kubectl: Kubectl, team: Namespace, stranger: Path, name: str) -> None:
    came = kubectl(["hirag", "status", "-n", team.name], kubeconfig=stranger)
    assert came.code == 1
    assert f"you may not list contextcollections.hirag.dev in namespace {team.name}" in came.err
    team.apply("ContextCollection", name, {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}})
    team.await_ready("ContextCollection", name)
    shown = kubectl(["hirag", "status", name, "-n", team.name], kubeconfig=stranger)
    assert shown.code == 0
    assert "Model minilm: not read" in shown.out
    assert f"Left out: you may not get embeddingmodels.hirag.dev in namespace {team.name}." in shown.out
    examined = kubectl(["hirag", "doctor", "-n", team.name], kubeconfig=stranger)
    assert "warning  You may not list contextcollections.hirag.dev" in examined.out
    assert "of which version its CRDs are was not told" in examined.out


def test_who_may_not_apply_is_told_what_can_be_told(
    kubectl: Kubectl, team: Namespace, stranger: Path, tmp_path: Path, name: str
) -> None:
    spec: Json = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}}
    team.apply("ContextCollection", name, spec)
    team.await_ready("ContextCollection", name)
    file = tmp_path / "one.yaml"
    metadata = {"name": name, "namespace": team.name}
    body = {"apiVersion": "hirag.dev/v1alpha1", "kind": "ContextCollection", "metadata": metadata}
    file.write_text(json.dumps({**body, "spec": {**spec, "placement": "Shared"}}))
    came = kubectl(["hirag", "plan", "-f", str(file), "-o", "json"], kubeconfig=stranger)
    assert came.code == 3, came.out + came.err
    assert came.json["documents"][0]["checked"].startswith("checked by this program alone")
    assert any(note.startswith("You may not patch contextcollections.hirag.dev") for note in came.json["notes"])


def test_who_may_not_see_all_users_of_a_policy_is_told_the_most_that_a_change_can_take(
    cluster: ControlPlane, kubectl: Kubectl, team: Namespace, tmp_path: Path, name: str
) -> None:
    resources = "contextcollections.hirag.dev,embeddingmodels.hirag.dev,hnswindexpolicies.hirag.dev"
    cluster.kubectl("create", "clusterrole", name, "--verb=get,list,create,patch", f"--resource={resources}")
    file = person(cluster, name, name, tmp_path, namespace=team.name)
    team.apply("HNSWIndexPolicy", name, {})
    body = {"apiVersion": "hirag.dev/v1alpha1", "kind": "HNSWIndexPolicy", "metadata": {"name": name}}
    (tmp_path / "one.yaml").write_text(json.dumps({**body, "spec": {"hnsw": {"maxConnections": 8}}}))
    command = ["hirag", "plan", "-n", team.name, "-f", str(tmp_path / "one.yaml"), "-o", "json"]
    came = kubectl(command, kubeconfig=file)
    assert came.code == 3, came.out + came.err
    assert came.json["notes"][0] == "You may not list contextcollections.hirag.dev in all namespaces."
    assert kubectl(command).code == 0, "who may see that nothing uses it knows better"


def test_who_may_not_ask_on_behalf_of_another_is_told_so(kubectl: Kubectl, team: Namespace, stranger: Path) -> None:
    came = kubectl(["hirag", "status", "-n", team.name, "--as", "nobody"], kubeconfig=stranger)
    assert (came.code, "cannot impersonate resource" in came.err) == (1, True)


def test_asking_on_behalf_of_another_shows_what_they_see(kubectl: Kubectl, team: Namespace) -> None:
    came = kubectl(["hirag", "status", "-n", team.name, "--as", "nobody"])
    assert (came.code, "you may not list contextcollections.hirag.dev" in came.err) == (1, True)
