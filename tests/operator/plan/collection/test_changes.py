import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.plan.collection.changes import HOT, schema_changes
from hirag_operator.plan.collection.levels import Embedding
from hirag_operator.plan.merge import merged
from tests.operator.plan.objects import EMBEDDING, wanted

Json = dict[str, Any]
LIVE = wanted().schema
AUTHOR = {"name": "author", "description": "Who wrote it."}

HOT_CHANGES: dict[str, tuple[Json, Json, Json]] = {
    "how long texts count": (
        {"invertedIndex": {"bm25": {"b": 0.5}}},
        {},
        {"invertedIndexConfig": {"bm25": {"b": 0.5}}},
    ),
    "stopwords": (
        {"invertedIndex": {"stopwords": {"preset": "none", "additions": ["hirag"]}}},
        {},
        {"invertedIndexConfig": {"stopwords": {"preset": "none", "additions": ["hirag"]}}},
    ),
    "the strategy of replicas": (
        {"replication": {"deletionStrategy": "DeleteOnConflict", "asyncEnabled": True}},
        {},
        {"replicationConfig": {"asyncEnabled": True, "deletionStrategy": "DeleteOnConflict"}},
    ),
    "ef": ({}, {"hnsw": {"ef": 200}}, {"vectorIndexConfig": {"ef": 200}}),
    "how ef follows the query": (
        {},
        {"hnsw": {"dynamicEf": {"min": 50, "max": 600, "factor": 4}}},
        {"vectorIndexConfig": {"dynamicEfMin": 50, "dynamicEfMax": 600, "dynamicEfFactor": 4}},
    ),
    "how filters search": (
        {},
        {"hnsw": {"flatSearchCutoff": 0, "filterStrategy": "sweeping", "vectorCacheMaxObjects": 5}},
        {
            "vectorIndexConfig": {
                "flatSearchCutoff": 0,
                "filterStrategy": "sweeping",
                "vectorCacheMaxObjects": 5,
            }
        },
    ),
}

BUILD_CHANGES: dict[str, tuple[Json, Json, str]] = {
    "more edges": ({}, {"hnsw": {"maxConnections": 64}}, "vectorIndexConfig.maxConnections (32 → 64)"),
    "a slower build": ({}, {"hnsw": {"efConstruction": 256}}, "vectorIndexConfig.efConstruction (128 → 256)"),
    "another clean-up": (
        {},
        {"hnsw": {"cleanupIntervalSeconds": 60}},
        "vectorIndexConfig.cleanupIntervalSeconds (300 → 60)",
    ),
    "another distance": ({}, {"distance": "dot"}, "vectorIndexConfig.distance ('cosine' → 'dot')"),
    "another index": ({}, {"indexType": "flat"}, "vectorIndexType ('hnsw' → 'flat')"),
    "a quantizer": ({}, {"quantization": {"type": "rq"}}, "vectorIndexConfig.rq.enabled (False → True)"),
    "times that are not indexed": (
        {"invertedIndex": {"indexTimestamps": False}},
        {},
        "invertedIndexConfig.indexTimestamps (True → False)",
    ),
    "null states": (
        {"invertedIndex": {"indexNullState": True}},
        {},
        "invertedIndexConfig.indexNullState (False → True)",
    ),
    "lengths": (
        {"invertedIndex": {"indexPropertyLength": True}},
        {},
        "invertedIndexConfig.indexPropertyLength (False → True)",
    ),
    "more copies": ({"replication": {"factor": 3}}, {}, "replicationConfig.factor (1 → 3)"),
    "shards": ({"sharding": {"desiredCount": 3}}, {}, "shardingConfig.desiredCount (None → 3)"),
    "tenants": ({"multiTenancy": {"enabled": True}}, {}, "multiTenancyConfig.enabled (False → True)"),
}


@pytest.mark.parametrize(("spec", "index", "document"), HOT_CHANGES.values(), ids=HOT_CHANGES)
def test_a_hot_change_names_what_changes_and_no_more(spec: Json, index: Json, document: Json) -> None:
    changes = schema_changes(wanted(spec, index=index).schema, LIVE)
    assert (changes.hot, changes.added, changes.build) == (document, (), ())
    assert set(changes.hot_paths) <= HOT


@pytest.mark.parametrize(("spec", "index", "told"), BUILD_CHANGES.values(), ids=BUILD_CHANGES)
def test_a_build_change_is_told_with_both_values(spec: Json, index: Json, told: str) -> None:
    changes = schema_changes(wanted(spec, index=index).schema, LIVE)
    assert told in changes.build
    assert not changes.hot


def test_what_is_as_wanted_needs_no_change() -> None:
    changes = schema_changes(LIVE, LIVE)
    assert (changes.hot, changes.hot_paths, changes.added, changes.build) == ({}, (), (), ())


def test_another_address_of_the_model_is_a_build_change_for_the_server_keeps_it() -> None:
    moved = wanted(embedding=Embedding(EMBEDDING.fingerprint, "http://elsewhere:8080")).schema
    (told,) = schema_changes(moved, LIVE).build
    assert told.startswith("moduleConfig.text2vec-transformers.inferenceUrl")


def test_what_the_server_leaves_out_is_told_as_false() -> None:
    live = {**LIVE, "invertedIndexConfig": {**LIVE["invertedIndexConfig"], "indexNullState": None}}
    changes = schema_changes(wanted({"invertedIndex": {"indexNullState": True}}).schema, live)
    assert changes.build == ("invertedIndexConfig.indexNullState (False → True)",)


def test_a_quantizer_that_is_switched_is_told_by_its_switch_alone() -> None:
    changes = schema_changes(wanted(index={"quantization": {"type": "pq", "pq": {"segments": 96}}}).schema, LIVE)
    assert changes.build == ("vectorIndexConfig.pq.enabled (False → True)",)


@pytest.mark.parametrize(
    "live",
    [
        pytest.param({**LIVE, "class": "Another_R2"}, id="another name"),
        pytest.param({**LIVE, "moduleConfig": {**LIVE["moduleConfig"], "hirag": {}}}, id="another stamp"),
        pytest.param({**LIVE, "objectTtlConfig": {"enabled": False}}, id="a setting that we do not know"),
        pytest.param(
            merged(LIVE, {"vectorIndexConfig": {"multivector": {"enabled": False}}}), id="a setting within one we know"
        ),
        pytest.param(
            {**LIVE, "invertedIndexConfig": {**LIVE["invertedIndexConfig"], "indexNullState": None}},
            id="what is false is left out by the server",
        ),
        pytest.param(
            merged(LIVE, {"invertedIndexConfig": {"stopwords": {"additions": None, "removals": None}}}),
            id="what is empty is null at the server",
        ),
    ],
)
def test_what_is_not_declared_is_not_compared(live: Json) -> None:
    changes = schema_changes(LIVE, live)
    assert (changes.hot, changes.added, changes.build) == ({}, (), ())


def test_a_fraction_that_the_server_has_rounded_to_32_bits_is_the_same() -> None:
    live = merged(LIVE, {"invertedIndexConfig": {"bm25": {"b": 0.12345679}}})
    changes = schema_changes(wanted({"invertedIndex": {"bm25": {"b": 0.123456789}}}).schema, live)
    assert changes.hot == {}


hot_specs = st.fixed_dictionaries(
    {},
    optional={
        "invertedIndex": st.fixed_dictionaries(
            {
                "bm25": st.fixed_dictionaries({"b": st.floats(0, 1), "k1": st.floats(0, 100)}),
                "stopwords": st.fixed_dictionaries(
                    {"preset": st.sampled_from(["en", "none"])},
                    optional={"additions": st.lists(st.sampled_from(["hirag", "the", "kubernetes"]), unique=True)},
                ),
            }
        ),
        "replication": st.fixed_dictionaries({"asyncEnabled": st.booleans()}),
        "properties": st.just([AUTHOR]) | st.just([{**AUTHOR, "description": "The author."}]),
    },
)
hot_indexes = st.fixed_dictionaries(
    {"hnsw": st.fixed_dictionaries({"ef": st.integers(1, 1000), "flatSearchCutoff": st.integers(0, 1000)})}
)


@given(hot_specs, hot_indexes, hot_specs, hot_indexes)
def test_once_applied_nothing_of_a_hot_change_remains(before: Json, old: Json, after: Json, new: Json) -> None:
    live = json.loads(json.dumps(wanted(before, index=old).schema))
    untouched = deepcopy(live)
    target = wanted(after, index=new).schema
    changes = schema_changes(target, live)
    assert not changes.build
    assert live == untouched
    applied = merged(live, changes.hot)
    applied["properties"] = [*applied["properties"], *changes.added]
    again = schema_changes(target, applied)
    assert (again.hot, again.added, again.build) == ({}, (), ())
