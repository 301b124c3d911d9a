"""Status against a real API server, a real operator and a real Weaviate."""

import ssl
from collections.abc import Callable

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace
from hirag_operator.adapters.kubeconfig import AGENT
from tests.operator.plugin.conftest import AuditLog, Came, Json

CROWD = 1_000

Hirag = Callable[..., Came]


def collection(**spec: object) -> Json:
    return {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}, "chunking": {"maxTokens": 200}, **spec}


def test_a_collection_is_shown_as_a_tree_of_all_that_belongs_to_it(team: Namespace, hirag: Hirag, name: str) -> None:
    team.apply("HNSWIndexPolicy", "careful", {"quantization": {"type": "rq"}})
    levels = {"longTerm": {"indexPolicyRef": {"name": "careful"}}}
    team.apply("ContextCollection", name, collection(levels=levels, compaction={"schedule": "0 3 * * *"}))
    address = team.await_ready("ContextCollection", name)["status"]["address"]["longTerm"]
    shown = hirag("status", name)
    assert shown.code == 0
    lines = shown.out.splitlines()
    assert lines[0].startswith(f"ContextCollection {team.name}/{name}  Ready for ")
    assert any(f"Alias {address['alias']} → {address['collection']}" in line for line in lines)
    assert any("Policy careful: Ready" in line and "quantization rq" in line for line in lines)
    assert any("Model minilm: Ready" in line and "384 dimensions" in line for line in lines)
    assert any(f"CronJob {name}-compact: suspended" in line for line in lines)
    assert any("SchedulesActive: ProgramNotAvailable" in line for line in lines)


def test_models_and_policies_are_shown_with_who_uses_them(team: Namespace, hirag: Hirag, name: str) -> None:
    team.apply("HNSWIndexPolicy", "careful", {})
    team.apply("ContextCollection", name, collection(levels={"longTerm": {"indexPolicyRef": {"name": "careful"}}}))
    team.await_ready("ContextCollection", name)
    (model,) = hirag("status", "emb/minilm", "-o", "json").json["objects"]
    assert (model["state"], model["usedBy"]) == ("Ready", [f"{team.name}/{name}"])
    assert hirag("status", "hnsw", "careful").out.splitlines()[0].startswith(f"HNSWIndexPolicy {team.name}/careful")


def test_what_is_wrong_comes_first_with_its_remedy(team: Namespace, hirag: Hirag, name: str) -> None:
    team.apply("ContextCollection", f"{name}-a", collection())
    team.apply("ContextCollection", f"{name}-z", collection(weaviate={"connection": "nowhere"}))
    team.await_ready("ContextCollection", f"{name}-a")
    team.await_reason("ContextCollection", f"{name}-z", "ConnectionNotFound")
    report = hirag("status", "-o", "json").json
    assert (report["report"], report["version"]) == ("Status", 1)
    assert report["objects"][0]["name"] == f"{name}-z"
    shown = hirag("status").out
    assert "Remedy: Correct weaviate.connection, or add the connection" in shown
    assert shown.index(f"{name}-z") < shown.index(f"{name}-a")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing-here"], "ContextCollection plugin-a/nothing-here does not exist"),
        (["emb/nothing-here"], "EmbeddingModel plugin-a/nothing-here does not exist"),
        (["pod/x"], "'pod/x' is no target; write NAME, KIND/NAME or KIND, of the kinds ctx, emb, hnsw"),
        (["x", "-A"], "a name is looked for in one namespace"),
        (["--context", "nowhere"], "Expected object with name nowhere"),
    ],
)
def test_what_cannot_be_answered_is_told_in_a_line(hirag: Hirag, arguments: list[str], told: str) -> None:
    came = hirag("status", *arguments)
    assert (came.code, came.out) == (1, "")
    assert told in came.err
    assert len(came.err.splitlines()) == 1


@pytest.fixture(scope="module")
def crowd(cluster: ControlPlane) -> Namespace:
    """A thousand collections in a namespace that no operator watches."""
    namespace = Namespace(cluster, "crowd")
    path = "/apis/hirag.dev/v1alpha1/namespaces/crowd/contextcollections"
    verify = ssl.create_default_context(cafile=str(cluster.authority))
    headers = {"Authorization": f"Bearer {cluster.token}"}
    with httpx.Client(base_url=cluster.url, headers=headers, verify=verify, timeout=30, trust_env=False) as client:
        for number in range(CROWD):
            spec = collection(embeddingModelRef={"name": f"model-{number}", "namespace": "plugin-b"})
            body = {"apiVersion": "hirag.dev/v1alpha1", "kind": "ContextCollection", "spec": spec}
            answer = client.post(path, json={**body, "metadata": {"name": f"c-{number:04}"}})
            answer.raise_for_status()
    return namespace


@pytest.mark.parametrize("where", [["-n", "crowd"], ["-A"]], ids=["its namespace", "all namespaces"])
def test_a_thousand_collections_cost_a_dozen_requests(
    crowd: Namespace, hirag: Hirag, audit: AuditLog, where: list[str]
) -> None:
    before = len(audit.of(AGENT))
    report = hirag("status", *where, "-o", "json", namespace=None).json
    assert sum(one["namespace"] == crowd.name for one in report["objects"]) == CROWD
    assert len(audit.of(AGENT)[before:]) <= 12
