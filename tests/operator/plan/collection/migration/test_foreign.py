"""Which collections of others a level may be filled from, and which it can."""

from typing import Any

import pytest

from hirag_operator.api.collection_adoption import AdoptFrom
from hirag_operator.plan.collection.levels import Embedding
from hirag_operator.plan.collection.migration.foreign import (
    admits,
    carried_properties,
    forbidden,
    other_dimensions,
    unfit,
)
from hirag_operator.plan.collection.stamp import Stamp, stamped
from tests.operator.plan.objects import wanted

Json = dict[str, Any]

LEVEL = wanted({"properties": [{"name": "author", "dataType": "text"}]})
PLAIN = {
    "class": "Legacy",
    "properties": [{"name": "text", "dataType": ["text"]}, {"name": "author", "dataType": ["text"]}],
}


def declared(**fields: Any) -> AdoptFrom:
    return AdoptFrom.model_validate({"collection": "Legacy", **fields})


@pytest.mark.parametrize(
    ("patterns", "name", "allowed"),
    [
        ([], "Legacy", False),
        (["Legacy"], "Legacy", True),
        (["Legacy"], "LegacyTwo", False),
        (["Legacy*"], "LegacyTwo", True),
        (["legacy*"], "LegacyTwo", False),
        (["*"], "Anything", True),
        (["Other", "*Docs"], "TeamDocs", True),
    ],
)
def test_a_namespace_may_have_what_a_pattern_of_it_matches(patterns: list[str], name: str, *, allowed: bool) -> None:
    assert admits(patterns, name) is allowed


@pytest.mark.parametrize("name", ["HiragMigrations", "HiragPool_Rabcdefgh"])
def test_what_is_the_operators_is_nobodys_to_adopt(name: str) -> None:
    assert "is the operator's own" in forbidden(LEVEL, declared(collection=name), ["*"], "default")


def test_who_may_not_is_told_who_can_allow_it() -> None:
    assert forbidden(LEVEL, declared(), ["Legacy"], "default") == ""
    told = forbidden(LEVEL, declared(), ["Other"], "cloud")
    allows = "whoever configures the operator allows it by weaviate.cloud.adoptable"
    assert told == f"namespace team-a may not adopt Legacy; {allows}"


TENANTS = {**PLAIN, "multiTenancyConfig": {"enabled": True}}
NAMED = {**PLAIN, "vectorConfig": {"title": {}}}
OWN = stamped(PLAIN, Stamp("blue", "x", "y", "longTerm", "f", "r"))


def with_property(name: str, kind: str) -> Json:
    return {**PLAIN, "properties": [*PLAIN["properties"], {"name": name, "dataType": [kind]}]}


@pytest.mark.parametrize(
    ("fields", "foreign", "told"),
    [
        pytest.param({}, None, "Weaviate has no collection Legacy", id="not there"),
        pytest.param({}, OWN, "an operator's own", id="of an operator, whichever"),
        pytest.param({}, TENANTS, "has tenants", id="tenants"),
        pytest.param(
            {}, {**NAMED, "vectorIndexType": "hnsw"}, "named vectors and an unnamed one", id="both kinds of vectors"
        ),
        pytest.param(
            {"vectors": "Copy"}, NAMED, "its vectors are named (title)", id="named vectors cannot be taken over"
        ),
        pytest.param({}, with_property("by", "Person"), "its properties by are cross-references", id="references"),
        pytest.param({}, with_property("source", "int"), "source (int, here text)", id="another type than ours"),
        pytest.param({}, with_property("year", "int"), "its properties year are not declared", id="undeclared"),
        pytest.param(
            {},
            {**PLAIN, "properties": PLAIN["properties"][1:]},
            "none of the properties that are embedded (text)",
            id="nothing to embed",
        ),
    ],
)
def test_what_cannot_be_carried_is_told(fields: Json, foreign: Json | None, told: str) -> None:
    assert told in unfit(LEVEL, declared(**fields), foreign, clash=False)


@pytest.mark.parametrize(
    ("fields", "foreign"),
    [
        ({}, PLAIN),
        ({}, NAMED),
        ({"vectors": "Copy"}, {**PLAIN, "properties": []}),
        ({"undeclaredProperties": "Carry"}, with_property("year", "int")),
    ],
)
def test_what_can_be_carried_is_not_refused(fields: Json, foreign: Json) -> None:
    assert unfit(LEVEL, declared(**fields), foreign, clash=False) == ""


def test_one_with_the_alias_as_its_name_has_to_be_frozen() -> None:
    assert "set freezeSource to true" in unfit(LEVEL, declared(), PLAIN, clash=True)
    assert unfit(LEVEL, declared(freezeSource=True), PLAIN, clash=True) == ""


def test_levels_in_pools_and_with_tenants_are_refused() -> None:
    assert "placement Shared" in unfit(wanted({"placement": "Shared"}), declared(), PLAIN, clash=False)
    tenants = wanted({"multiTenancy": {"enabled": True}})
    assert "tenants of its own" in unfit(tenants, declared(), PLAIN, clash=False)


@pytest.mark.parametrize(
    ("vectors", "found", "refused"),
    [("Copy", 384, False), ("Copy", None, False), ("Copy", 24, True), ("Embed", 24, False)],
)
def test_vectors_of_other_dimensions_are_not_taken_over(vectors: str, found: int | None, *, refused: bool) -> None:
    assert bool(other_dimensions(declared(vectors=vectors), found, 384)) is refused


def test_carried_properties_are_not_embedded() -> None:
    foreign = with_property("note", "text")
    foreign["properties"][-1]["moduleConfig"] = {"text2vec-openai": {"skip": False}}
    served = wanted({"properties": [{"name": "author", "dataType": "text"}]}, embedding=Embedding("f", "http://model"))
    (note,) = carried_properties(served, foreign)
    assert note["moduleConfig"] == {"text2vec-transformers": {"skip": True, "vectorizePropertyName": False}}
    (bare,) = carried_properties(
        wanted({"properties": [{"name": "author", "dataType": "text"}]}, embedding=Embedding("f", None)), foreign
    )
    assert "moduleConfig" not in bare
