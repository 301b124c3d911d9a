"""Which tenants are wanted, and what is done about those that are there."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.api.collection_layout import MultiTenancy
from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.levelplan import Stance
from hirag_operator.plan.collection.made import Made
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.tenants import (
    named_twice,
    tenant_counts,
    tenant_steps,
    tenants_differ,
    wanted_tenants,
)
from hirag_operator.plan.steps import CreateTenants, DeleteTenants, SetTenantStates
from tests.operator.plan.objects import wanted

HOME = "team-a"
GOLD = {"namespaceSelector": {"matchLabels": {"tier": "gold"}}}
AGREES = {"hirag.dev/tenants-of": HOME}
READ = {"ACTIVE": "HOT", "INACTIVE": "COLD", "OFFLOADED": "FROZEN"}


def tenancy(**fields: Any) -> MultiTenancy:
    return MultiTenancy.model_validate({"enabled": True, **fields})


def removing(percent: int = 20, **fields: Any) -> MultiTenancy:
    return tenancy(**{"tenants": [], **fields}, removal={"policy": "Delete", "maxPercent": percent})


def namespace(name: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": labels} if labels else {"name": name}}


def agreeing(name: str, **labels: str) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {**AGREES, **labels}}}


def some(count: int, prefix: str = "t", state: str = "HOT") -> dict[str, str]:
    return {f"{prefix}{number}": state for number in range(count)}


def test_declared_tenants_are_wanted_in_weaviates_own_words() -> None:
    tenants = [{"name": "a"}, {"name": "b", "state": "Inactive"}, {"name": "c", "state": "Offloaded"}]
    assert wanted_tenants(tenancy(tenants=tenants), HOME, []) == {"a": "ACTIVE", "b": "INACTIVE", "c": "OFFLOADED"}


def test_a_collection_without_tenants_wants_none() -> None:
    assert wanted_tenants(MultiTenancy(), HOME, [agreeing("team-b")]) == {}


@pytest.mark.parametrize(
    ("found", "selected"),
    [
        pytest.param(agreeing("team-b", tier="gold"), True, id="selected, and it agrees"),
        pytest.param(namespace("team-b", tier="gold"), False, id="selected, and it does not agree"),
        pytest.param(
            namespace("team-b", tier="gold", **{"hirag.dev/tenants-of": "team-c"}), False, id="it agrees to another"
        ),
        pytest.param(agreeing("team-b", tier="iron"), False, id="it agrees, and is not selected"),
        pytest.param(namespace(HOME, tier="gold"), True, id="the collection's own needs no consent"),
        pytest.param(namespace(HOME), False, id="the collection's own is selected like any other"),
    ],
)
def test_a_namespace_is_a_tenant_when_it_is_selected_and_agrees(found: dict[str, Any], *, selected: bool) -> None:
    name = found["metadata"]["name"]
    wanted = wanted_tenants(tenancy(tenantsFrom={**GOLD, "state": "Inactive"}), HOME, [found])
    assert wanted == ({name: "INACTIVE"} if selected else {})


def test_an_empty_selector_selects_all_that_agree() -> None:
    found = [agreeing("team-b"), namespace("team-c"), namespace(HOME)]
    assert set(wanted_tenants(tenancy(tenantsFrom={"namespaceSelector": {}}), HOME, found)) == {"team-b", HOME}


def test_a_declared_state_wins_over_a_selected_one() -> None:
    both = tenancy(tenants=[{"name": "team-b", "state": "Inactive"}], tenantsFrom={"namespaceSelector": {}})
    assert wanted_tenants(both, HOME, [agreeing("team-b")]) == {"team-b": "INACTIVE"}


def test_a_name_declared_twice_is_found() -> None:
    tenants = [{"name": name} for name in ("a", "b", "a", "c", "b")]
    assert named_twice(tenancy(tenants=tenants)) == ["a", "b"]
    assert named_twice(tenancy()) == []


def test_what_is_missing_is_made_and_what_differs_is_changed() -> None:
    wanted = {
        "new": "ACTIVE",
        "asleep": "ACTIVE",
        "as-declared": "INACTIVE",
        "stored": "OFFLOADED",
        "later": "OFFLOADED",
    }
    seen = {"asleep": "COLD", "as-declared": "COLD", "stored": "FROZEN", "stranger": "HOT"}
    assert tenant_steps("C", wanted, seen, tenancy()) == (
        [CreateTenants("C", {"new": "ACTIVE", "later": "INACTIVE"}), SetTenantStates("C", {"asleep": "ACTIVE"})],
        None,
    )


@pytest.mark.parametrize("moving", ["FREEZING", "UNFREEZING", "OFFLOADING", "ONLOADING"])
def test_a_tenant_on_its_way_is_waited_for(moving: str) -> None:
    for state in READ:
        assert tenant_steps("C", {"a": state}, {"a": moving}, tenancy()) == ([], None)


@pytest.mark.parametrize(("wakes", "put_to_sleep"), [(False, True), (True, False)])
def test_a_tenant_that_use_has_woken_stays_awake(*, wakes: bool, put_to_sleep: bool) -> None:
    steps, _ = tenant_steps("C", {"a": "INACTIVE"}, {"a": "HOT"}, tenancy(autoActivation=wakes))
    assert bool(steps) is put_to_sleep


def test_a_sleeping_tenant_is_woken_when_declared_active_whoever_else_may_wake_it() -> None:
    steps, _ = tenant_steps("C", {"a": "ACTIVE"}, {"a": "COLD"}, tenancy(autoActivation=True))
    assert steps == [SetTenantStates("C", {"a": "ACTIVE"})]


def test_undeclared_tenants_stay_unless_their_removal_is_asked_for() -> None:
    assert tenant_steps("C", {}, some(10), tenancy()) == ([], None)


@pytest.mark.parametrize(
    ("present", "gone", "percent", "removed"),
    [
        pytest.param(100, 20, 20, True, id="as many as allowed"),
        pytest.param(100, 21, 20, False, id="one more than allowed"),
        pytest.param(2, 1, 20, True, id="a single one of few"),
        pytest.param(3, 2, 20, False, id="two of few"),
        pytest.param(1, 1, 99, False, id="the last one"),
        pytest.param(10, 10, 99, False, id="all of them, as when a selector selects nothing"),
        pytest.param(10, 10, 100, True, id="all of them, explicitly"),
    ],
)
def test_removal_has_a_guard_rail(present: int, gone: int, percent: int, *, removed: bool) -> None:
    seen = some(present)
    wanted = dict.fromkeys(list(seen)[gone:], "ACTIVE")
    steps, problem = tenant_steps("C", wanted, seen, removing(percent))
    expected = [DeleteTenants("C", tuple(sorted(seen.keys() - wanted.keys())))]
    assert steps == (expected if removed else [])
    assert (problem is None) is removed


def test_a_held_removal_says_how_many_which_and_what_to_do() -> None:
    _, problem = tenant_steps("Acme_R1", {"t0": "ACTIVE"}, some(9), removing(25))
    assert problem is not None
    assert problem.message == (
        "8 of 9 tenants of Acme_R1 are neither declared nor selected (t1, t2, t3, …); "
        "spec.multiTenancy.removal.maxPercent is 25, so none is removed. "
        "Take the change back, or raise maxPercent to 89."
    )


def test_tenants_are_made_while_a_removal_is_held_unless_that_would_let_it_pass() -> None:
    kept, gone = some(4, "kept"), some(4, "gone")
    few, many = some(2, "new", "ACTIVE"), some(12, "new", "ACTIVE")
    wanted = dict.fromkeys(kept, "ACTIVE")
    steps, _ = tenant_steps("C", wanted | few, kept | gone, removing())
    assert steps == [CreateTenants("C", few)]
    steps, problem = tenant_steps("C", wanted | many, kept | gone, removing())
    assert steps == []
    assert problem is not None
    assert "12 new ones wait" in problem.message


names = st.sets(st.integers(0, 30).map(str))


@given(seen=names, wanted=names, percent=st.integers(1, 99))
def test_however_often_one_looks_a_held_removal_stays_held(seen: set[str], wanted: set[str], percent: int) -> None:
    world, states = dict.fromkeys(seen, "HOT"), dict.fromkeys(wanted, "ACTIVE")
    _, problem = tenant_steps("C", states, world, removing(percent))
    for _ in range(3):
        steps, _ = tenant_steps("C", states, world, removing(percent))
        for step in steps:
            if isinstance(step, CreateTenants):
                world |= {name: READ[state] for name, state in step.tenants.items()}
            if isinstance(step, DeleteTenants):
                world = {name: state for name, state in world.items() if name not in step.names}
    assert seen <= world.keys() if problem else world.keys() == wanted


def test_what_differs_is_said_in_words() -> None:
    seen = {"a": "COLD", "b": "HOT", "c": "HOT", "d": "HOT", "e": "HOT", "f": "HOT"}
    wanted_ = dict.fromkeys(["a", "b", "c", "d", "e", "new", "newer"], "ACTIVE")
    steps, _ = tenant_steps("C", wanted_, seen, removing())
    assert tenants_differ(steps) == [
        "tenants (2 missing)",
        "tenants (1 in another state)",
        "tenants (1 neither declared nor selected)",
    ]


def test_tenants_are_counted_by_state() -> None:
    seen = {"a": "HOT", "b": "HOT", "c": "COLD", "d": "FROZEN", "e": "FREEZING", "f": "UNFREEZING"}
    assert tenant_counts({"a": "ACTIVE", "z": "ACTIVE"}, seen) == {
        "active": 2,
        "inactive": 1,
        "offloaded": 1,
        "moving": 2,
        "undeclared": 5,
    }


def test_a_tenant_of_another_hand_is_removed_or_reported_as_drift() -> None:
    declared = {"enabled": True, "tenants": [{"name": "a"}], "removal": {"policy": "Delete"}}
    level = wanted({"multiTenancy": declared})
    made = Made(level.collection, level.settings)
    seen = SeenLevel(target=level.collection, live=level.schema, tenants={"a": "HOT", "b": "HOT"}, made=made)
    removed = DeleteTenants(level.collection, ("b",))
    assert plan_level(level, seen).steps == (removed,)
    warned = plan_level(level, seen, Stance(on_drift="Warn"))
    assert (warned.steps, warned.drift) == ((), ("longTerm: tenants (1 neither declared nor selected)",))
