"""YAML in, a working index out: on a real API server, a real Weaviate and a real model."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import weaviate as weaviate_client
from weaviate.outputs.config import VectorIndexConfigHNSW

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.weaviate import WeaviateServer
from tests.operator.reconcile.scrape import metric

Json = dict[str, Any]


def test_three_objects_become_an_index_that_answers_questions(
    namespace: Namespace,
    collection_spec: Json,
    weaviate_server: WeaviateServer,
    embedder: EmbedderServer,
) -> None:
    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"efConstruction": 200}, "quantization": {"type": "rq"}})
    collection_spec["levels"] = {"longTerm": {"indexPolicyRef": {"name": "careful"}}, "shortTerm": {}}
    namespace.apply("ContextCollection", "handbook", collection_spec)

    status = namespace.await_ready("ContextCollection", "handbook")["status"]

    prefix = "T" + namespace.name[1:].replace("-", "_")
    assert {level: where["alias"] for level, where in status["address"].items()} == {
        "longTerm": f"{prefix}__Handbook__LongTerm",
        "shortTerm": f"{prefix}__Handbook__ShortTerm",
    }
    client = weaviate_client.connect_to_local(port=weaviate_server.http_port, grpc_port=weaviate_server.grpc_port)
    with client:
        level = client.collections.use(status["address"]["longTerm"]["alias"])
        texts = ("The cat sleeps on the warm stove.", "Interest rates rose by half a point.")
        for text in texts:
            level.data.insert({"text": text})
        found = level.query.near_text("a pet is resting", limit=1, include_vector=True).objects[0]
        config = client.collections.use(status["address"]["longTerm"]["collection"]).config.get()
    assert found.properties["text"] == texts[0]
    assert isinstance(config.vector_index_config, VectorIndexConfigHNSW)
    assert config.vector_index_config.ef_construction == 200
    body = {"model": "sentence-transformers/all-MiniLM-L6-v2", "input": texts[0]}
    ours = httpx.post(f"{embedder.url}/v1/embeddings", json=body).json()["data"][0]["embedding"]
    theirs = found.vector["default"]
    assert sum(a * b for a, b in zip(ours, theirs, strict=True)) == pytest.approx(1, abs=1e-4)


def test_the_status_counts_what_is_in_the_index(
    namespace: Namespace, collection_spec: Json, weaviate: httpx.Client
) -> None:
    namespace.apply("ContextCollection", "handbook", collection_spec)
    address = namespace.await_ready("ContextCollection", "handbook")["status"]["address"]["longTerm"]
    for text in ("one", "two", "three"):
        answer = weaviate.post("/objects", json={"class": address["alias"], "properties": {"text": text}})
        assert answer.is_success, answer.text

    status: Json = eventually(
        lambda: (namespace.get("ContextCollection", "handbook") or {})["status"], lambda seen: seen["objects"] == 3
    )
    assert status["counts"] == {"longTerm": 3}


def test_kubectl_shows_the_three_kinds_together_and_says_what_a_reader_asks(
    namespace: Namespace, collection_spec: Json
) -> None:
    namespace.apply("HNSWIndexPolicy", "careful", {})
    collection_spec["levels"]["longTerm"] = {"indexPolicyRef": {"name": "careful"}}
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")
    eventually(
        lambda: (namespace.get("HNSWIndexPolicy", "careful") or {}).get("status", {}).get("bindings"),
        lambda bound: bound and bound[0]["state"] == "Compliant",
    )
    shown = namespace.control_plane.kubectl("get", "hirag", "-n", namespace.name)
    for word in ("READY", "PHASE", "REVISION", "OBJECTS", "BINDINGS", "DIMENSIONS", "handbook", "careful", "minilm"):
        assert word in shown
    for kind in ("ctx/handbook", "emb/minilm", "hnsw/careful"):
        namespace.control_plane.kubectl("wait", kind, "-n", namespace.name, "--for=condition=Ready", "--timeout=10s")


def test_tenants_are_made_in_their_declared_states_and_strangers_are_left_alone(
    namespace: Namespace, collection_spec: Json, weaviate: httpx.Client
) -> None:
    tenants = [{"name": "acme"}, {"name": "umbrella", "state": "Inactive"}]
    collection_spec["multiTenancy"] = {"enabled": True, "tenants": tenants}
    namespace.apply("ContextCollection", "handbook", collection_spec)
    address = namespace.await_ready("ContextCollection", "handbook")["status"]["address"]["longTerm"]
    path = f"/schema/{address['collection']}/tenants"

    def states() -> dict[str, str]:
        return {t["name"]: t["activityStatus"] for t in weaviate.get(path).json()}

    assert states() == {"acme": "HOT", "umbrella": "COLD"}
    assert weaviate.post(path, json=[{"name": "stranger"}]).is_success
    tenants[0]["state"] = "Inactive"
    namespace.apply("ContextCollection", "handbook", collection_spec)
    eventually(states, lambda seen: seen == {"acme": "COLD", "umbrella": "COLD", "stranger": "HOT"})


def test_schedules_become_suspended_cronjobs_and_a_condition_says_so(
    namespace: Namespace, collection_spec: Json
) -> None:
    collection_spec["compaction"] = {"schedule": "30 2 * * *", "timeZone": "Europe/Berlin", "backoffLimit": 2}
    namespace.apply("ContextCollection", "handbook", collection_spec)
    condition = namespace.await_reason("ContextCollection", "handbook", "ProgramNotAvailable", "SchedulesActive")
    assert "spec.compaction" in condition["message"]
    cronjob = eventually(lambda: namespace.get("CronJob", "handbook-compact"), lambda found: found)
    assert cronjob is not None
    assert cronjob["spec"]["schedule"] == "30 2 * * *"
    assert cronjob["spec"]["timeZone"] == "Europe/Berlin"
    assert cronjob["spec"]["suspend"] is True
    assert cronjob["spec"]["jobTemplate"]["spec"]["backoffLimit"] == 2
    namespace.await_ready("ContextCollection", "handbook")

    del collection_spec["compaction"]
    namespace.apply("ContextCollection", "handbook", collection_spec)
    eventually(lambda: namespace.get("CronJob", "handbook-compact"), lambda found: found is None)


def test_an_index_at_rest_is_only_looked_at(
    namespace: Namespace, collection_spec: Json, operator: OperatorProcess
) -> None:
    collection_spec["compaction"] = {"schedule": "@daily"}
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.apply("HNSWIndexPolicy", "careful", {})
    namespace.await_ready("ContextCollection", "handbook")
    kinds = (("ContextCollection", "handbook"), ("EmbeddingModel", "minilm"), ("CronJob", "handbook-compact"))

    def versions() -> dict[str, Any]:
        objects = {f"{kind} {name}": namespace.get(kind, name) for kind, name in kinds}
        seen = {name: body and body["metadata"]["resourceVersion"] for name, body in objects.items()}
        return {
            **seen,
            "events": len(namespace.all_of("Event")),
            "steps": metric(operator, "hirag_operator_steps_total"),
        }

    def reconciles() -> float:
        return metric(operator, 'hirag_operator_reconciles_total{kind="ContextCollection",result="done"}')

    rest = eventually(_twice_the_same(versions, reconciles), lambda same: same)
    began = reconciles()
    eventually(reconciles, lambda now: now >= began + 3)
    assert versions() == rest


def _twice_the_same(look: Callable[[], Json], clock: Callable[[], float]) -> Callable[[], Json | None]:
    """Return a look that gives something only when nothing changed over one more reconcile."""
    before: list[tuple[float, Json]] = []

    def again() -> Json | None:
        now, seen = clock(), look()
        if before and before[-1][1] == seen and now > before[-1][0]:
            return seen
        if not before or before[-1][1] != seen:
            before.append((now, seen))
        return None

    return again
