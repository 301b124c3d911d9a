"""What the plan renders, on a real server: created as wanted, changed in place where the table says hot."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from hirag_operator.api.collection_schema import DataType
from hirag_operator.plan.collection.changes import HOT
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.merge import merged
from hirag_operator.plan.steps import UpdateCollection
from tests.operator.adapters.levels import Levels
from tests.operator.plan.collection.test_changes import BUILD_CHANGES
from tests.operator.plan.objects import wanted

Json = dict[str, Any]

TENANTS = {"multiTenancy": {"enabled": True, "tenants": [{"name": "a"}, {"name": "b", "state": "Inactive"}]}}
TYPES = get_args(DataType)


def quantized(index_type: str, name: str, **settings: Any) -> Json:
    return {"indexType": index_type, "quantization": {"type": name, **({name: settings} if settings else {})}}


SPECS: dict[str, Json] = {
    "nothing said": {},
    "fractions of more digits than 32 bits hold": {"invertedIndex": {"bm25": {"b": 0.123456789, "k1": 1.23456789}}},
    "fractions of zero": {"invertedIndex": {"bm25": {"b": 0, "k1": 0}}},
    "stopwords added and removed": {"invertedIndex": {"stopwords": {"additions": ["Über"], "removals": ["the"]}}},
    "stopwords that the preset has": {"invertedIndex": {"stopwords": {"additions": ["hirag", "the", "and"]}}},
    "no stopwords": {"invertedIndex": {"stopwords": {"preset": "none", "additions": ["the"]}}},
    "every inverted index": {
        "invertedIndex": {"indexTimestamps": False, "indexNullState": True, "indexPropertyLength": True}
    },
    "shards": {"sharding": {"desiredCount": 3}},
    "replicas": {"replication": {"asyncEnabled": True, "deletionStrategy": "TimeBasedResolution"}},
    "tenants": TENANTS,
    "a property of every type": {
        "properties": [{"name": f"p{number}", "dataType": name} for number, name in enumerate(TYPES)]
    },
    "properties with every setting": {
        "properties": [
            {"name": "a", "dataType": "int", "rangeFilters": True, "filterable": False},
            {"name": "b", "searchable": False, "description": "Not searched."},
            {"name": "c", "filterable": False, "tokenization": "trigram"},
            {"name": "d", "vectorize": True},
        ]
    },
}
GRAPHS: dict[str, Json] = {
    "the least of each": {
        "hnsw": {
            "maxConnections": 4,
            "efConstruction": 4,
            "ef": 1,
            "dynamicEf": {"min": 1, "max": 1, "factor": 1},
            "flatSearchCutoff": 0,
            "vectorCacheMaxObjects": 0,
            "cleanupIntervalSeconds": 0,
            "filterStrategy": "sweeping",
        }
    },
    **{f"distance {name}": {"distance": name} for name in ("dot", "l2-squared", "manhattan", "hamming")},
    "pq": quantized("hnsw", "pq"),
    "pq with every setting": quantized(
        "hnsw", "pq", segments=96, centroids=128, trainingLimit=500, encoder={"type": "tile", "distribution": "normal"}
    ),
    "bq": quantized("hnsw", "bq"),
    "sq": quantized("hnsw", "sq", rescoreLimit=-1),
    "rq of a byte": quantized("hnsw", "rq"),
    "rq of a bit": quantized("hnsw", "rq", bits=1),
    "rq without comparing again": quantized("hnsw", "rq", rescoreLimit=0),
    "flat": {"indexType": "flat", "flat": {"vectorCacheMaxObjects": 0}},
    "flat with bq": quantized("flat", "bq"),
    "flat with bq and every setting": quantized("flat", "bq", cache=True, rescoreLimit=30),
    "flat with rq": quantized("flat", "rq", bits=1, cache=True, rescoreLimit=-1),
}
DYNAMIC: dict[str, Json] = {
    "plain": {"indexType": "dynamic"},
    "pq": quantized("dynamic", "pq"),
    "bq": quantized("dynamic", "bq", cache=True, rescoreLimit=50),
    "sq": quantized("dynamic", "sq"),
    "rq": quantized("dynamic", "rq", bits=1, cache=True),
}


def comes_out_as_wanted(levels: Levels, spec: Json, index: Json) -> None:
    level = levels.wanted(spec, index=index)
    for step in levels.plan(level).steps:
        levels.adapter.apply(step)
    again = levels.plan(level)
    assert (again.problem, again.steps) == (None, ())
    assert read_stamp(levels.live(level)) == level.stamp


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_collection_is_made_as_rendered(levels: Levels, spec: Json) -> None:
    comes_out_as_wanted(levels, spec, {})


@pytest.mark.parametrize("index", GRAPHS.values(), ids=GRAPHS)
def test_an_index_is_made_as_rendered(levels: Levels, index: Json) -> None:
    comes_out_as_wanted(levels, {}, index)


@pytest.mark.parametrize("index", DYNAMIC.values(), ids=DYNAMIC)
def test_a_dynamic_index_is_made_as_rendered(guarded_levels: Levels, index: Json) -> None:
    comes_out_as_wanted(guarded_levels, {}, index)


@pytest.mark.parametrize("index", [GRAPHS["flat"], quantized("hnsw", "rq"), {}], ids=["flat", "rq", "plain"])
def test_an_index_of_tenants_is_made_as_rendered(levels: Levels, index: Json) -> None:
    comes_out_as_wanted(levels, TENANTS, index)


HNSW = {
    "ef": 200,
    "dynamicEf": {"min": 50, "max": 600, "factor": 4},
    "vectorCacheMaxObjects": 12345,
    "flatSearchCutoff": 17,
    "filterStrategy": "sweeping",
}
# What is made, and what it becomes: (spec, index) and the paths that must change, and no others.
HOT_TABLE: dict[str, tuple[Json, Json, Json, Json]] = {
    "keywords": (
        {},
        {},
        {
            "invertedIndex": {
                "bm25": {"b": 0.1, "k1": 2.5},
                "stopwords": {"preset": "none", "additions": ["hirag"], "removals": ["not"]},
            }
        },
        {},
    ),
    "replicas": ({}, {}, {"replication": {"asyncEnabled": True, "deletionStrategy": "DeleteOnConflict"}}, {}),
    "tenants": (TENANTS, {}, {"multiTenancy": {"enabled": True, "autoCreation": True, "autoActivation": True}}, {}),
    "graph": ({}, {}, {}, {"hnsw": HNSW}),
    "flat": ({}, {"indexType": "flat"}, {}, {"indexType": "flat", "flat": {"vectorCacheMaxObjects": 12345}}),
    "dynamic": (
        {},
        {"indexType": "dynamic"},
        {},
        {
            "indexType": "dynamic",
            "hnsw": HNSW,
            "flat": {"vectorCacheMaxObjects": 54321},
            "dynamic": {"threshold": 99},
        },
    ),
    **{
        f"rescoring of {name} on {index}": (
            {},
            quantized(index, name, rescoreLimit=20),
            {},
            quantized(index, name, rescoreLimit=512),
        )
        for index, name in (
            ("hnsw", "sq"),
            ("flat", "bq"),
            ("flat", "rq"),
            *(("dynamic", n) for n in ("bq", "sq", "rq")),
        )
    },
}


def leaves(schema: Json, prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in schema.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            written = [json.dumps(one, sort_keys=True) for one in (value if isinstance(value, list) else [value])]
            yield f"{prefix}{key}", " ".join(sorted(written))  # an update sorts the properties


@pytest.mark.parametrize(("spec", "index", "after", "other"), HOT_TABLE.values(), ids=HOT_TABLE)
def test_a_hot_setting_changes_in_place_and_leaves_all_others(
    guarded_levels: Levels, spec: Json, index: Json, after: Json, other: Json
) -> None:
    levels = guarded_levels
    level = levels.wanted(spec, index=index)
    levels.bring_about(level)
    before = dict(leaves(levels.live(level)))
    changed = levels.wanted(merged(spec, after), index=other, like=level)
    (step,) = levels.plan(changed).steps
    assert isinstance(step, UpdateCollection)
    levels.adapter.apply(step)
    assert levels.plan(changed).steps == ()
    now = dict(leaves(levels.live(changed)))
    assert {path for path in now.keys() | before.keys() if now.get(path) != before.get(path)} == set(step.paths)


def test_the_table_of_hot_settings_is_proved_whole() -> None:
    proved = {"description"}  # below
    for spec, index, after, other in HOT_TABLE.values():
        before = dict(leaves(wanted(spec, index=index).schema))
        changed = dict(leaves(wanted(merged(spec, after), index=other).schema))
        proved |= {path for path, value in changed.items() if before.get(path) != value}
    assert proved >= HOT


@pytest.mark.parametrize(("spec", "index", "_told"), BUILD_CHANGES.values(), ids=BUILD_CHANGES)
def test_a_build_setting_is_never_sent_to_a_collection_that_exists(
    levels: Levels, spec: Json, index: Json, _told: str
) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    before = levels.live(level)
    plan = levels.bring_about(levels.wanted(spec, index=index, like=level))
    assert plan.pending is not None
    assert plan.steps == ()
    assert levels.live(level) == before


def test_a_description_written_over_by_hand_is_put_right(levels: Levels) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    levels.adapter.apply(UpdateCollection(level.collection, {"description": "mine"}, ("description",)))
    levels.bring_about(level)
    assert levels.live(level)["description"] == level.schema["description"]


def test_a_property_is_added_and_another_described_in_one_go(levels: Levels) -> None:
    level = levels.wanted({"properties": [{"name": "author", "description": "Who wrote it."}]})
    levels.bring_about(level)
    changed = levels.wanted(
        {"properties": [{"name": "author", "description": "The author."}, {"name": "year", "dataType": "int"}]},
        like=level,
    )
    for step in levels.plan(changed).steps:
        levels.adapter.apply(step)
    assert levels.plan(changed).steps == ()
    found = {prop["name"]: prop for prop in levels.live(changed)["properties"]}
    assert found["author"]["description"] == "The author."
    assert found["year"]["dataType"] == ["int"]
