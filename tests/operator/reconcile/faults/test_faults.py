"""Whatever befalls a server is said in the right condition, delays nobody else, and heals by itself."""

import re
from typing import Any

import httpx
import pytest

from e2e.cluster.faultproxy import FaultProxy, TcpProxy
from e2e.cluster.faults import NONE, Fault
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess

Json = dict[str, Any]

SOON = 20.0  # seconds: ten would be enough on a machine that has nothing else to do

WEAVIATE_FAULTS = {
    "hangs": (Fault(hang=True), "WeaviateUnreachable", ("no answer to", "was not asked")),
    "drips": (Fault(drip=0.2), "WeaviateUnreachable", ("no answer to", "was not asked")),
    "is cut off": (Fault(cut=True), "WeaviateUnreachable", ("without sending a response", "reset", "EOF")),
    "is broken": (Fault(status=500, body=b"broken"), "WeaviateUnreachable", ("500 to GET",)),
    "is overloaded": (Fault(status=429), "WeaviateUnreachable", ("429 to GET",)),
    "is out of service": (Fault(status=503), "WeaviateUnreachable", ("503 to GET",)),
    "is a page": (Fault(status=200, body=b"<html>hello</html>"), "WeaviateGarbled", ("is not JSON",)),
    "is cut short": (Fault(status=200, body=b'{"version": "1.'), "WeaviateGarbled", ("is not JSON",)),
    "is something else": (Fault(status=200, body=b'{"ok": true}'), "WeaviateGarbled", ("is this a Weaviate",)),
    "is of an old one": (
        Fault(status=200, body=b'{"version": "1.31.9"}', path="/v1/meta"),
        "WeaviateVersionUnsupported",
        ("run 1.32 or a later version",),
    ),
    "wants a key": (Fault(status=401), "WeaviateNotAuthorized", ("Correct the key",)),
}


@pytest.fixture
def proxied_spec(collection_spec: Json) -> Json:
    return {**collection_spec, "weaviate": {"connection": "proxied"}}


def test_a_weaviate_in_trouble_is_said_leaves_the_others_alone_and_heals(
    namespace: Namespace, proxied_spec: Json, collection_spec: Json, weaviate_proxy: FaultProxy
) -> None:
    namespace.apply("ContextCollection", "handbook", proxied_spec)
    before = namespace.await_ready("ContextCollection", "handbook")["status"]
    for name, (fault, reason, words) in WEAVIATE_FAULTS.items():
        weaviate_proxy.fault = fault
        condition = _comes_to(namespace, "handbook", reason)
        during = (namespace.get("ContextCollection", "handbook") or {})["status"]
        neighbour = f"beside-{name.replace(' ', '-')}"
        namespace.apply("ContextCollection", neighbour, collection_spec)
        _comes_to(namespace, neighbour, "Ready")
        weaviate_proxy.fault = NONE
        _comes_to(namespace, "handbook", "Ready")
        assert any(word in condition["message"] for word in words), (name, condition["message"])
        assert during["address"] == before["address"], "what was last seen stays visible"


def test_a_crowd_on_a_weaviate_that_hangs_takes_nobody_elses_time(
    namespace: Namespace, proxied_spec: Json, collection_spec: Json, weaviate_proxy: FaultProxy
) -> None:
    weaviate_proxy.fault = Fault(hang=True)
    crowd = [f"one-of-many-{number}" for number in range(20)]
    for name in crowd:
        namespace.apply("ContextCollection", name, proxied_spec)
    namespace.apply("ContextCollection", "beside", collection_spec)
    _comes_to(namespace, "beside", "Ready")
    for name in crowd:
        namespace.await_reason("ContextCollection", name, "WeaviateUnreachable")
    weaviate_proxy.fault = NONE
    for name in crowd:
        namespace.await_ready("ContextCollection", name)


def test_a_slow_weaviate_only_takes_longer(
    namespace: Namespace, proxied_spec: Json, weaviate_proxy: FaultProxy
) -> None:
    weaviate_proxy.fault = Fault(delay=0.3)
    namespace.apply("ContextCollection", "handbook", proxied_spec)
    namespace.await_ready("ContextCollection", "handbook")


def test_answers_that_get_lost_leave_nothing_twice_and_nothing_half(
    namespace: Namespace, proxied_spec: Json, weaviate_proxy: FaultProxy, weaviate: httpx.Client
) -> None:
    """Weaviate makes the collection, and the operator never hears of it."""
    weaviate_proxy.fault = Fault(lose=True, methods=frozenset({"POST"}), path="/v1/schema")
    namespace.apply("ContextCollection", "handbook", proxied_spec)
    namespace.await_reason("ContextCollection", "handbook", "WeaviateUnreachable")
    weaviate_proxy.fault = NONE
    status = namespace.await_ready("ContextCollection", "handbook")["status"]
    stem = status["address"]["longTerm"]["alias"]
    made = [one["class"] for one in weaviate.get("/schema").json()["classes"] if one["class"].startswith(stem)]
    assert made == [status["address"]["longTerm"]["collection"]]


def test_a_full_disk_is_said_nothing_is_half_changed_and_room_heals_it(
    namespace: Namespace, collection_spec: Json, weaviate: httpx.Client
) -> None:
    """Weaviate itself sets shards READONLY then, in the way that is done here by hand, and never sets them back."""
    namespace.apply("HNSWIndexPolicy", "fast", {"hnsw": {"ef": 64}})
    collection_spec["levels"] = {"longTerm": {"indexPolicyRef": {"name": "fast"}}}
    namespace.apply("ContextCollection", "handbook", collection_spec)
    status = namespace.await_ready("ContextCollection", "handbook")["status"]
    collection = status["address"]["longTerm"]["collection"]
    (shard,) = [one["name"] for one in weaviate.get(f"/schema/{collection}/shards").json()]
    shard_path = f"/schema/{collection}/shards/{shard}"
    namespace.await_reason("ContextCollection", "handbook", "Writable", "Writable")

    assert weaviate.put(shard_path, json={"status": "READONLY"}).is_success
    condition = namespace.await_reason("ContextCollection", "handbook", "WeaviateReadOnly", "Writable")
    assert f"longTerm ({collection}: {shard})" in condition["message"]
    assert namespace.condition("ContextCollection", "handbook")["status"] == "True", "reads go on"

    namespace.apply("HNSWIndexPolicy", "fast", {"hnsw": {"ef": 99}})
    stalled = namespace.await_reason("ContextCollection", "handbook", "WeaviateReadOnly", "Stalled")
    assert f"shard {shard} is READONLY" in stalled["message"]
    assert _ef(weaviate, collection) == 64

    assert weaviate.put(shard_path, json={"status": "READY"}).is_success
    namespace.await_reason("ContextCollection", "handbook", "Writable", "Writable")
    namespace.await_ready("ContextCollection", "handbook")
    assert _ef(weaviate, collection) == 99


def test_a_weaviate_with_auto_schema_on_is_warned_of(namespace: Namespace, collection_spec: Json) -> None:
    namespace.apply("ContextCollection", "handbook", {**collection_spec, "weaviate": {"connection": "open"}})
    namespace.await_ready("ContextCollection", "handbook")
    condition = namespace.condition("ContextCollection", "handbook", "ServerFit")
    assert (condition["status"], condition["reason"]) == ("False", "AutoSchemaEnabled")
    namespace.apply("ContextCollection", "other", collection_spec)
    namespace.await_ready("ContextCollection", "other")
    assert namespace.condition("ContextCollection", "other", "ServerFit")["status"] == "True"


@pytest.mark.parametrize(
    "fault",
    [Fault(cut=True), Fault(hang=True), Fault(drip=0.05)],
    ids=["cut off", "hanging", "dripping"],
)
def test_an_api_server_in_trouble_costs_nothing_but_time(
    namespace: Namespace, collection_spec: Json, api_proxy: TcpProxy, operator: OperatorProcess, fault: Fault
) -> None:
    """What is asked for meanwhile is seen once the server can be reached again."""
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")
    api_proxy.fault = fault
    namespace.apply("ContextCollection", "meanwhile", collection_spec)
    namespace.delete("ContextCollection", "handbook")
    assert httpx.get(f"{operator.url}/healthz", timeout=30, trust_env=False).is_success
    api_proxy.fault = NONE
    namespace.await_ready("ContextCollection", "meanwhile")
    eventually(lambda: namespace.get("ContextCollection", "handbook"), lambda body: body is None)


@pytest.mark.parametrize("fault", [Fault(cut=True), Fault(hang=True)], ids=["cut off", "hanging"])
def test_a_status_that_the_api_server_did_not_take_is_written_once_it_does(
    namespace: Namespace,
    proxied_spec: Json,
    api_proxy: TcpProxy,
    weaviate_proxy: FaultProxy,
    operator: OperatorProcess,
    fault: Fault,
) -> None:
    namespace.apply("ContextCollection", "handbook", proxied_spec)
    namespace.await_ready("ContextCollection", "handbook")
    before = _interrupted(operator)
    api_proxy.fault = fault
    weaviate_proxy.fault = Fault(status=503)
    eventually(lambda: _interrupted(operator), lambda now: now > before)
    api_proxy.fault = NONE
    namespace.await_reason("ContextCollection", "handbook", "WeaviateUnreachable")
    weaviate_proxy.fault = NONE
    namespace.await_ready("ContextCollection", "handbook")


def test_a_slow_api_server_only_takes_longer(namespace: Namespace, collection_spec: Json, api_proxy: TcpProxy) -> None:
    api_proxy.fault = Fault(delay=0.1)
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")


def _comes_to(namespace: Namespace, name: str, reason: str) -> Json:
    """Wait, not for long, until Ready carries a reason; return the condition."""
    return eventually(
        lambda: namespace.condition("ContextCollection", name), lambda found: found.get("reason") == reason, SOON
    )


def _interrupted(operator: OperatorProcess) -> float:
    """Return how many reconciles of ContextCollections a server's failure has cut short."""
    metrics = httpx.get(f"{operator.url}/metrics", trust_env=False).text
    line = r'^hirag_operator_reconciles_total\{kind="ContextCollection",result="interrupted"\} (\S+)$'
    return sum(float(number) for number in re.findall(line, metrics, re.MULTILINE))


def _ef(weaviate: httpx.Client, collection: str) -> int:
    schema = weaviate.get(f"/schema/{collection}").json()
    config = schema.get("vectorIndexConfig") or schema["vectorConfig"]["default"]["vectorIndexConfig"]
    return int(config["ef"])
