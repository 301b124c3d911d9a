"""From which tenant of an archive to which tenant of a collection."""

from collections.abc import Mapping, Sequence

import pytest

from hirag_jobs.archive.place import Place
from hirag_jobs.archive.routes import Route, routes
from hirag_kit.errors import ConfigurationError
from tests.sidecars.hirag_jobs.archive.manifests import manifest, part, tenants

FLAT = manifest()
ONE = manifest(tenants=tenants(a=2), parts=[part(1, tenant="a")])
TWO = manifest(tenants=tenants(a=2, b=0), parts=[part(1, tenant="a")])
POOL = {"moduleConfig": {"hirag": {"instance": "i", "level": ""}}}
ALIAS, TENANT = "Team_a__Handbook__LongTerm", "team-a_handbook_longTerm"


def place(states: Mapping[str, str] | None, schema: Mapping[str, object] | None = None) -> Place:
    return Place(ALIAS, "C", {"class": "C", **(schema or {})}, "1.35.2", states)


@pytest.mark.parametrize(
    ("archive", "there", "asked", "source", "wanted"),
    [
        (FLAT, place(None), [], None, [(None, None)]),
        (ONE, place(None), [], None, [("a", None)]),
        (TWO, place(None), [], "b", [("b", None)]),
        (TWO, place({}), [], None, [("a", "a"), ("b", "b")]),
        (TWO, place({}), ["b", "b"], None, [("b", "b")]),
        (TWO, place({"x": "ACTIVE"}), ["x"], "a", [("a", "x")]),
        (FLAT, place({}), ["x"], None, [(None, "x")]),
        (ONE, place({}, POOL), [], "a", [("a", TENANT)]),
        (FLAT, place({}, POOL), [], None, [(None, TENANT)]),
        (FLAT, place({}, POOL), [TENANT], None, [(None, TENANT)]),
    ],
)
def test_ways_that_are_clear(
    archive: object, there: Place, asked: Sequence[str], source: str | None, wanted: list[tuple[str | None, str | None]]
) -> None:
    found = routes(archive, there, asked, source)  # type: ignore[arg-type]
    assert found == [Route(*one) for one in wanted]


@pytest.mark.parametrize(
    ("archive", "there", "asked", "source", "complaint"),
    [
        (FLAT, place(None), ["x"], None, "has no tenants: leave --tenant out"),
        (TWO, place(None), [], None, "the archive has 2 tenants, and the collection none"),
        (TWO, place(None), [], "c", "the archive has no tenant c: correct --from-tenant"),
        (FLAT, place(None), [], "a", "the archive has no tenant a"),
        (FLAT, place({}), [], None, "has tenants: name the one to fill by --tenant"),
        (TWO, place({}), [], "a", "has tenants: name the one to fill by --tenant"),
        (TWO, place({}), ["x", "y"], "a", "give --tenant once"),
        (FLAT, place({}), ["x", "y"], None, "give --tenant once"),
        (TWO, place({}), ["a", "x"], None, "has no tenant x: name the one to read instead by --from-tenant"),
        (TWO, place({}, POOL), ["a"], None, f"stands for tenant {TENANT}, not for a"),
        (ONE, place({}, POOL), [], None, f"has no tenant {TENANT}: name the one to read instead"),
    ],
)
def test_ways_that_are_not_clear_are_refused(
    archive: object, there: Place, asked: Sequence[str], source: str | None, complaint: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        routes(archive, there, asked, source)  # type: ignore[arg-type]
    assert complaint in str(refused.value)


def test_an_alias_of_a_pool_that_the_operator_did_not_give_is_refused() -> None:
    there = Place("Shortcut", "C", {"class": "C", **POOL}, "1.35.2", {})
    with pytest.raises(ConfigurationError, match="is none that the operator gave"):
        routes(ONE, there, [], None)
