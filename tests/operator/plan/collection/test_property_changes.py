"""Properties of a live collection: added and described in place, else fixed."""

import pytest

from hirag_operator.plan.collection.changes import schema_changes
from hirag_operator.plan.collection.levels import Embedding
from tests.operator.plan.collection.test_changes import AUTHOR, LIVE, Json
from tests.operator.plan.objects import EMBEDDING, wanted


def test_a_declared_property_that_is_missing_is_added() -> None:
    changes = schema_changes(wanted({"properties": [AUTHOR]}).schema, LIVE)
    assert [prop["name"] for prop in changes.added] == ["author"]
    assert not changes.hot
    assert not changes.build


def test_a_property_that_nobody_declares_any_more_is_left_where_it_is() -> None:
    changes = schema_changes(LIVE, wanted({"properties": [AUTHOR]}).schema)
    assert (changes.hot, changes.added, changes.build) == ({}, (), ())


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True)])
@pytest.mark.parametrize("root", [EMBEDDING.transformers_root, None], ids=["by Weaviate", "by those who write"])
def test_what_makes_up_the_embedded_text_takes_new_vectors_whoever_embeds_it(
    root: str | None, *, before: bool, after: bool
) -> None:
    embedding = Embedding(EMBEDDING.fingerprint, root)
    live, then = (
        wanted({"properties": [{**AUTHOR, "vectorize": value}]}, embedding=embedding).schema
        for value in (before, after)
    )
    changes = schema_changes(then, live)
    (told,) = changes.embed
    assert told.startswith("properties[author].moduleConfig.")
    assert changes.build == changes.embed


def test_a_description_changes_in_place_and_keeps_the_other_properties() -> None:
    live = wanted({"properties": [AUTHOR]}).schema
    changes = schema_changes(wanted({"properties": [{**AUTHOR, "description": "The author."}]}).schema, live)
    assert changes.hot_paths == ("properties[author].description",)
    assert [prop["name"] for prop in changes.hot["properties"]] == [prop["name"] for prop in live["properties"]]
    assert not changes.build


@pytest.mark.parametrize(
    ("prop", "told"),
    [
        pytest.param({"dataType": "int"}, "properties[author].dataType (['text'] → ['int'])", id="another type"),
        pytest.param(
            {"tokenization": "field"}, "properties[author].tokenization ('word' → 'field')", id="other tokens"
        ),
        pytest.param(
            {"filterable": False}, "properties[author].indexFilterable (True → False)", id="no filter any more"
        ),
        pytest.param(
            {"searchable": False}, "properties[author].indexSearchable (True → False)", id="no keyword search any more"
        ),
        pytest.param(
            {"vectorize": True},
            "properties[author].moduleConfig.text2vec-transformers.skip (True → False)",
            id="another composition of the embedded text",
        ),
    ],
)
def test_a_property_that_exists_keeps_its_index(prop: Json, told: str) -> None:
    live = wanted({"properties": [AUTHOR]}).schema
    assert told in schema_changes(wanted({"properties": [{**AUTHOR, **prop}]}).schema, live).build
