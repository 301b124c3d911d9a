"""The table of our fields against the table of Weaviate's: every change is told as its class says."""

import json

import pytest

from hirag_operator.api.change_classes import CHANGES, ChangeClass, change_class, change_of
from hirag_operator.plan.collection.changes import SchemaChanges, pooled, schema_changes
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.model.fingerprint import fingerprint
from tests.operator.plan.collection.change_values import OF_THE_MODEL, VALUES, Values
from tests.operator.plan.objects import external, wanted

OF_WEAVIATE = [one for one in VALUES if one.path != "multiTenancy.tenants"]  # tenants are no part of the schema
IN_POOLS = [one for one in OF_WEAVIATE if one.path.partition(".")[0] not in {"placement", "multiTenancy", "sharding"}]

WITHOUT_WEAVIATE = {
    "EmbeddingModel": {
        *(
            "external.apiKeySecretRef",
            "runtime",
            "serving",
            "serving.modelCache",
            "rateLimit",
            "allowedNamespaces",
            "driftPolicy",
            "rollout",
        ),
    },
    "HNSWIndexPolicy": {"objectives", "allowedNamespaces", "rollout"},
    "ContextCollection": {
        *("levels", "chunking", "retrieval", "summarization", "compaction", "migration", "gateway", "multiTenancy"),
        *("levels.shortTerm.adoptFrom", "levels.longTerm.adoptFrom"),
        *("deletionPolicy", "driftPolicy", "lossPolicy", "paused"),
    },
}
"""Rows of what is applied to other things than a collection."""

OF_WHAT_ANSWERS = {"source", "external", "external.url", "external.vectorizer", "instructions", "runtime.precision"}
"""Rows of a model that are judged by what its server says of itself: see test_fingerprint and the live tests."""

OF_REFERENCES = {"weaviate.connection", "embeddingModelRef", "multiTenancy.enabled"} | {
    f"levels.{level}.indexPolicyRef" for level in ("shortTerm", "longTerm")
}
"""Rows of references, whose class is that of the objects behind them, and what the API server refuses."""


def level(values: Values, value: object) -> WantedLevel:
    spec = values.spec(value)
    return wanted(spec) if values.kind == "ContextCollection" else wanted(index=spec)


def changes(values: Values) -> SchemaChanges:
    live = json.loads(json.dumps(level(values, values.before).schema))
    return schema_changes(level(values, values.after).schema, live)


@pytest.mark.parametrize("values", OF_WEAVIATE, ids=str)
def test_a_change_is_of_the_class_that_its_field_says(values: Values) -> None:
    found = changes(values)
    told = {
        ChangeClass.HOT: bool(found.hot or found.added) and not found.build,
        ChangeClass.BUILD: bool(found.build) and not found.embed,
        ChangeClass.EMBED: bool(found.embed),
    }
    assert told[change_class(values.kind, values.path)]


@pytest.mark.parametrize("values", IN_POOLS, ids=str)
def test_levels_that_differ_by_a_field_share_a_pool_when_it_is_hot_there(values: Values) -> None:
    before, after = (level(values, value).schema for value in (values.before, values.after))
    is_hot = change_class(values.kind, values.path, "Shared") is ChangeClass.HOT
    assert (pooled(before) == pooled(after)) is is_hot


@pytest.mark.parametrize("values", OF_THE_MODEL, ids=str)
def test_a_change_of_the_model_that_takes_new_vectors_is_another_fingerprint(values: Values) -> None:
    before, after = (external(values.spec(value)) for value in (values.before, values.after))
    identity = {"model": "text-embedding-3-small"}
    assert fingerprint(before, identity) != fingerprint(after, identity)
    assert change_class(values.kind, values.path) is ChangeClass.EMBED


def test_every_row_of_the_table_is_proved_here_or_says_where() -> None:
    proved = {(one.kind, change_of(one.kind, one.path).path) for one in (*VALUES, *OF_THE_MODEL)}
    proved |= {(kind, path) for kind, paths in WITHOUT_WEAVIATE.items() for path in paths}
    proved |= {("EmbeddingModel", path) for path in OF_WHAT_ANSWERS}
    proved |= {("ContextCollection", path) for path in OF_REFERENCES}
    assert {(kind, row.path) for kind, rows in CHANGES.items() for row in rows} == proved


@pytest.mark.parametrize("kind", WITHOUT_WEAVIATE)
def test_what_touches_no_collection_is_hot(kind: str) -> None:
    classes = {path: change_class(kind, path) for path in WITHOUT_WEAVIATE[kind]}
    assert set(classes.values()) == {ChangeClass.HOT}
