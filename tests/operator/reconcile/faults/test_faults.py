"""Whatever befalls a server is said in the right condition, delays nobody else, and heals by itself."""

from typing import Any

import httpx

from e2e.cluster.faultproxy import FaultProxy
from e2e.cluster.faults import NONE, Fault
from e2e.cluster.namespace import Namespace, eventually

Json = dict[str, Any]

SOON = 20.0  # seconds: ten would be enough on a machine that has nothing else to do

WEAVIATE_FAULTS = {
    "hangs": (Fault(hang=True), "WeaviateUnreachable", ("no answer to", "was not asked")),
    "drips": (Fault(drip=0.2), "WeaviateUnreachable", ("no answer to", "was not asked")),
    "is cut off": (Fault(cut=True), "WeaviateUnreachable", ("no answer to", "reset", "EOF")),
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


def test_what_was_changed_while_weaviate_could_not_be_reached_is_seen_once_it_can(
    namespace: Namespace, proxied_spec: Json, weaviate_proxy: FaultProxy, weaviate: httpx.Client
) -> None:
    namespace.apply("ContextCollection", "handbook", proxied_spec)
    address = namespace.await_ready("ContextCollection", "handbook")["status"]["address"]["longTerm"]
    weaviate_proxy.fault = Fault(cut=True)
    namespace.await_reason("ContextCollection", "handbook", "WeaviateUnreachable")
    assert weaviate.delete(f"/aliases/{address['alias']}").is_success
    weaviate_proxy.fault = NONE
    eventually(lambda: weaviate.get(f"/aliases/{address['alias']}").is_success, bool, SOON)
    _comes_to(namespace, "handbook", "Ready")


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


def _comes_to(namespace: Namespace, name: str, reason: str) -> Json:
    """Wait, not for long, until Ready carries a reason; return the condition."""
    return eventually(
        lambda: namespace.condition("ContextCollection", name), lambda found: found.get("reason") == reason, SOON
    )


def _ef(weaviate: httpx.Client, collection: str) -> int:
    schema = weaviate.get(f"/schema/{collection}").json()
    config = schema.get("vectorIndexConfig") or schema["vectorConfig"]["default"]["vectorIndexConfig"]
    return int(config["ef"])
