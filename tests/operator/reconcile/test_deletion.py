"""Deleting a ContextCollection: data stays unless the spec says otherwise, and then only our own goes."""

from typing import Any

import httpx

from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.weaviate import WeaviateServer

Json = dict[str, Any]


def _made(namespace: Namespace, spec: Json, weaviate: httpx.Client) -> Json:
    namespace.apply("ContextCollection", "handbook", spec)
    address: Json = namespace.await_ready("ContextCollection", "handbook")["status"]["address"]["longTerm"]
    answer = weaviate.post("/objects", json={"class": address["alias"], "properties": {"text": "kept"}})
    assert answer.is_success, answer.text
    return address


def _gone(namespace: Namespace) -> None:
    eventually(lambda: namespace.get("ContextCollection", "handbook"), lambda body: body is None)


def _reasons(namespace: Namespace) -> set[str]:
    body = namespace.get("ContextCollection", "handbook") or {}
    return {condition["reason"] for condition in body.get("status", {}).get("conditions", [])}


def test_retain_keeps_the_data_says_so_and_a_namesake_takes_it_up_again(
    namespace: Namespace, collection_spec: Json, weaviate: httpx.Client
) -> None:
    address = _made(namespace, collection_spec, weaviate)
    namespace.delete("ContextCollection", "handbook")
    _gone(namespace)
    assert weaviate.get(f"/aliases/{address['alias']}").json()["class"] == address["collection"]
    assert "DataRetained" in {event["reason"] for event in namespace.all_of("Event")}

    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")
    again = eventually(
        lambda: (namespace.get("ContextCollection", "handbook") or {})["status"], lambda status: status["objects"] == 1
    )
    assert again["address"]["longTerm"] == address


def test_delete_removes_alias_and_data_and_nothing_of_others(
    namespace: Namespace, collection_spec: Json, weaviate: httpx.Client
) -> None:
    stranger = f"Stranger_{namespace.name.replace('-', '_')}"
    assert weaviate.post("/schema", json={"class": stranger, "vectorizer": "none"}).is_success
    address = _made(namespace, {**collection_spec, "deletionPolicy": "Delete"}, weaviate)
    namespace.delete("ContextCollection", "handbook")
    _gone(namespace)
    assert weaviate.get(f"/aliases/{address['alias']}").status_code == httpx.codes.NOT_FOUND
    assert weaviate.get(f"/schema/{address['collection']}").status_code == httpx.codes.NOT_FOUND
    assert weaviate.get(f"/schema/{stranger}").is_success


def test_deletion_waits_with_a_reason_while_weaviate_is_gone(
    namespace: Namespace, collection_spec: Json, weaviate: httpx.Client, weaviate_server: WeaviateServer
) -> None:
    address = _made(namespace, {**collection_spec, "deletionPolicy": "Delete"}, weaviate)
    weaviate_server.stop()
    try:
        namespace.delete("ContextCollection", "handbook")

        eventually(lambda: _reasons(namespace), lambda seen: "WeaviateUnreachable" in seen)
    finally:
        weaviate_server.start()
    _gone(namespace)
    assert weaviate.get(f"/schema/{address['collection']}").status_code == httpx.codes.NOT_FOUND


def test_a_deletion_that_cannot_be_done_is_given_up_by_an_annotation_and_says_so(
    namespace: Namespace, collection_spec: Json
) -> None:
    spec = {**collection_spec, "deletionPolicy": "Delete", "weaviate": {"connection": "nowhere"}}
    namespace.apply("ContextCollection", "handbook", spec)
    namespace.await_reason("ContextCollection", "handbook", "WeaviateUnreachable")
    namespace.delete("ContextCollection", "handbook")

    def message() -> str:
        found = (namespace.get("ContextCollection", "handbook") or {}).get("status", {}).get("conditions", [])
        return str(next((c["message"] for c in found if c["type"] == "Ready"), ""))

    assert "hirag.dev/abandon-data" in eventually(message, lambda seen: "Deletion waits" in seen)
    kubectl = namespace.control_plane.kubectl
    kubectl("annotate", "ctx", "handbook", "-n", namespace.name, "hirag.dev/abandon-data=true")
    _gone(namespace)
    assert "DataAbandoned" in {event["reason"] for event in namespace.all_of("Event")}


def test_a_paused_collection_keeps_its_data_until_somebody_decides(
    namespace: Namespace, collection_spec: Json, weaviate: httpx.Client
) -> None:
    spec = {**collection_spec, "deletionPolicy": "Delete"}
    address = _made(namespace, spec, weaviate)
    namespace.apply("ContextCollection", "handbook", {**spec, "paused": True})
    namespace.await_reason("ContextCollection", "handbook", "Paused")
    namespace.delete("ContextCollection", "handbook")
    eventually(
        lambda: (namespace.get("ContextCollection", "handbook") or {})["status"]["conditions"],
        lambda found: any("Deletion waits" in condition["message"] for condition in found),
    )
    assert weaviate.get(f"/aliases/{address['alias']}").json()["class"] == address["collection"]
    namespace.apply("ContextCollection", "handbook", spec)
    _gone(namespace)
    assert weaviate.get(f"/schema/{address['collection']}").status_code == httpx.codes.NOT_FOUND


def test_a_namespace_with_everything_in_it_goes_in_whatever_order_it_is_emptied(
    namespace: Namespace, collection_spec: Json, weaviate: httpx.Client
) -> None:
    namespace.apply("HNSWIndexPolicy", "careful", {})
    collection_spec["levels"] = {"longTerm": {"indexPolicyRef": {"name": "careful"}}}
    collection_spec["compaction"] = {"schedule": "@daily"}
    address = _made(namespace, {**collection_spec, "deletionPolicy": "Delete"}, weaviate)
    namespace.apply("ContextCollection", "kept", {**collection_spec, "deletionPolicy": "Retain"})
    kept = namespace.await_ready("ContextCollection", "kept")["status"]["address"]["longTerm"]
    namespace.control_plane.kubectl("delete", "namespace", namespace.name, "--wait=false")
    namespace.control_plane.kubectl("wait", "namespace", namespace.name, "--for=delete", "--timeout=60s")
    assert weaviate.get(f"/schema/{address['collection']}").status_code == httpx.codes.NOT_FOUND
    assert weaviate.get(f"/aliases/{kept['alias']}").json()["class"] == kept["collection"]


def test_data_of_another_owner_behind_our_alias_is_not_ours_to_delete(
    namespace: Namespace, collection_spec: Json, weaviate: httpx.Client
) -> None:
    address = _made(namespace, {**collection_spec, "deletionPolicy": "Delete"}, weaviate)
    stranger = f"Stranger_{namespace.name.replace('-', '_')}"
    assert weaviate.post("/schema", json={"class": stranger, "vectorizer": "none"}).is_success
    namespace.apply("ContextCollection", "handbook", {**collection_spec, "deletionPolicy": "Delete", "paused": True})
    namespace.await_reason("ContextCollection", "handbook", "Paused")
    assert weaviate.put(f"/aliases/{address['alias']}", json={"class": stranger}).is_success
    namespace.delete("ContextCollection", "handbook")
    namespace.apply("ContextCollection", "handbook", {**collection_spec, "deletionPolicy": "Delete"})
    _gone(namespace)
    assert weaviate.get(f"/schema/{address['collection']}").status_code == httpx.codes.NOT_FOUND
    assert weaviate.get(f"/schema/{stranger}").is_success
    assert weaviate.get(f"/aliases/{address['alias']}").json()["class"] == stranger
    assert weaviate.delete(f"/schema/{stranger}").is_success
