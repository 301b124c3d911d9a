from typing import Any

import pytest

from hirag_jobs.copying.schemas import Vectors, require_copyable
from hirag_kit.errors import ConfigurationError

Json = dict[str, Any]

TEXT = {"name": "text", "dataType": ["text"]}
YEAR = {"name": "year", "dataType": ["int"]}


def schema(name: str, *properties: Json, **settings: Any) -> Json:
    return {"class": name, "properties": list(properties), **settings}


def stamped(name: str, fingerprint: str) -> Json:
    return schema(name, TEXT, moduleConfig={"hirag": {"fingerprint": fingerprint}})


MIXED = {"vectorConfig": {"title": {}}, "vectorIndexType": "hnsw"}
TENANTS = {"multiTenancyConfig": {"enabled": True}}

REFUSED: dict[str, tuple[Json, Json, Vectors, str]] = {
    "into itself": (schema("A"), schema("A"), "copy", "they are one collection"),
    "a property that the target lacks": (schema("A", TEXT, YEAR), schema("B", TEXT), "copy", "lacks year (int)"),
    "a property of another type": (
        schema("A", TEXT),
        schema("B", {"name": "text", "dataType": ["text[]"]}),
        "embed",
        "lacks text (text)",
    ),
    "a cross-reference": (
        schema("A", {"name": "author", "dataType": ["Person"]}),
        schema("B", {"name": "author", "dataType": ["Person"]}),
        "copy",
        "author are cross-references, which are not copied",
    ),
    "vectors of another name": (
        schema("A", vectorConfig={"title": {}}),
        schema("B", vectorConfig={"body": {}}),
        "copy",
        "their vectors have other names",
    ),
    "named vectors and an unnamed one": (
        schema("A", **MIXED),
        schema("B", vectorConfig={"title": {}}),
        "copy",
        "A has named vectors and an unnamed one beside: that is not carried",
    ),
    "into named vectors and an unnamed one": (
        schema("A", vectorConfig={"title": {}}),
        schema("B", **MIXED),
        "embed",
        "B has named vectors and an unnamed one beside",
    ),
    "vectors of another model": (
        stamped("A", "one"),
        stamped("B", "other"),
        "copy",
        "its vectors are of fingerprint one, the target's of other; have new ones made by --vectors embed",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_target_cannot_hold_is_refused(case: str) -> None:
    source, target, vectors, why = REFUSED[case]
    with pytest.raises(ConfigurationError) as refused:
        require_copyable(source, target, vectors)
    assert why in str(refused.value)


TAKEN: dict[str, tuple[Json, Json, Vectors]] = {
    "the same properties": (schema("A", TEXT), schema("B", TEXT), "copy"),
    "more properties on the target": (schema("A", TEXT), schema("B", TEXT, YEAR), "copy"),
    "the same fingerprint": (stamped("A", "one"), stamped("B", "one"), "copy"),
    "another fingerprint, embedded anew": (stamped("A", "one"), stamped("B", "other"), "embed"),
    "no stamp on one side": (schema("A", TEXT), stamped("B", "other"), "copy"),
}


@pytest.mark.parametrize("case", TAKEN)
def test_what_the_target_can_hold_is_taken(case: str) -> None:
    require_copyable(*TAKEN[case])
