from typing import Any

import pytest

from hirag_kit.composition import Composition
from hirag_operator.api import ContextCollection, EmbeddingModel, HNSWIndexPolicy, HNSWIndexPolicySpec
from hirag_operator.plan.collection.levels import Embedding, Indexing, wanted_level
from hirag_operator.plan.collection.placement import place
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.model.embeddingmodel import transformers_root
from hirag_operator.plan.names import alias_name
from tests.operator.plan.documents import cases
from tests.operator.plan.objects import EMBEDDING, collection, wanted

SERVICE_URL = "http://{name}.{namespace}.svc:{port}"


@pytest.mark.parametrize(("manifests", "classes"), cases("levels"))
def test_a_collection_its_policy_and_its_model_come_to_these_classes(
    manifests: dict[str, Any], classes: list[dict[str, Any]]
) -> None:
    declared = ContextCollection.from_wire(manifests["ContextCollection"])
    model = EmbeddingModel.from_wire(manifests["EmbeddingModel"])
    named = HNSWIndexPolicy.from_wire(manifests["HNSWIndexPolicy"]).spec
    embedding = Embedding(EMBEDDING.fingerprint, transformers_root(model, SERVICE_URL))
    made = []
    for level, settings in declared.spec.levels.stored().items():
        index = Indexing(named if settings.index_policy_ref else HNSWIndexPolicySpec())
        made.append(wanted_level(declared, level, place(declared, level), index, embedding, "default").schema)
    assert made == classes


def test_a_level_is_stamped_with_its_owner_and_its_vectors() -> None:
    level = wanted()
    assert read_stamp(level.schema) == level.stamp
    assert level.stamp.owner == ("default", "team-a", "handbook", "longTerm")
    assert level.stamp.fingerprint == EMBEDDING.fingerprint
    assert level.collection.endswith(level.stamp.revision)


def test_another_fingerprint_is_another_collection() -> None:
    other = Embedding("g" * 26, EMBEDDING.transformers_root)
    assert wanted(embedding=other).collection != wanted().collection


def test_without_a_vectorizer_the_properties_that_clients_embed_are_marked() -> None:
    schema = wanted(embedding=Embedding(EMBEDDING.fingerprint, None)).schema
    assert schema["vectorizer"] == "none"
    assert list(schema["moduleConfig"]) == ["hirag"]
    marks = {prop["name"]: prop["moduleConfig"] for prop in schema["properties"] if "moduleConfig" in prop}
    assert marks == {"text": {"hirag": {"embedded": True}}}


def test_stopwords_that_the_preset_has_are_not_sent_for_the_server_would_drop_them() -> None:
    words = {"additions": ["the", "hirag", "and"], "removals": ["not"]}
    index = wanted({"invertedIndex": {"stopwords": words}}).schema["invertedIndexConfig"]
    assert index["stopwords"] == {"preset": "en", "additions": ["hirag"], "removals": ["not"]}


def test_stopwords_without_a_preset_are_all_sent() -> None:
    words = {"preset": "none", "additions": ["the", "and"]}
    index = wanted({"invertedIndex": {"stopwords": words}}).schema["invertedIndexConfig"]
    assert index["stopwords"]["additions"] == ["the", "and"]


def test_tenants_are_written_in_the_servers_words() -> None:
    tenants = [{"name": "a"}, {"name": "b", "state": "Inactive"}, {"name": "c", "state": "Offloaded"}]
    level = wanted({"multiTenancy": {"enabled": True, "tenants": tenants}})
    assert level.tenants == {"a": "ACTIVE", "b": "INACTIVE", "c": "OFFLOADED"}


@pytest.mark.parametrize("root", ["http://minilm-embedder.team-a.svc:8080", None], ids=["by Weaviate", "by clients"])
def test_those_who_embed_read_off_the_class_what_makes_up_the_text(root: str | None) -> None:
    """A contract: what the operator renders, the jobs' composition understands."""
    properties = [{"name": "summary", "vectorize": True}, {"name": "abstract", "vectorize": True}, {"name": "year"}]
    level = wanted({"properties": properties}, embedding=Embedding("f" * 26, root))
    assert set(Composition.of_class(level.schema).properties) == {"abstract", "summary", "text"}


def test_a_dedicated_level_is_reached_by_its_alias_alone() -> None:
    address = place(collection(), "longTerm")
    assert (address.alias, address.tenant) == (alias_name("team-a", "handbook", "longTerm"), None)


def test_a_shared_level_is_reached_by_its_alias_and_its_tenant() -> None:
    address = place(collection({"placement": "Shared"}), "longTerm")
    assert (address.alias, address.tenant) == (
        alias_name("team-a", "handbook", "longTerm"),
        "team-a_handbook_longTerm",
    )


@pytest.mark.parametrize(
    "change",
    [{"invertedIndex": {"bm25": {"b": 0.5}}}, {"properties": [{"name": "author"}]}],
    ids=["a hot setting", "a property"],
)
def test_the_digest_of_settings_tells_that_the_declaration_changed(change: Any) -> None:
    assert wanted(change).settings != wanted().settings


def test_what_weaviate_does_not_know_of_is_no_change_of_settings() -> None:
    assert wanted({"retrieval": {"alpha": 0.1}}).settings == wanted().settings
