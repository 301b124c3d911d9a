"""Servers that restart, forget or cannot be reached: no process is restarted, and no change is lost."""

import json
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from e2e.cluster.faults import NONE, Fault
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.replicas import Replica
from e2e.cluster.stage import MODEL, Stage

Json = dict[str, Any]

KIND = "ContextCollection"


def spec(*tenants: str) -> Json:
    tenancy = {
        "enabled": True,
        "tenants": [{"name": one} for one in tenants],
        "removal": {"policy": "Delete", "maxPercent": 100},
    }
    return {
        "embeddingModelRef": {"name": MODEL},
        "levels": {"longTerm": {}},
        "chunking": {"maxTokens": 200},
        "multiTenancy": tenancy,
        "deletionPolicy": "Delete",
    }


@pytest.fixture
def processes(stage: Stage) -> Iterator[None]:
    """Both processes are the same before and after."""
    before = [one.operator.pid for one in stage.replicas]
    yield
    assert [one.operator.pid for one in stage.replicas] == before
    for pid in before:
        os.kill(pid, 0)


@pytest.fixture
def standing(stage: Stage) -> Namespace:
    """Two collections that are Ready: one that will be changed while nobody sees it, and one that will be deleted."""
    for name in ("edited", "deleted"):
        stage.namespace.apply(KIND, name, spec("a"))
        stage.namespace.await_ready(KIND, name)
    return stage.namespace


def change_everything(namespace: Namespace) -> None:
    namespace.apply(KIND, "edited", spec("b", "c"))
    namespace.delete(KIND, "deleted")
    namespace.apply(KIND, "made", spec("d"))


def assert_changed(stage: Stage) -> None:
    namespace = stage.namespace
    namespace.await_ready(KIND, "edited")
    namespace.await_ready(KIND, "made")
    eventually(lambda: namespace.get(KIND, "deleted"), lambda body: body is None)
    assert tenants(stage, "edited") == {"b", "c"}
    assert tenants(stage, "made") == {"d"}
    namespace.delete(KIND, "made")
    eventually(lambda: namespace.get(KIND, "made"), lambda body: body is None)


def tenants(stage: Stage, name: str) -> set[str]:
    body = stage.namespace.get(KIND, name) or {}
    alias = body["status"]["address"]["longTerm"]["alias"]
    with httpx.Client(base_url=f"{stage.weaviate.http_url}/v1", trust_env=False, timeout=30) as weaviate:
        target = weaviate.get(f"/aliases/{alias}").raise_for_status().json()["class"]
        return {one["name"] for one in weaviate.get(f"/schema/{target}/tenants").raise_for_status().json()}


def leads(replica: Replica) -> bool:
    return "hirag_operator_leader 1.0" in replica.metrics().splitlines()


def well(replica: Replica) -> list[int]:
    paths = ("/healthz", "/readyz")
    return [httpx.get(f"{replica.operator.url}{path}", trust_env=False, timeout=30).status_code for path in paths]


@pytest.mark.usefixtures("processes")
def test_an_api_server_that_restarts_is_led_from_again(stage: Stage, standing: Namespace) -> None:
    stage.control_plane.restart_apiserver()
    change_everything(standing)
    assert_changed(stage)
    eventually(lambda: [well(one) for one in stage.replicas], lambda codes: codes == [[200, 200]] * 2)


@pytest.mark.usefixtures("processes")
def test_what_happened_before_the_api_server_forgot_it_is_found_by_listing(stage: Stage, standing: Namespace) -> None:
    """Both are cut off, and go on from a version that etcd has compacted and no server has in memory: a true 410."""
    path = f"/apis/hirag.dev/v1alpha1/namespaces/{standing.name}/contextcollections"
    with stage.control_plane.connect() as client:
        seen = client.get(path).raise_for_status().json()["metadata"]["resourceVersion"]
    for replica in stage.replicas:
        replica.api.fault = Fault(cut=True)
    change_everything(standing)
    eventually(lambda: standing.get(KIND, "made"), bool)
    stage.control_plane.compact()
    stage.control_plane.restart_apiserver()
    eventually(lambda: expired(stage, path, seen), bool)
    for replica in stage.replicas:
        replica.api.fault = NONE
    assert_changed(stage)
    eventually(lambda: [well(one) for one in stage.replicas], lambda codes: codes == [[200, 200]] * 2)


def expired(stage: Stage, path: str, version: str) -> bool:
    """Whether a watch from a version is told that it is too old."""
    query = {"watch": "true", "resourceVersion": version, "timeoutSeconds": "5"}
    with stage.control_plane.connect() as client, client.stream("GET", path, params=query) as answer:
        if answer.status_code == httpx.codes.GONE:
            return True
        first = json.loads(next(answer.iter_lines(), "{}"))
        return bool(first.get("type") == "ERROR" and first["object"]["code"] == httpx.codes.GONE)


@pytest.mark.usefixtures("processes")
def test_a_weaviate_that_restarts_is_worked_on_again(stage: Stage, standing: Namespace) -> None:
    stage.weaviate.stop()
    change_everything(standing)
    standing.await_reason(KIND, "edited", "WeaviateUnreachable")
    stage.weaviate.start()
    assert_changed(stage)


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize("fault", [Fault(cut=True), Fault(hang=True)], ids=["cut off", "hanging"])
def test_a_network_to_the_api_server_that_heals_leaves_nothing_undone(
    stage: Stage, standing: Namespace, fault: Fault
) -> None:
    """While it lasts nobody leads."""
    for replica in stage.replicas:
        replica.api.fault = fault
    change_everything(standing)
    eventually(lambda: [leads(one) for one in stage.replicas], lambda values: not any(values))
    for replica in stage.replicas:
        replica.api.fault = NONE
    assert_changed(stage)


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize("fault", [Fault(cut=True), Fault(hang=True)], ids=["cut off", "hanging"])
def test_a_network_to_weaviate_that_heals_leaves_nothing_undone(
    stage: Stage, standing: Namespace, fault: Fault
) -> None:
    """The leader stays what it is: another would be no better off."""
    leader = stage.await_leader()
    for replica in stage.replicas:
        replica.weaviate.fault = fault
    change_everything(standing)
    standing.await_reason(KIND, "edited", "WeaviateUnreachable")
    for replica in stage.replicas:
        replica.weaviate.fault = NONE
    assert_changed(stage)
    assert stage.leader() is leader
