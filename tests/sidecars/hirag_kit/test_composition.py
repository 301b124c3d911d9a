"""The composed text follows Weaviate's rule; that the rule is Weaviate's is proven in test_composition_live."""

from typing import Any

import pytest

from hirag_kit.composition import Composition
from hirag_kit.errors import ConfigurationError


def _property(name: str, data_type: str = "text", **module: object) -> dict[str, Any]:
    return {"name": name, "dataType": [data_type], "moduleConfig": {"text2vec-transformers": module}}


def _class(*properties: dict[str, Any], **settings: object) -> dict[str, Any]:
    return {
        "class": "Passages",
        "vectorizer": "text2vec-transformers",
        "moduleConfig": {"text2vec-transformers": {"vectorizeClassName": False, **settings}},
        "properties": list(properties),
    }


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"text": "b", "abstract": "a"}, "a b"),
        ({"text": "b", "abstract": None}, "b"),
        ({"text": "b", "abstract": ""}, " b"),
        ({"text": "b"}, "b"),
        ({"text": "b", "tags": ["X", "y"]}, "X y b"),
        ({"text": "b", "tags": []}, "b"),
        ({"text": "  Mixed CASE  ", "unknown": "c", "source": "d"}, "  Mixed CASE  "),
        ({"text": "ﬁ Ä", "Zone": "z"}, "z ﬁ Ä"),
        ({}, ""),
    ],
)
def test_values_are_joined_by_one_space_in_the_order_of_their_names(values: dict[str, Any], text: str) -> None:
    composition = Composition.of_class(
        _class(
            _property("text"),
            _property("abstract", skip=False),
            _property("tags", "text[]"),
            _property("Zone"),
            _property("source", skip=True),
            _property("chunkIndex", "int"),
        )
    )
    assert composition.text(values) == text


def test_a_class_without_a_vectorizer_embeds_its_text_alone() -> None:
    schema = {"class": "Passages", "vectorizer": "none", "properties": [_property("text"), _property("title")]}
    assert Composition.of_class(schema).properties == ("text",)


def test_one_named_vector_is_known_by_its_name() -> None:
    schema = {
        "class": "Passages",
        "vectorConfig": {"main": {"vectorizer": {"text2vec-transformers": {"vectorizeClassName": False}}}},
        "properties": [_property("text"), _property("title", skip=True)],
    }
    assert Composition.of_class(schema) == Composition(("text",), "main")


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        (_class(_property("text"), vectorizeClassName=True), "vectorizeClassName"),
        (_class(_property("text"), properties=["text"]), "source properties"),
        (_class(_property("text", vectorizePropertyName=True)), "vectorizePropertyName"),
        (_class(_property("text", skip=True)), "no property that is embedded"),
        (_class(_property("text")) | {"vectorizer": "text2vec-openai"}, "text2vec-openai"),
        ({"class": "P", "vectorConfig": {"a": {}, "b": {}}, "properties": []}, "2 named vectors"),
    ],
)
def test_a_class_that_composes_otherwise_is_refused(schema: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        Composition.of_class(schema)
