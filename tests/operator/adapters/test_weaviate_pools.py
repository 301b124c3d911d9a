"""Pools of shared levels on a real Weaviate, and looks that are a while old."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.errors import Unreachable
from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.deletion import Departing, plan_deletion
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.steps import CreateAlias, CreateCollection, DeleteAlias, MoveAlias
from tests.operator.adapters.levels import Levels
from tests.operator.plan.objects import wanted

SHARED = {"placement": "Shared", "properties": [{"name": "author"}]}


def write(server: WeaviateServer, level: WantedLevel, count: int) -> None:
    """Writes objects through the address that applications get."""
    body = [
        {"class": level.place.alias, "tenant": level.place.tenant, "properties": {"text": str(n)}, "vector": [1.0, 0.0]}
        for n in range(count)
    ]
    answer = httpx.post(f"{server.http_url}/v1/batch/objects", json={"objects": body}, timeout=30).raise_for_status()
    assert not [one for one in answer.json() if one["result"].get("errors")]


def test_levels_of_one_shape_live_in_one_pool_and_each_counts_its_own(
    weaviate_server: WeaviateServer, levels: Levels
) -> None:
    one, other = levels.wanted(SHARED), levels.wanted(SHARED)
    for level in (one, other):
        levels.bring_about(level)
    assert one.collection == other.collection
    write(weaviate_server, one, 3)
    write(weaviate_server, other, 5)
    assert [levels.plan(level).seen.count for level in (one, other)] == [3, 5]


def test_an_object_that_leaves_takes_its_tenant_and_leaves_its_neighbours_data(
    weaviate_server: WeaviateServer, levels: Levels
) -> None:
    one, other = levels.wanted(SHARED), levels.wanted(SHARED)
    for level in (one, other):
        levels.bring_about(level)
        write(weaviate_server, level, 2)
    leaving, adapter = Departing("default", one.namespace, one.name), levels.adapter
    collections = adapter.collections(fresh=True)
    tenants = {pool: adapter.present(pool, leaving.tenants) for pool in leaving.pools(collections)}
    for step in plan_deletion(leaving, {one.place.alias: one.collection}, collections, tenants):
        adapter.apply(step)
    assert set(levels.calls.tenants(one.collection)) == {other.place.tenant}
    assert levels.plan(other).seen.count == 2
    assert levels.plan(other).steps == ()


def test_a_tenant_that_rests_on_disk_is_counted_only_when_nothing_is_known_of_it(
    guarded_server: WeaviateServer, guarded_levels: Levels, guarded_rest: JsonServer
) -> None:
    level = guarded_levels.wanted(SHARED)
    guarded_levels.bring_about(level)
    body = {"class": level.place.alias, "tenant": level.place.tenant, "properties": {"text": "x"}, "vector": [1.0]}
    guarded_rest.ask("write", "POST", "/v1/objects", body)
    assert guarded_levels.plan(level).seen.count == 1
    guarded_server.restart()
    assert guarded_levels.plan(level).seen.count == 1  # as it was counted before
    stranger = WeaviateAdapter(guarded_rest)
    assert stranger.observe_level(level).count is None
    assert stranger.count_tenant(level.collection, str(level.place.tenant)) == 1
    assert stranger.observe_level(level).count == 1


def test_an_alias_is_moved_in_one_step(levels: Levels) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    elsewhere = {"class": f"{level.place.alias}_elsewhere", "vectorizer": "none"}
    levels.adapter.apply(CreateCollection(elsewhere))
    levels.adapter.apply(MoveAlias(level.place.alias, elsewhere["class"]))
    assert levels.calls.alias_target(level.place.alias) == elsewhere["class"]
    levels.adapter.apply(MoveAlias(level.place.alias, level.collection))
    levels.calls.delete_collection(elsewhere["class"])
    assert levels.plan(level).steps == ()


@pytest.mark.parametrize("spec", [{}, SHARED], ids=["dedicated", "shared"])
def test_what_an_adapter_makes_it_sees_at_once_however_old_its_look_may_be(
    rest: JsonServer, levels: Levels, spec: dict[str, Any]
) -> None:
    level = levels.wanted(spec)
    patient = WeaviateAdapter(rest, max_age=3600)
    for step in plan_level(level, patient.observe_level(level)).steps:
        patient.apply(step)
    plan = plan_level(level, patient.observe_level(level))
    assert (plan.steps, plan.problem) == ((), None)
    assert plan.seen.count == 0


def test_what_others_do_is_seen_by_a_fresh_look_alone_until_the_old_one_has_aged(
    rest: JsonServer, levels: Levels
) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    patient = WeaviateAdapter(rest, max_age=3600)
    assert plan_level(level, patient.observe_level(level)).steps == ()
    levels.adapter.apply(DeleteAlias(level.place.alias))
    assert plan_level(level, patient.observe_level(level)).steps == ()
    plan = plan_level(level, patient.observe_level(level, fresh=True))
    assert plan.steps == (CreateAlias(level.place.alias, level.collection),)


def test_the_pools_of_another_operator_are_not_ours_to_enter(levels: Levels) -> None:
    theirs = wanted(SHARED, instance="blue", name="live-blue")
    levels.made.append(theirs)
    levels.bring_about(theirs)
    ours = levels.wanted(SHARED)
    levels.bring_about(ours)
    assert ours.collection != theirs.collection
    assert Departing("default", "team-a", "x").pools(levels.adapter.collections(fresh=True)) == [ours.collection]


@pytest.mark.parametrize("spec", [{}, SHARED], ids=["dedicated", "shared"])
def test_a_server_that_starts_is_never_taken_for_one_that_lost_its_data(
    guarded_server: WeaviateServer, guarded_levels: Levels, spec: dict[str, Any]
) -> None:
    """It answers before it knows its collections; a deletion that went by that would leave all of them behind."""
    for _ in range(20):
        level = guarded_levels.wanted({**spec, "properties": [{"name": "author"}]})
        guarded_levels.bring_about(level)
    adapter = guarded_levels.adapter
    guarded_server.stop()
    with ThreadPoolExecutor(1) as threads:
        starting = threads.submit(guarded_server.start)
        answers = 0
        while not (starting.done() and answers):
            for look in (lambda: adapter.observe_level(level, fresh=True).live, lambda: _names(adapter, level)):
                try:
                    seen = look()
                except Unreachable:
                    continue
                answers += 1
                assert seen, "the server was believed before it was ready"
        starting.result()
    if level.place.shared:
        assert adapter.has_tenants(level.collection)


def _names(adapter: WeaviateAdapter, level: WantedLevel) -> list[str]:
    return [one["class"] for one in adapter.collections(fresh=True) if one["class"] == level.collection]
