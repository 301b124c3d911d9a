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

        def reasons() -> set[str]:
            body = namespace.get("ContextCollection", "handbook") or {}
            return {condition["reason"] for condition in body.get("status", {}).get("conditions", [])}

        eventually(reasons, lambda seen: "WeaviateUnreachable" in seen)
    finally:
        weaviate_server.start()
    _gone(namespace)
    assert weaviate.get(f"/schema/{address['collection']}").status_code == httpx.codes.NOT_FOUND
