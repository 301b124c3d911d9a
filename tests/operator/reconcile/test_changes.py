"""Changing what exists: in place where Weaviate can, refused with the plan where a new revision would be needed."""

from typing import Any

import httpx
import pytest

from e2e.cluster.namespace import Namespace, eventually

Json = dict[str, Any]


@pytest.fixture
def handbook(namespace: Namespace, collection_spec: Json, weaviate: httpx.Client) -> Json:
    """A ready collection with one object; returns its address."""
    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 64}})
    collection_spec["levels"] = {"longTerm": {"indexPolicyRef": {"name": "careful"}}}
    namespace.apply("ContextCollection", "handbook", collection_spec)
    address: Json = namespace.await_ready("ContextCollection", "handbook")["status"]["address"]["longTerm"]
    answer = weaviate.post("/objects", json={"class": address["alias"], "properties": {"text": "kept"}})
    assert answer.is_success, answer.text
    return address


def _live(weaviate: httpx.Client, address: Json) -> Json:
    """Return the live schema, its properties in order of name: Weaviate shuffles them at an update."""
    schema: Json = weaviate.get(f"/schema/{address['collection']}").json()
    return {**schema, "properties": sorted(schema["properties"], key=lambda prop: str(prop["name"]))}


def test_a_hot_setting_of_the_policy_changes_in_place(
    namespace: Namespace, handbook: Json, weaviate: httpx.Client
) -> None:
    before = _live(weaviate, handbook)
    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 96}})
    after = eventually(lambda: _live(weaviate, handbook), lambda schema: schema["vectorIndexConfig"]["ef"] == 96)
    before["vectorIndexConfig"]["ef"] = 96
    assert after == before


def test_a_new_property_is_added_in_place(
    namespace: Namespace, handbook: Json, collection_spec: Json, weaviate: httpx.Client
) -> None:
    collection_spec["properties"] = [{"name": "author", "tokenization": "field"}]
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")
    properties = {p["name"]: p for p in weaviate.get(f"/schema/{handbook['collection']}").json()["properties"]}
    assert properties["author"]["tokenization"] == "field"


def test_a_build_change_is_refused_with_its_plan_and_the_old_revision_serves_untouched(
    namespace: Namespace, handbook: Json, weaviate: httpx.Client
) -> None:
    before = _live(weaviate, handbook)
    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 96, "efConstruction": 300}})
    condition = namespace.await_reason("ContextCollection", "handbook", "MigrationRequired", "Stalled")
    assert "vectorIndexConfig.efConstruction (128 → 300)" in condition["message"]
    assert _live(weaviate, handbook) == before
    assert weaviate.get(f"/aliases/{handbook['alias']}").json()["class"] == handbook["collection"]
    eventually(
        lambda: (namespace.get("HNSWIndexPolicy", "careful") or {})["status"]["bindings"],
        lambda bound: bound[0]["state"] == "PendingRebuild",
    )

    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 64}})
    eventually(
        lambda: namespace.condition("ContextCollection", "handbook"), lambda ready: ready.get("status") == "True"
    )


@pytest.mark.usefixtures("handbook")
def test_another_model_is_refused_because_its_vectors_may_not_meet_the_old_ones(
    namespace: Namespace, model_spec: Json, collection_spec: Json
) -> None:
    namespace.apply("EmbeddingModel", "other", {**model_spec, "maxTokens": 256, "pooling": "mean", "normalize": True})
    collection_spec["embeddingModelRef"] = {"name": "other"}
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")  # the same model by another name: nothing to rebuild

    external = {key: value for key, value in model_spec["external"].items() if key != "vectorizer"}
    namespace.apply("EmbeddingModel", "other", {**model_spec, "external": external, "normalize": False})
    condition = namespace.await_reason("ContextCollection", "handbook", "MigrationRequired")
    assert "embedding fingerprint" in condition["message"]


def test_paused_means_that_nothing_is_touched(
    namespace: Namespace, handbook: Json, collection_spec: Json, weaviate: httpx.Client
) -> None:
    namespace.apply("ContextCollection", "handbook", {**collection_spec, "paused": True})
    namespace.await_reason("ContextCollection", "handbook", "Paused")
    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 99}})
    namespace.await_ready("HNSWIndexPolicy", "careful")
    namespace.apply("ContextCollection", "handbook", {**collection_spec, "paused": True, "deletionPolicy": "Delete"})
    namespace.await_reason("ContextCollection", "handbook", "Paused")
    assert weaviate.get(f"/schema/{handbook['collection']}").json()["vectorIndexConfig"]["ef"] == 64
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")
    path = f"/schema/{handbook['collection']}"
    eventually(lambda: weaviate.get(path).json()["vectorIndexConfig"]["ef"], lambda ef: ef == 99)
