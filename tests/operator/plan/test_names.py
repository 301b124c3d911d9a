import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hirag_operator.api.collection_levels import STORED_LEVELS
from hirag_operator.plan.names import alias_name, collection_name, pool_name, revision, tenant_name, workload_name

WEAVIATE_NAME = re.compile(r"[A-Z][_0-9A-Za-z]{0,254}")
TENANT_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")

namespaces = st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
names = st.from_regex(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True)
# Parts that are easy to mistake for one another when they are put together.
close_namespaces = st.from_regex(r"[an1]([-n1]{0,3}[n1])?", fullmatch=True)
close_names = st.from_regex(r"[an]([-n1]{0,3}[n1])?", fullmatch=True)
levels = st.sampled_from(STORED_LEVELS)
addresses = st.tuples(namespaces, names, levels) | st.tuples(close_namespaces, close_names, levels)


@pytest.mark.parametrize(
    ("namespace", "name", "level", "alias"),
    [
        pytest.param("team-a", "handbook", "longTerm", "Team_a__Handbook__LongTerm", id="a plain name"),
        pytest.param("a", "b-c", "shortTerm", "A__B_c__ShortTerm", id="the dash of a name"),
        pytest.param("a-b", "c", "shortTerm", "A_b__C__ShortTerm", id="the dash of a namespace is another"),
        pytest.param("1st", "docs", "longTerm", "N__1st__Docs__LongTerm", id="a namespace that begins with a digit"),
        pytest.param("n", "x1st-docs", "longTerm", "N__X1st_docs__LongTerm", id="a namespace that is that prefix"),
        pytest.param("a--b", "c", "longTerm", "A___b__C__LongTerm", id="two dashes in a row"),
    ],
)
def test_aliases_spell_out_namespace_name_and_level(namespace: str, name: str, level: str, alias: str) -> None:
    assert alias_name(namespace, name, level) == alias


@given(addresses, addresses)
def test_no_two_levels_share_an_alias_whatever_the_case(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assume(one != other)
    assert alias_name(*one).lower() != alias_name(*other).lower()


@given(addresses)
def test_aliases_and_collections_have_names_that_weaviate_takes(address: tuple[str, str, str]) -> None:
    alias = alias_name(*address)
    assert WEAVIATE_NAME.fullmatch(alias)
    assert WEAVIATE_NAME.fullmatch(collection_name(alias, revision(*address, {"distance": "cosine"})))


@given(addresses, addresses)
def test_no_two_levels_are_one_tenant(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assume(one != other)
    assert tenant_name(*one) != tenant_name(*other)


@given(addresses)
def test_tenants_have_names_that_weaviate_takes(address: tuple[str, str, str]) -> None:
    assert TENANT_NAME.fullmatch(tenant_name(*address))


@given(addresses, st.integers())
def test_a_pool_has_a_name_that_no_alias_and_no_collection_can_have(address: tuple[str, str, str], key: int) -> None:
    alias = alias_name(*address)
    assert WEAVIATE_NAME.fullmatch(pool_name(key))
    assert not pool_name(key).lower().startswith(alias.lower())
    assert pool_name(key).lower() not in {alias.lower(), collection_name(alias, revision(*address, key)).lower()}


@given(addresses, addresses)
def test_collections_differ_even_on_a_file_system_that_folds_case(
    one: tuple[str, str, str], other: tuple[str, str, str]
) -> None:
    assume(one != other)
    made = {collection_name(alias_name(*address), revision(*address, {})).lower() for address in (one, other)}
    assert len(made) == 2


@given(addresses, st.integers(), st.integers())
def test_another_shape_is_another_revision(address: tuple[str, str, str], shape: int, other: int) -> None:
    assume(shape != other)
    assert revision(*address, shape) != revision(*address, other)
    assert revision(*address, shape) == revision(*address, shape)


@given(names, st.sampled_from(["embedder", "summarize", "compact"]))
def test_workloads_have_names_that_leave_room_for_the_suffixes_of_their_jobs(name: str, role: str) -> None:
    made = workload_name(name, role)
    assert len(made) <= 52
    assert DNS_LABEL.fullmatch(made)


@given(names, names)
def test_workloads_of_two_objects_have_two_names(name: str, other: str) -> None:
    assume(name != other)
    assert workload_name(name, "embedder") != workload_name(other, "embedder")


def test_long_names_that_begin_alike_stay_apart() -> None:
    made = {workload_name("a" * 60 + letter, "summarize") for letter in "bcd"}
    assert len(made) == 3


def test_a_tenant_of_short_names_spells_them_out() -> None:
    assert tenant_name("team-a", "handbook", "longTerm") == "team-a_handbook_longTerm"


def test_a_short_name_stays_readable() -> None:
    assert workload_name("handbook", "compact") == "handbook-compact"
