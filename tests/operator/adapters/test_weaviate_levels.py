"""Aliases, stamps, tenants and counts on a real Weaviate."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.api.conditions import Reason
from hirag_operator.errors import Garbled, NotAuthorized, Refused
from hirag_operator.plan.collection.deletion import Departing, plan_deletion
from hirag_operator.plan.collection.placement import Place
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.collection.vectorindex import QUANTIZERS
from hirag_operator.plan.steps import (
    CreateAlias,
    CreateCollection,
    CreateTenants,
    DeleteAlias,
    DeleteCollection,
    DeleteTenants,
    SetTenantStates,
    UpdateCollection,
)
from tests.operator.adapters.answering import Answer, AnsweringServer
from tests.operator.adapters.levels import Levels
from tests.operator.plan.objects import wanted

TENANTS = {"multiTenancy": {"enabled": True, "tenants": [{"name": "a"}, {"name": "b", "state": "Inactive"}]}}


def write(server: WeaviateServer, name: str, count: int, **where: str) -> None:
    """Writes objects with vectors of their own."""
    objects = [{"class": name, "properties": {"text": str(n)}, "vector": [1.0, 0.0], **where} for n in range(count)]
    answer = httpx.post(f"{server.http_url}/v1/batch/objects", json={"objects": objects}, timeout=30).raise_for_status()
    assert not [one for one in answer.json() if one["result"].get("errors")]


def bare(name: str) -> CreateCollection:
    """A collection that somebody made without us."""
    return CreateCollection({"class": name, "vectorizer": "none"})


def test_a_class_of_the_aliass_name_is_a_clash(levels: Levels) -> None:
    level = levels.wanted()
    levels.adapter.apply(bare(level.place.alias))
    try:
        plan = levels.plan(level)
        assert plan.seen.clash
        assert plan.problem is not None
        assert plan.problem.reason is Reason.CONFLICT
    finally:
        levels.adapter.apply(DeleteCollection(level.place.alias))


def test_an_alias_whose_collection_is_gone_is_told_not_recreated(levels: Levels) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    levels.adapter.apply(DeleteCollection(level.collection))
    plan = levels.plan(level)
    assert (plan.seen.target, plan.seen.live) == (level.collection, None)
    assert plan.problem is not None
    assert plan.problem.reason is Reason.COLLECTION_MISSING


def test_a_lost_alias_is_pointed_at_the_collection_again_with_its_data(
    weaviate_server: WeaviateServer, levels: Levels
) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    write(weaviate_server, level.collection, 3)
    levels.adapter.apply(DeleteAlias(level.place.alias))
    assert levels.bring_about(level).seen.count == 3


def test_a_lost_alias_of_an_earlier_revision_is_found_by_its_stamp(levels: Levels) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    levels.adapter.apply(DeleteAlias(level.place.alias))
    later = levels.wanted(index={"distance": "dot"}, like=level)
    assert levels.plan(later).steps == (CreateAlias(level.place.alias, level.collection),)


def test_a_strangers_collection_behind_the_alias_is_left_alone(levels: Levels) -> None:
    level = levels.wanted()
    levels.adapter.apply(bare(f"{level.place.alias}_mine"))
    levels.adapter.apply(CreateAlias(level.place.alias, f"{level.place.alias}_mine"))
    plan = levels.plan(level)
    assert plan.problem is not None
    assert plan.problem.reason is Reason.CONFLICT


@pytest.mark.parametrize(("one", "other"), [(("a-b", "c"), ("a", "b-c")), (("n", "x1"), ("n-x1", "x1"))])
def test_objects_whose_names_are_easy_to_confuse_live_side_by_side(
    levels: Levels, one: tuple[str, str], other: tuple[str, str]
) -> None:
    for namespace, name in (one, other):
        level = wanted(name=name, namespace=namespace)
        levels.made.append(level)
        levels.bring_about(level)
        assert read_stamp(levels.live(level)) == level.stamp


def test_the_server_tells_names_apart_without_regard_to_case(levels: Levels) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    for refused in (
        bare(level.collection.swapcase().capitalize()),
        CreateAlias(level.place.alias.upper(), level.collection),
    ):
        with pytest.raises(Refused, match="already exists"):
            levels.adapter.apply(refused)


def test_deleting_what_is_gone_is_fine(adapter: WeaviateAdapter) -> None:
    adapter.apply(DeleteAlias("Nobody__Nothing__LongTerm"))
    adapter.apply(DeleteCollection("Nobody__Nothing__LongTerm_R1"))


def test_a_deleted_objects_data_goes_and_anothers_stays(levels: Levels) -> None:
    ours, anothers = levels.wanted(), levels.wanted()
    for level in (ours, anothers):
        levels.bring_about(level)
    adapter = levels.adapter
    aliases = {ours.place.alias: adapter.alias_target(ours.place.alias)}
    for step in plan_deletion(Departing("default", ours.namespace, ours.name), aliases, adapter.collections(), {}):
        adapter.apply(step)
    assert adapter.alias_target(ours.place.alias) is None
    assert ours.collection not in {one["class"] for one in adapter.collections(fresh=True)}
    assert levels.plan(anothers).steps == ()


def test_a_collection_is_not_found_by_its_alias(levels: Levels) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    seen = levels.adapter.observe_level(replace(level, place=Place(f"{level.place.alias}x")))
    assert not seen.clash
    assert levels.calls.collection(level.place.alias) is None


def test_a_stamp_survives_an_update_by_somebody_who_leaves_it_out(
    weaviate_server: WeaviateServer, levels: Levels
) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    edited = {**levels.live(level), "description": "mine"}
    del edited["moduleConfig"]["hirag"]
    url = f"{weaviate_server.http_url}/v1/schema/{level.collection}"
    httpx.put(url, json=edited, timeout=30).raise_for_status()
    assert levels.live(level)["description"] == "mine"
    assert read_stamp(levels.live(level)) == level.stamp


def test_a_stamp_cannot_be_rewritten(weaviate_server: WeaviateServer, levels: Levels) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    edited = levels.live(level)
    edited["moduleConfig"]["hirag"]["name"] = "somebody-else"
    answer = httpx.put(f"{weaviate_server.http_url}/v1/schema/{level.collection}", json=edited, timeout=30)
    assert answer.status_code == 422
    assert read_stamp(levels.live(level)) == level.stamp


def test_a_change_of_ef_alone_keeps_every_other_setting(levels: Levels) -> None:
    level = levels.wanted(index={"hnsw": {"flatSearchCutoff": 7}, "quantization": {"type": "bq"}})
    levels.bring_about(level)
    levels.adapter.apply(UpdateCollection(level.collection, {"vectorIndexConfig": {"ef": 321}}, ()))
    config = levels.live(level)["vectorIndexConfig"]
    assert (config["ef"], config["flatSearchCutoff"]) == (321, 7)
    assert [name for name in QUANTIZERS if config[name]["enabled"]] == ["bq"]


def test_tenants_are_created_in_their_states_and_changed(levels: Levels) -> None:
    level = levels.wanted(TENANTS)
    levels.bring_about(level)
    assert levels.calls.tenants(level.collection) == {"a": "HOT", "b": "COLD"}
    levels.adapter.apply(SetTenantStates(level.collection, {"a": "INACTIVE", "b": "ACTIVE"}))
    assert levels.calls.tenants(level.collection) == {"a": "COLD", "b": "HOT"}
    levels.bring_about(level)
    assert levels.calls.tenants(level.collection) == {"a": "HOT", "b": "COLD"}


def test_tenants_that_nobody_declared_are_left_alone(levels: Levels) -> None:
    level = levels.wanted(TENANTS)
    levels.bring_about(level)
    levels.adapter.apply(CreateTenants(level.collection, {"mine": "ACTIVE"}))
    assert levels.plan(level).steps == ()
    assert levels.calls.tenants(level.collection)["mine"] == "HOT"


def test_more_tenants_than_one_call_takes_are_created_changed_counted_and_removed(
    weaviate_server: WeaviateServer, levels: Levels
) -> None:
    names = [f"t{number}" for number in range(1105)]
    level = levels.wanted({"multiTenancy": {"enabled": True, "tenants": [{"name": name} for name in names]}})
    levels.bring_about(level)
    write(weaviate_server, level.collection, 2, tenant="t0")
    write(weaviate_server, level.collection, 3, tenant="t1104")
    assert levels.calls.count_tenants(level.collection, ["t0", "t7", "t1104"]) == {"t0": 2, "t7": 0, "t1104": 3}
    assert levels.adapter.observe_level(level).count == 5  # those never woken since they were made are empty
    levels.adapter.apply(SetTenantStates(level.collection, dict.fromkeys(names, "INACTIVE")))
    assert set(levels.calls.tenants(level.collection).values()) == {"COLD"}
    levels.adapter.apply(DeleteTenants(level.collection, tuple(names[1:])))
    assert levels.calls.tenants(level.collection) == {"t0": "COLD"}


def test_objects_are_counted_exactly_as_soon_as_they_are_written(
    weaviate_server: WeaviateServer, levels: Levels
) -> None:
    level = levels.wanted()
    levels.bring_about(level)
    for written in (7, 14):
        write(weaviate_server, level.collection, 7)
        assert levels.adapter.observe_level(level).count == written


def test_offloading_without_a_store_is_refused_in_the_servers_words_and_the_tenant_stays(levels: Levels) -> None:
    level = levels.wanted({"multiTenancy": {"enabled": True, "tenants": [{"name": "a", "state": "Offloaded"}]}})
    with pytest.raises(Refused, match="offload-s3"):
        levels.bring_about(level)
    assert levels.calls.tenants(level.collection) == {"a": "COLD"}
    assert levels.adapter.alias_target(level.place.alias) == level.collection


def test_a_restart_keeps_collections_aliases_stamps_and_tenants(
    guarded_server: WeaviateServer, guarded_levels: Levels
) -> None:
    levels = guarded_levels
    plain, tenants = levels.wanted(index={"indexType": "dynamic"}), levels.wanted(TENANTS)
    for level in (plain, tenants):
        levels.bring_about(level)
    guarded_server.restart()
    for level in (plain, tenants):
        plan = levels.plan(level)
        assert (plan.problem, plan.steps) == (None, ())
        assert read_stamp(levels.live(level)) == level.stamp


@pytest.mark.parametrize("key", [None, "not-the-operators-key"])
def test_a_wrong_key_is_not_authorized_and_not_told(guarded_server: WeaviateServer, key: str | None) -> None:
    stranger = WeaviateAdapter(JsonServer("Weaviate 'guarded'", guarded_server.http_url, bearer=key))
    level = wanted()
    for attempt in (lambda: stranger.observe_level(level), lambda: stranger.apply(CreateCollection(level.schema))):
        with pytest.raises(NotAuthorized) as caught:
            attempt()
        assert key is None or key not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(200, ["odd"]), id="a list"),
        pytest.param(Answer(200, "odd"), id="a text"),
        pytest.param(Answer(200, {"status": "ok"}), id="another server's object"),
        pytest.param(Answer(200, b"<html></html>"), id="a page"),
    ],
)
def test_a_server_that_is_no_weaviate_is_told_as_such(
    server: AnsweringServer, answered: WeaviateAdapter, answer: Answer
) -> None:
    server.answer = answer
    asked: list[Any] = [
        lambda: answered.alias_target("A"),
        answered.collections,
        lambda: answered.has_tenants("A"),
        lambda: answered.observe_level(wanted()),
    ]
    for ask in asked:
        with pytest.raises(Garbled):
            ask()


def test_levels_of_two_operators_on_one_server_do_not_touch_each_other(levels: Levels) -> None:
    ours = levels.wanted()
    levels.bring_about(ours)
    theirs = wanted(name=ours.name, instance="blue")
    plan = levels.plan(theirs)
    assert plan.problem is not None
    assert plan.problem.reason is Reason.CONFLICT
