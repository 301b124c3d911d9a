"""Every field against a live Weaviate: applied in place, or refused with the plan, or refused by the API server."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.api.change_classes import ChangeClass, change_class
from hirag_operator.plan.merge import merged
from tests.operator.plan.collection.change_values import MOST, OF_THE_MODEL, VALUES, Values
from tests.operator.reconcile.conftest import MODEL_NAME
from tests.operator.reconcile.stages import Stage, Stages, expected, leaves

Json = dict[str, Any]

ELSEWHERE = {
    "dynamic.threshold",  # needs a server that indexes in the background: see adapters/test_weaviate_schema
    "multiTenancy.tenants",  # no part of a schema: see test_tenants
}
SEEN = [one for one in VALUES if one.path not in ELSEWHERE]
HOT = [one for one in SEEN if change_class(one.kind, one.path) is ChangeClass.HOT]
REBUILT = [one for one in SEEN if one not in HOT]
OF_NEIGHBOURS = [one for one in HOT if change_class(one.kind, one.path, "Shared") is ChangeClass.BUILD]
PLAIN = Values("HNSWIndexPolicy", "hnsw.ef", -1, -1)

EXTREMES: dict[str, Json] = {
    "all at most": {"ef": MOST, "flatSearchCutoff": MOST, "dynamicEf": {"min": MOST, "max": MOST, "factor": MOST}},
    "all at least": {"ef": 1, "flatSearchCutoff": 0, "dynamicEf": {"min": 1, "max": 1, "factor": 1}},
    "ef left to a range of one": {"ef": -1, "dynamicEf": {"min": MOST, "max": MOST, "factor": 1}},
}


@pytest.fixture(scope="module")
def stages(
    control_plane: ControlPlane, operator: OperatorProcess, weaviate_server: WeaviateServer, embedder: EmbedderServer
) -> Iterator[Stages]:
    operator.check()
    namespace = Namespace(control_plane, f"classes-{uuid.uuid4().hex[:8]}")
    external = {"url": f"{embedder.url}/v1", "model": MODEL_NAME, "vectorizer": "text2vec-transformers"}
    namespace.apply("EmbeddingModel", "minilm", {"external": external, "dimensions": 384, "maxTokens": 256})
    with httpx.Client(base_url=f"{weaviate_server.http_url}/v1", timeout=30, trust_env=False) as weaviate:
        yield Stages(namespace, weaviate, "minilm")
        for kind in ("ContextCollection", "HNSWIndexPolicy", "EmbeddingModel"):
            for body in namespace.all_of(kind):
                namespace.delete(kind, body["metadata"]["name"])


def changed(before: Json, after: Json) -> set[str]:
    """The settings in which two schemas differ."""
    old, new = dict(leaves(before)), dict(leaves(after))
    return {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


@pytest.mark.parametrize("values", HOT, ids=str)
def test_a_hot_field_changes_in_place_and_nothing_else_does(stages: Stages, values: Values) -> None:
    stage, told = stages.of(values), expected(values)
    before = stage.bring(values, values.before)
    count = None if stage.has_tenants else stage.count()
    after = stage.bring(values, values.after)
    added = {
        path
        for path in changed(before, after)
        if path.startswith(tuple(f"properties[{p['name']}]" for p in told.added))
    }
    assert changed(before, after) - added == set(told.hot_paths)
    assert bool(added) is bool(told.added)
    assert stage.target() == stage.address["collection"]
    assert stage.has_tenants or stage.count() == count


@pytest.mark.parametrize("values", REBUILT, ids=str)
def test_a_field_that_needs_a_new_revision_is_refused_with_the_plan_and_leaves_all_as_it_is(
    stages: Stages, values: Values
) -> None:
    stage = stages.of(values)
    before = stage.bring(values, values.before)
    stage.apply(values, values.after)
    message = stage.stalled()["message"]
    plan = ["placement (Dedicated → Shared)"] if values.path == "placement" else expected(values).build
    assert [told for told in plan if told not in message] == []
    assert (stage.live(), stage.target()) == (before, stage.address["collection"])
    assert stage.bring(values, values.before) == before


@pytest.mark.parametrize("values", [one.shared() for one in OF_NEIGHBOURS], ids=str)
def test_what_neighbours_in_a_pool_would_notice_is_refused_there(stages: Stages, values: Values) -> None:
    stage = stages.new(values)
    before, neighbour = stage.live(), f"{stage.name}-beside"
    stages.namespace.apply("ContextCollection", neighbour, merged(stage.base, values.spec(values.before)))
    address = stages.namespace.await_ready("ContextCollection", neighbour)["status"]["address"]["longTerm"]
    assert address["collection"] == stage.address["collection"]
    stage.apply(values, values.after)
    message, told = stage.stalled()["message"], expected(values)
    assert told.hot_paths or told.added
    assert [path for path in told.hot_paths if path not in message] == []
    assert [prop for prop in told.added if f"properties[{prop['name']}] (added)" not in message] == []
    assert (stage.live(), stage.target()) == (before, stage.address["collection"])
    stages.namespace.await_ready("ContextCollection", neighbour)
    stage.bring(values, values.before)


@pytest.mark.parametrize("graph", EXTREMES.values(), ids=EXTREMES)
def test_what_the_api_takes_together_weaviate_takes_too(stages: Stages, graph: Json) -> None:
    stage = stages.of(PLAIN)
    stage.bring(Values("HNSWIndexPolicy", "hnsw", {}, graph), graph)
    stage.bring(PLAIN, -1)


def test_the_hot_part_of_a_change_waits_for_the_rest(stages: Stages) -> None:
    stage = stages.of(PLAIN)
    before = stage.bring(PLAIN, -1)
    stage.namespace.apply("HNSWIndexPolicy", stage.name, {"hnsw": {"ef": 77, "efConstruction": 77}})
    assert "vectorIndexConfig.efConstruction (128 → 77)" in stage.stalled()["message"]
    assert stage.live() == before
    stage.bring(Values("HNSWIndexPolicy", "hnsw.ef", -1, 77), 77)


def test_one_policy_is_applied_in_place_on_one_level_and_waits_for_a_new_revision_on_another(stages: Stages) -> None:
    older = stages.new(PLAIN)
    before = older.live()
    older.namespace.apply("HNSWIndexPolicy", older.name, {"hnsw": {"efConstruction": 64}})
    older.stalled()
    newer = f"{older.name}-newer"
    older.namespace.apply("ContextCollection", newer, older.base)
    address = older.namespace.await_ready("ContextCollection", newer)["status"]["address"]["longTerm"]
    older.namespace.apply("HNSWIndexPolicy", older.name, {"hnsw": {"efConstruction": 64, "ef": 99}})
    eventually(lambda: _ef(older, address["collection"]), lambda ef: ef == 99)
    assert older.stalled()
    assert older.live() == before


def _ef(stage: Stage, collection: str) -> int:
    return int(stage.schema(collection)["vectorIndexConfig"]["ef"])


def test_another_policy_that_differs_by_hot_settings_is_followed_in_place_and_one_that_does_not_is_refused(
    stages: Stages,
) -> None:
    stage = stages.new(PLAIN)
    stage.namespace.apply("HNSWIndexPolicy", "quick", {"hnsw": {"ef": 33}})
    stage.namespace.apply("HNSWIndexPolicy", "dense", {"hnsw": {"maxConnections": 64}})
    followed = {**stage.base, "levels": {"longTerm": {"indexPolicyRef": {"name": "quick"}}}}
    stage.namespace.apply("ContextCollection", stage.name, followed)
    eventually(stage.live, lambda live: live["vectorIndexConfig"]["ef"] == 33)
    refused = {**stage.base, "levels": {"longTerm": {"indexPolicyRef": {"name": "dense"}}}}
    stage.namespace.apply("ContextCollection", stage.name, refused)
    assert "vectorIndexConfig.maxConnections (32 → 64)" in stage.stalled()["message"]
    assert stage.live()["vectorIndexConfig"]["ef"] == 33


def test_a_change_waits_for_the_first_object_where_it_would_spoil_an_empty_index(stages: Stages) -> None:
    stage = stages.new(Values("HNSWIndexPolicy", "quantization.type", "rq", "rq"), empty=True)
    before = stage.live()
    stage.namespace.apply("HNSWIndexPolicy", stage.name, {"quantization": {"type": "rq"}, "hnsw": {"ef": 55}})
    stage.namespace.await_reason("ContextCollection", stage.name, "IndexEmpty", "Stalled")
    assert stage.live() == before
    stage.write()
    eventually(stage.live, lambda live: live["vectorIndexConfig"]["ef"] == 55)
    stage.namespace.await_reason("ContextCollection", stage.name, "Ready")


@pytest.mark.parametrize("values", [one for one in OF_THE_MODEL if one.path != "dimensions"], ids=str)
def test_a_model_with_other_vectors_is_refused_and_taken_back(
    stages: Stages, embedder: EmbedderServer, values: Values
) -> None:
    # Without the vectorizer a provider does not say how it computes, and what is declared is believed.
    external = {"url": f"{embedder.url}/v1", "model": MODEL_NAME}
    model = {"external": external, "dimensions": 384, "maxTokens": 256}
    name = f"other-{values.path.lower()}"
    stages.namespace.apply("EmbeddingModel", name, {**model, **values.spec(values.before)})
    stage = stages.new(PLAIN, model=name)
    before = stage.live()
    stages.namespace.apply("EmbeddingModel", name, {**model, **values.spec(values.after)})
    assert "embedding fingerprint (" in stage.stalled()["message"]
    assert (stage.live(), stage.target()) == (before, stage.address["collection"])
    stages.namespace.apply("EmbeddingModel", name, {**model, **values.spec(values.before)})
    eventually(lambda: stages.namespace.condition("ContextCollection", stage.name), lambda c: c.get("status") == "True")


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        pytest.param({"weaviate": {"connection": "nowhere"}}, "weaviate.connection cannot change", id="the server"),
        pytest.param({"multiTenancy": {"enabled": True}}, "multiTenancy.enabled cannot change", id="tenants"),
    ],
)
def test_a_forbidden_change_is_refused_by_the_api_server(stages: Stages, spec: Json, told: str) -> None:
    stage = stages.of(PLAIN)
    before = stage.live()
    with pytest.raises(AssertionError, match=told):
        stage.namespace.apply("ContextCollection", stage.name, {**stage.base, **spec})
    assert stage.live() == before
