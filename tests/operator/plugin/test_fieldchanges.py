"""Which fields change between two states of an object, and what each takes."""

from typing import Any

from hirag_operator.plugin.plan.fieldchanges import field_changes, gravest

Json = dict[str, Any]


def collection(**spec: Any) -> Json:
    base = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}}
    metadata = {"name": "handbook", "namespace": "team-a"}
    return {
        "apiVersion": "hirag.dev/v1alpha1",
        "kind": "ContextCollection",
        "metadata": metadata,
        "spec": {**base, **spec},
    }


def policy(**spec: Any) -> Json:
    return {**collection(), "kind": "HNSWIndexPolicy", "spec": spec}


def told(before: Json, after: Json) -> dict[str, tuple[Any, Any, str]]:
    return {one.path: (one.before, one.after, one.class_) for one in field_changes(before, after)}


def test_defaults_that_are_spelt_out_change_nothing() -> None:
    assert told(collection(), collection(placement="Dedicated", chunking={"maxTokens": 512})) == {}


def test_items_are_told_by_their_names_and_fields() -> None:
    before = collection(properties=[{"name": "author", "dataType": "text"}, {"name": "year", "dataType": "int"}])
    after = collection(properties=[{"name": "year", "dataType": "int"}, {"name": "author", "dataType": "text[]"}])
    assert told(before, after) == {"spec.properties[author].dataType": ("text", "text[]", "build")}


def test_an_item_that_is_added_or_removed_is_told_whole() -> None:
    found = told(collection(), collection(properties=[{"name": "author"}]))
    assert list(found) == ["spec.properties[author]"]
    assert found["spec.properties[author]"][0] is None
    assert list(told(collection(properties=[{"name": "author"}]), collection())) == ["spec.properties[author]"]


def test_a_section_that_is_left_out_stands_for_its_defaults() -> None:
    assert told(policy(), policy(hnsw={"ef": 64})) == {"spec.hnsw.ef": (-1, 64, "hot")}
    assert told(policy(hnsw={"efConstruction": 64}), policy()) == {"spec.hnsw.efConstruction": (64, 128, "build")}


def test_a_section_that_has_no_defaults_is_told_whole() -> None:
    found = told(collection(), collection(compaction={"schedule": "0 3 * * *"}))
    assert list(found) == ["spec.compaction"]


def test_the_class_is_that_of_the_placement() -> None:
    bm25 = {"invertedIndex": {"bm25": {"b": 0.5, "k1": 1.2}}}
    dedicated = told(collection(), collection(**bm25))
    shared = told(collection(placement="Shared"), collection(placement="Shared", **bm25))
    assert (dedicated["spec.invertedIndex.bm25.b"][2], shared["spec.invertedIndex.bm25.b"][2]) == ("hot", "build")


def test_the_gravest_class_is_the_most_that_is_needed() -> None:
    changes = field_changes(collection(), collection(placement="Shared", embeddingModelRef={"name": "other"}))
    assert gravest(changes) == "embed"
    assert gravest([]) == "hot"
