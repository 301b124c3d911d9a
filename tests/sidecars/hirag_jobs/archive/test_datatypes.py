"""What a schema declares, what an archive can carry of it, and what another schema lacks."""

from typing import Any

import pytest

from hirag_jobs.archive.datatypes import lacking, types_of
from hirag_kit.errors import ConfigurationError
from tests.sidecars.hirag_jobs.archive.archives import PROPERTIES


def test_a_schema_lacks_nothing_of_its_own() -> None:
    types = types_of({"properties": PROPERTIES})
    assert list(lacking(types, types)) == []
    assert types["address"].inside["inner"].inside["deep"].name == "boolean"


@pytest.mark.parametrize(
    ("there", "missing"),
    [
        ([], ["a (text)", "b (object)"]),
        ([{"name": "a", "dataType": ["int"]}], ["a (text, there int)", "b (object)"]),
        (
            [{"name": "a", "dataType": ["text"]}, {"name": "b", "dataType": ["object"], "nestedProperties": []}],
            ["b.c (int[])"],
        ),
    ],
)
def test_what_is_missing_is_named_by_its_path(there: list[dict[str, Any]], missing: list[str]) -> None:
    wanted = [
        {"name": "a", "dataType": ["text"]},
        {"name": "b", "dataType": ["object"], "nestedProperties": [{"name": "c", "dataType": ["int[]"]}]},
    ]
    assert list(lacking(types_of({"properties": there}), types_of({"properties": wanted}))) == missing


@pytest.mark.parametrize(
    ("properties", "complaint"),
    [
        ([{"name": "author", "dataType": ["Person"]}], "cannot carry these properties: author (Person)"),
        ([{"name": "by", "dataType": ["Person", "Group"]}], "by (Person,Group)"),
        (
            [{"name": "a", "dataType": ["object"], "nestedProperties": [{"name": "b", "dataType": ["vector"]}]}],
            "a.b (vector)",
        ),
        ([{"name": "a\x1b[2J", "dataType": ["text"]}], "not in Weaviate's form"),
        ([{"name": "a"}], "not in Weaviate's form"),
        ("all", "not in Weaviate's form"),
    ],
)
def test_what_cannot_be_carried_is_refused(properties: Any, complaint: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        types_of({"properties": properties})
    assert complaint in str(refused.value)
