from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.handlers.dependents import ALL_NAMESPACES, Dependents, namespace_key, references
from hirag_operator.handlers.queue import Key

CTX = Key("ContextCollection", "team-a", "handbook")
OTHER = Key("ContextCollection", "team-b", "manual")
MODEL = Key("EmbeddingModel", "team-a", "minilm")
POLICY = Key("HNSWIndexPolicy", "models", "accurate")


def test_who_refers_is_found_from_what_is_referred_to() -> None:
    dependents = Dependents()
    dependents.update(CTX, frozenset({MODEL, POLICY}))
    dependents.update(OTHER, frozenset({MODEL}))
    assert dependents.of(MODEL) == {CTX, OTHER}
    assert dependents.of(POLICY) == {CTX}
    assert dependents.targets(CTX) == {MODEL, POLICY}


def test_a_change_of_references_tells_what_was_added_and_dropped() -> None:
    dependents = Dependents()
    assert dependents.update(CTX, frozenset({MODEL})) == {MODEL}
    assert dependents.update(CTX, frozenset({MODEL})) == frozenset()
    assert dependents.update(CTX, frozenset({POLICY})) == {MODEL, POLICY}
    assert dependents.of(MODEL) == frozenset()


def test_who_refers_to_nothing_leaves_no_trace() -> None:
    dependents = Dependents()
    dependents.update(CTX, frozenset({MODEL}))
    dependents.update(CTX, frozenset())
    assert dependents.of(MODEL) == dependents.targets(CTX) == frozenset()
    assert vars(dependents) == vars(Dependents())


targets = st.frozensets(st.sampled_from([MODEL, POLICY]))


@given(st.lists(st.tuples(st.sampled_from([CTX, OTHER]), targets), max_size=8))
def test_the_index_and_its_reverse_agree_after_any_updates(updates: list[tuple[Key, frozenset[Key]]]) -> None:
    dependents = Dependents()
    latest: dict[Key, frozenset[Key]] = {}
    for key, found in updates:
        dependents.update(key, found)
        latest[key] = found
    for target in (MODEL, POLICY):
        assert dependents.of(target) == {key for key, found in latest.items() if target in found}


@pytest.mark.parametrize(
    ("kind", "spec", "found"),
    [
        pytest.param(
            "ContextCollection",
            {
                "embeddingModelRef": {"name": "minilm"},
                "levels": {
                    "shortTerm": {},
                    "longTerm": {"indexPolicyRef": {"name": "accurate", "namespace": "models"}},
                    "immediate": {"ttl": "1h"},
                },
            },
            {MODEL, POLICY, namespace_key("team-a")},
            id="a collection refers to its model, its policies, and its namespace where another's permission is asked",
        ),
        pytest.param(
            "ContextCollection",
            {
                "summarization": {"llm": {"apiKeySecretRef": {"name": "llm"}}},
                "retrieval": {"rerank": [{"apiKeySecretRef": {"name": "rerank"}}]},
            },
            {Key("Secret", "team-a", "llm"), Key("Secret", "team-a", "rerank")},
            id="a collection refers to the keys of what it calls, wherever they stand",
        ),
        pytest.param(
            "ContextCollection",
            {"multiTenancy": {"tenantsFrom": {"namespaceSelector": {}}}},
            {ALL_NAMESPACES},
            id="a selector of namespaces refers to all of them",
        ),
        pytest.param(
            "EmbeddingModel",
            {"external": {"apiKeySecretRef": {"name": "key"}}},
            {Key("Secret", "team-a", "key")},
            id="a model refers to its provider's key",
        ),
        pytest.param("EmbeddingModel", {"source": {}}, set(), id="a model of its own refers to nothing"),
        pytest.param("HNSWIndexPolicy", {"indexType": "flat"}, set(), id="a policy refers to nothing"),
    ],
)
def test_references_are_read_from_the_spec(kind: str, spec: dict[str, Any], found: set[Key]) -> None:
    assert references(kind, "team-a", spec) == found


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["name", "namespace", "x"]), inner),
    max_leaves=4,
)
broken = st.fixed_dictionaries(
    {},
    optional={
        "embeddingModelRef": anything,
        "levels": anything
        | st.fixed_dictionaries({"longTerm": anything | st.fixed_dictionaries({"indexPolicyRef": anything})}),
        "external": anything | st.fixed_dictionaries({"apiKeySecretRef": anything}),
    },
)


@given(st.sampled_from(["ContextCollection", "EmbeddingModel"]), broken)
def test_a_spec_of_any_shape_is_read_as_far_as_it_goes(kind: str, spec: dict[str, Any]) -> None:
    assert all(isinstance(part, str) for key in references(kind, "team-a", spec) for part in key)
