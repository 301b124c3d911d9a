"""Plans against a real API server, a real operator and a real Weaviate: what is told is what then happens."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.adapters.kubeconfig import AGENT
from tests.operator.plugin.conftest import INSTANCE, KEY, AuditLog, Came, Json

Hirag = Callable[..., Came]
Kubectl = Callable[..., Came]
Plan = Callable[..., Came]


def body(kind: str, name: str, namespace: str, spec: Json) -> Json:
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "hirag.dev/v1alpha1", "kind": kind, "metadata": metadata, "spec": spec}


def collection(**spec: Any) -> Json:
    base = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}, "chunking": {"maxTokens": 200}}
    return {**base, **spec}


@pytest.fixture
def weaviate(guarded: WeaviateServer) -> httpx.Client:
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx.Client(base_url=f"{guarded.http_url}/v1", headers=headers, timeout=30, trust_env=False)


@pytest.fixture
def plan(hirag: Hirag, team: Namespace, tmp_path: Path) -> Plan:
    """Plan objects of the team, each given as kind, name and spec."""

    def call(*objects: tuple[str, str, Json], options: tuple[str, ...] = ("-o", "json")) -> Came:
        file = tmp_path / "all.yaml"
        file.write_text(yaml.safe_dump_all(body(kind, name, team.name, spec) for kind, name, spec in objects))
        return hirag("plan", "-f", str(file), *options)

    return call


@pytest.fixture
def ready(team: Namespace, name: str) -> Json:
    """A collection of a policy of its own, Ready; its name is that of the test."""
    team.apply("HNSWIndexPolicy", name, {"hnsw": {"ef": 64}})
    team.apply("ContextCollection", name, collection(levels={"longTerm": {"indexPolicyRef": {"name": name}}}))
    return team.await_ready("ContextCollection", name)


def effects(came: Came) -> dict[str, Json]:
    """The effects by level, or by kind where there is none."""
    return {one["level"] or one["kind"]: one for one in came.json["effects"]}


def test_what_is_new_is_told_and_then_made_just_so(plan: Plan, team: Namespace, name: str) -> None:
    came = plan(("ContextCollection", name, collection()))
    assert (came.code, came.json["takes"]) == (0, "new")
    assert team.get("ContextCollection", name) is None
    made, pointed = effects(came)["longTerm"]["steps"]
    team.apply("ContextCollection", name, collection())
    address = team.await_ready("ContextCollection", name)["status"]["address"]["longTerm"]
    assert made == f"make collection {address['collection']}"
    assert pointed == f"point alias {address['alias']} at {address['collection']}"


def test_what_is_as_it_is_changes_nothing(plan: Plan, ready: Json, name: str) -> None:
    came = plan(("ContextCollection", name, ready["spec"]))
    assert (came.code, came.json["takes"], came.json["effects"]) == (0, "nothing", [])


def test_a_hot_change_is_told_and_then_happens_in_place(
    plan: Plan, team: Namespace, weaviate: httpx.Client, ready: Json, name: str
) -> None:
    collection_name = ready["status"]["address"]["longTerm"]["collection"]
    came = plan(("HNSWIndexPolicy", name, {"hnsw": {"ef": 99}}))
    assert came.code == 0, came.out
    (change,) = came.json["documents"][0]["changes"]
    assert (change["path"], change["before"], change["after"], change["class"]) == ("spec.hnsw.ef", 64, 99, "hot")
    assert effects(came)["longTerm"]["steps"] == [f"change in place vectorIndexConfig.ef of {collection_name}"]
    assert weaviate.get(f"/schema/{collection_name}").json()["vectorIndexConfig"]["ef"] == 64
    team.apply("HNSWIndexPolicy", name, {"hnsw": {"ef": 99}})
    eventually(
        lambda: weaviate.get(f"/schema/{collection_name}").json()["vectorIndexConfig"]["ef"], lambda ef: ef == 99
    )


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        pytest.param("HNSWIndexPolicy", {"hnsw": {"ef": 64, "efConstruction": 256}}, id="by its policy"),
        pytest.param("ContextCollection", {"placement": "Shared"}, id="by its placement"),
        pytest.param("ContextCollection", {"invertedIndex": {"indexTimestamps": False}}, id="by its index"),
    ],
)
def test_what_a_new_revision_is_told_to_change_is_what_the_operator_then_finds(
    plan: Plan, team: Namespace, ready: Json, name: str, kind: str, spec: Json
) -> None:
    wanted = spec if kind == "HNSWIndexPolicy" else {**ready["spec"], **spec}
    came = plan((kind, name, wanted))
    told = effects(came)["longTerm"]
    assert (came.code, told["takes"], told["basis"]) == (3, "build", "status")
    team.apply(kind, name, wanted)
    team.await_reason("ContextCollection", name, "MigrationRequired")
    address = (team.get("ContextCollection", name) or {})["status"]["address"]["longTerm"]
    assert (address["pending"], address["changeClass"]) == ("; ".join(told["pending"]), "build")


def test_a_property_that_is_added_needs_no_new_revision(plan: Plan, team: Namespace, ready: Json, name: str) -> None:
    wanted = {**ready["spec"], "properties": [{"name": "author"}]}
    came = plan(("ContextCollection", name, wanted))
    assert (came.code, effects(came)["longTerm"]["takes"]) == (0, "hot")
    team.apply("ContextCollection", name, wanted)
    team.await_ready("ContextCollection", name)


def test_a_model_with_other_vectors_takes_new_ones_for_every_collection_that_uses_it(
    plan: Plan, team: Namespace, model_spec: Json, name: str
) -> None:
    team.apply("EmbeddingModel", name, model_spec)
    for suffix in ("a", "b"):
        team.apply("ContextCollection", f"{name}-{suffix}", collection(embeddingModelRef={"name": name}))
        team.await_ready("ContextCollection", f"{name}-{suffix}")
    came = plan(("EmbeddingModel", name, {**model_spec, "pooling": "cls"}))
    assert (came.code, came.json["takes"]) == (4, "embed")
    hit = {one["name"]: one for one in came.json["effects"] if one["kind"] == "ContextCollection"}
    assert set(hit) == {f"{name}-a", f"{name}-b"}
    assert all(one["takes"] == "embed" and "embedding fingerprint" in one["pending"][0] for one in hit.values())
    for suffix in ("a", "b"):
        team.delete("ContextCollection", f"{name}-{suffix}")
    eventually(lambda: team.get("ContextCollection", f"{name}-b"), lambda found: found is None)
    unused = plan(("EmbeddingModel", name, {**model_spec, "pooling": "cls"}))
    assert unused.code == 0, "nothing is embedded by it any more"
    team.delete("EmbeddingModel", name)


def test_documents_are_planned_together(plan: Plan, team: Namespace, ready: Json, name: str) -> None:
    levels = {"longTerm": {"indexPolicyRef": {"name": f"{name}-new"}}}
    objects = (
        ("HNSWIndexPolicy", f"{name}-new", {"hnsw": {"ef": 77}}),
        ("ContextCollection", name, {**ready["spec"], "levels": levels}),
    )
    came = plan(*objects)
    assert came.code == 0, "the two policies differ in hot settings alone"
    assert effects(came)["longTerm"]["takes"] == "hot"
    alone = plan(objects[1])
    assert f"HNSWIndexPolicy {team.name}/{name}-new does not exist yet" in effects(alone)["ContextCollection"]["waits"]
    assert alone.code == 3, "without the policy, the table tells the most that it can take"


def test_what_cannot_change_is_told(plan: Plan, ready: Json, name: str) -> None:
    came = plan(("ContextCollection", name, {**ready["spec"], "multiTenancy": {"enabled": True}}))
    (document,) = came.json["documents"]
    assert (came.code, document["action"]) == (6, "refused")
    assert [change["class"] for change in document["changes"]] == ["forbidden"]
    assert "multiTenancy.enabled cannot change" in document["errors"][0]["message"]


@pytest.mark.parametrize(
    ("spec", "field", "told"),
    [
        (collection(chunkin={}), "spec.chunkin", "did you mean chunking?"),
        (collection(levels={}), "spec.levels", "levels must have at least one of shortTerm and longTerm"),
        (collection(chunking={"maxTokens": "many"}), "spec.chunking.maxTokens", "valid integer"),
    ],
)
def test_a_wrong_field_is_named_with_what_would_be_right(
    plan: Plan, name: str, spec: Json, field: str, told: str
) -> None:
    came = plan(("ContextCollection", name, spec))
    (document,) = came.json["documents"]
    assert came.code == 7
    assert [(error["field"], told in error["message"]) for error in document["errors"]] == [(field, True)]


def test_a_namespace_that_does_not_exist_is_told(hirag: Hirag, tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    file.write_text(yaml.safe_dump(body("HNSWIndexPolicy", "x", "no-such-namespace", {})))
    came = hirag("plan", "-f", str(file), namespace=None)
    assert (came.code, 'namespaces "no-such-namespace" not found' in came.out) == (7, True)


def test_a_namespace_of_the_same_file_is_taken_to_be_there(hirag: Hirag, tmp_path: Path) -> None:
    file = tmp_path / "one.yaml"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "coming"}}
    wrong = body("HNSWIndexPolicy", "y", "coming", {"hnsw": {"eff": 1}})
    file.write_text(yaml.safe_dump_all([namespace, body("HNSWIndexPolicy", "x", "coming", {}), wrong]))
    left_out, new, refused = hirag("plan", "-f", str(file), "-o", "json", namespace=None).json["documents"]
    assert (left_out["action"], new["action"], refused["action"]) == ("leftOut", "create", "refused")
    assert refused["errors"][0]["message"] == "spec.hnsw has no field eff; did you mean ef?"


def test_a_change_that_weaviate_has_nothing_to_do_with_is_hot(plan: Plan, ready: Json, name: str) -> None:
    came = plan(("ContextCollection", name, {**ready["spec"], "chunking": {"maxTokens": 100}}))
    assert (came.code, came.json["takes"], came.json["effects"]) == (0, "hot", [])


def test_a_wrong_field_beside_one_that_cannot_change_is_invalid(plan: Plan, ready: Json, name: str) -> None:
    spec = {**ready["spec"], "multiTenancy": {"enabled": True}, "levels": {"longTerm": {"retention": "soon"}}}
    came = plan(("ContextCollection", name, spec))
    assert (came.code, came.json["takes"]) == (7, "invalid")


def test_a_paused_collection_waits_and_says_so(plan: Plan, ready: Json, name: str) -> None:
    came = plan(("ContextCollection", name, {**ready["spec"], "paused": True, "placement": "Shared"}))
    assert came.code == 0
    assert effects(came)["ContextCollection"]["waits"].startswith("spec.paused is true")


def test_settings_that_do_not_go_together_hold_the_operator(plan: Plan, name: str) -> None:
    levels = {"longTerm": {"indexPolicyRef": {"name": name}}}
    policy = {"quantization": {"type": "pq", "pq": {"segments": 7}}}
    came = plan(("HNSWIndexPolicy", name, policy), ("ContextCollection", name, collection(levels=levels)))
    assert (came.code, came.json["takes"]) == (5, "held")
    assert "does not divide the model's 384 dimensions" in effects(came)["ContextCollection"]["waits"]


def test_a_level_that_is_not_as_declared_is_answered_by_the_table(
    plan: Plan, team: Namespace, ready: Json, name: str
) -> None:
    team.apply("HNSWIndexPolicy", name, {"hnsw": {"ef": 64, "efConstruction": 256}})
    team.await_reason("ContextCollection", name, "MigrationRequired")
    came = plan(("ContextCollection", name, {**ready["spec"], "properties": [{"name": "author"}]}))
    told = effects(came)["longTerm"]
    assert (told["basis"], told["takes"]) == ("table", "hot")
    assert told["waits"].startswith("pending already: vectorIndexConfig.efConstruction")


def test_what_a_collection_waits_for_already_is_not_laid_to_the_change(plan: Plan, team: Namespace, name: str) -> None:
    team.apply("HNSWIndexPolicy", name, {"hnsw": {"ef": 64}})
    levels = {"longTerm": {"indexPolicyRef": {"name": name}}}
    team.apply("ContextCollection", name, collection(levels=levels, embeddingModelRef={"name": "m", "namespace": "x"}))
    team.await_reason("ContextCollection", name, "NamespaceNotAllowed")
    came = plan(("HNSWIndexPolicy", name, {"hnsw": {"ef": 99}}))
    assert came.code == 0
    assert effects(came)["ContextCollection"]["waits"].startswith("it waits already, NamespaceNotAllowed")
    changed = plan(
        ("ContextCollection", name, collection(levels=levels, embeddingModelRef={"name": "m", "namespace": "y"}))
    )
    assert changed.code == 5, "what the document itself refers to in vain holds it"


def test_children_in_kubernetes_are_told(plan: Plan, ready: Json, name: str) -> None:
    came = plan(("ContextCollection", name, {**ready["spec"], "compaction": {"schedule": "0 3 * * *"}}))
    assert effects(came)["ContextCollection"]["steps"] == [f"make CronJob {name}-compact"]


def test_a_rollout_of_a_models_pods_is_told(plan: Plan, team: Namespace, name: str) -> None:
    source = {"huggingFace": {"repo": "org/model", "revision": "a" * 40}}
    spec = {"source": source, "dimensions": 8, "serving": {"replicas": 2}}
    team.apply("EmbeddingModel", name, spec)
    scaled = plan(("EmbeddingModel", name, {**spec, "serving": {"replicas": 3}}))
    assert effects(scaled)["EmbeddingModel"]["steps"] == [f"change Deployment {name}-embedder: spec.replicas (2 → 3)"]
    rolled = plan(("EmbeddingModel", name, {**spec, "runtime": {"precision": "int8"}}))
    assert f"replace the pods of Deployment {name}-embedder, in turn" in effects(rolled)["EmbeddingModel"]["steps"]
    team.delete("EmbeddingModel", name)


def test_weaviate_itself_is_looked_at_where_the_terminal_reaches_it(
    plan: Plan, team: Namespace, weaviate: httpx.Client, at_weaviate: tuple[str, ...], ready: Json, name: str
) -> None:
    where = ("-o", "json", *at_weaviate)
    came = plan(("HNSWIndexPolicy", name, {"hnsw": {"ef": 64, "efConstruction": 256}}), options=where)
    told = effects(came)["longTerm"]
    assert (came.code, told["basis"], told["objects"]) == (3, "weaviate", 0)
    assert told["pending"] == ["vectorIndexConfig.efConstruction (128 → 256)"]
    team.apply("ContextCollection", name, {**ready["spec"], "paused": True})
    team.await_reason("ContextCollection", name, "Paused")
    alias = ready["status"]["address"]["longTerm"]["alias"]
    weaviate.delete(f"/aliases/{alias}").raise_for_status()
    found = plan(("ContextCollection", name, {**ready["spec"], "paused": False}), options=where)
    assert effects(found)["longTerm"]["steps"] == [
        f"point alias {alias} at {ready['status']['address']['longTerm']['collection']}"
    ], "status knows nothing of the alias that is gone"


def test_a_pool_is_named_as_it_is_once_the_operator_is_named(plan: Plan, team: Namespace, name: str) -> None:
    spec = collection(placement="Shared", properties=[{"name": f"own_{name[2:]}"}])
    unnamed, named = (
        plan(("ContextCollection", name, spec), options=("-o", "json", *more))
        for more in ((), ("--instance", INSTANCE))
    )
    assert any("Names of pools hold for an operator of instance default" in note for note in unnamed.json["notes"])
    team.apply("ContextCollection", name, spec)
    pool = team.await_ready("ContextCollection", name)["status"]["address"]["longTerm"]["collection"]
    assert effects(named)["longTerm"]["steps"][0] == f"make collection {pool}"
    assert effects(unnamed)["longTerm"]["steps"][0] != f"make collection {pool}"
    other = plan(("ContextCollection", name, {**spec, "properties": [{"name": "another"}]}))
    assert (other.code, effects(other)["longTerm"]["takes"]) == (3, "build"), "what it takes does not hang on the name"
    assert plan(("ContextCollection", name, spec)).json["takes"] == "nothing"


def test_a_collection_keeps_its_name_though_a_property_was_added(
    plan: Plan, team: Namespace, ready: Json, name: str
) -> None:
    grown = {**ready["spec"], "properties": [{"name": "author"}]}
    team.apply("ContextCollection", name, grown)
    team.await_ready("ContextCollection", name)
    came = plan(("HNSWIndexPolicy", name, {"hnsw": {"ef": 99}}))
    where = ready["status"]["address"]["longTerm"]["collection"]
    assert effects(came)["longTerm"]["steps"] == [f"change in place vectorIndexConfig.ef of {where}"]


@pytest.mark.parametrize("way", [[], ["--server-side"]], ids=["kubectl apply", "kubectl apply --server-side"])
def test_an_object_is_merged_as_kubectl_merges_it(
    plan: Plan, kubectl: Kubectl, team: Namespace, tmp_path: Path, name: str, way: list[str]
) -> None:
    first = collection(properties=[{"name": "author"}], compaction={"schedule": "0 3 * * *"}, retrieval={"alpha": 0.25})
    then = collection(properties=[{"name": "author"}, {"name": "year", "dataType": "int"}], driftPolicy="Warn")
    file = tmp_path / "applied.yaml"
    file.write_text(json.dumps(body("ContextCollection", name, team.name, first)))
    assert kubectl(["apply", "-f", str(file), *way]).code == 0
    kubectl(["patch", "ctx", name, "-n", team.name, "--type=merge", "-p", '{"spec": {"lossPolicy": "Recreate"}}'])
    before = (team.get("ContextCollection", name) or {})["spec"]
    came = plan(("ContextCollection", name, then))
    file.write_text(json.dumps(body("ContextCollection", name, team.name, then)))
    after = json.loads(kubectl(["apply", "-f", str(file), "--dry-run=server", "-o", "json", *way]).out)["spec"]
    changes = {one["path"]: (one.get("before"), one.get("after")) for one in came.json["documents"][0]["changes"]}
    assert "lossPolicy" in before
    assert after["lossPolicy"] == "Recreate", "what another hand set stays"
    assert changes == {
        "spec.properties[year]": (None, after["properties"][1]),
        "spec.compaction": (before["compaction"], None),
        "spec.retrieval.alpha": (0.25, after["retrieval"]["alpha"]),
        "spec.driftPolicy": ("Enforce", after["driftPolicy"]),
    }
    assert ("server-side apply by kubectl" in came.json["documents"][0]["checked"]) is bool(way)


def test_nothing_is_written(
    plan: Plan,
    hirag: Hirag,
    team: Namespace,
    weaviate: httpx.Client,
    at_weaviate: tuple[str, ...],
    audit: AuditLog,
    name: str,
) -> None:
    team.apply("HNSWIndexPolicy", name, {"hnsw": {"ef": 64}})
    team.apply("ContextCollection", name, collection(levels={"longTerm": {"indexPolicyRef": {"name": name}}}))
    spec = team.await_ready("ContextCollection", name)["spec"]
    eventually(
        lambda: team.get("HNSWIndexPolicy", name), lambda found: (found or {})["status"].get("compliantCount") == 1
    )

    def world() -> tuple[Any, ...]:
        objects = [team.get(kind, name) for kind in ("ContextCollection", "HNSWIndexPolicy")]
        classes, aliases = weaviate.get("/schema").json()["classes"], weaviate.get("/aliases").json()["aliases"]
        return objects, *(sorted(map(json.dumps, found)) for found in (classes, aliases))

    before, asked = world(), len(audit.of(AGENT))
    changed = {**spec, "placement": "Shared", "properties": [{"name": "author"}]}
    objects = (("HNSWIndexPolicy", name, {"hnsw": {"ef": 1}}), ("ContextCollection", name, changed))
    assert plan(*objects).code == 3
    assert plan(*objects, ("ContextCollection", f"{name}-b", collection()), options=at_weaviate).code == 3
    hirag("status", name)
    hirag("doctor", *at_weaviate)
    assert world() == before
    sent = audit.of(AGENT)[asked:]
    assert {event["verb"] for event in sent} == {"get", "list", "create", "patch"}
    for event in sent:
        if event["verb"] in {"create", "patch"} and event["objectRef"]["resource"] != "selfsubjectaccessreviews":
            assert "dryRun=All" in event["requestURI"], event
