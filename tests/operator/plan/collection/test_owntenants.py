"""A level with tenants of its own that needs a new revision: whether it can have one, and what goes on meanwhile."""

from dataclasses import replace
from typing import Any

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.address import Reach, address_map
from hirag_operator.plan.collection.contextcollection import judge, plan_level
from hirag_operator.plan.collection.levelplan import Stance
from hirag_operator.plan.collection.made import Made, read_made
from hirag_operator.plan.collection.migration.course import Course, Stage
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.merge import merged
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.steps import CreateTenants, DeleteTenants, SetTenantStates, UpdateCollection
from hirag_operator.plan.verdict import State, stalled
from tests.operator.plan.objects import collection, owner, wanted

DOT = {"distance": "dot"}
ON = {"enabled": True}


def tenancy(*names: str, **more: Any) -> dict[str, Any]:
    return {"multiTenancy": {**ON, "tenants": [{"name": name} for name in names], **more}}


ASLEEP = {"multiTenancy": {**ON, "tenants": [{"name": "a", "state": "Inactive"}]}}
REMOVING = {"removal": {"policy": "Delete", "maxPercent": 50}}
LEVEL = wanted(tenancy("a", "b"))
EARLIER = wanted(tenancy("a", "b"), index=DOT).schema  # ours, of another revision
OLD = str(EARLIER["class"])
CARRIED = Stance(carrying=True)


def pending(tenants: Any, **others: Any) -> SeenLevel:
    return SeenLevel(target=OLD, live=EARLIER, tenants=tenants, **others)


@pytest.mark.parametrize("tenants", [{}, {"a": "HOT", "b": "COLD"}, {"a": "ACTIVE", "b": "INACTIVE", "c": "HOT"}])
def test_tenants_of_its_own_are_carried(tenants: dict[str, str]) -> None:
    plan = plan_level(LEVEL, pending(tenants))
    assert plan.pending is not None
    assert (plan.problem, plan.pending.vectors) == (None, "copy")


PLAIN, SHARED = wanted(), wanted({"placement": "Shared"})
PLAIN_TARGET = SeenLevel(target=PLAIN.collection, live=PLAIN.schema)
POOL = SeenLevel(target=SHARED.collection, live=SHARED.schema, tenants={SHARED.tenant_of_pool: "HOT"})


@pytest.mark.parametrize(
    ("level", "seen", "why"),
    [
        pytest.param(LEVEL, PLAIN_TARGET, "spec.multiTenancy.enabled back to false", id="switched on"),
        pytest.param(PLAIN, pending({"a": "HOT"}), "spec.multiTenancy.enabled back to true", id="switched off"),
        pytest.param(SHARED, pending({"a": "HOT"}), "spec.placement back to Dedicated", id="into a pool"),
        pytest.param(LEVEL, POOL, "spec.placement back to Shared", id="out of a pool, and switched on"),
        pytest.param(
            LEVEL,
            pending(dict.fromkeys("abcd", "FROZEN")),
            "in object storage, or on their way to or from it, are not carried (4: a, b, c, …)",
            id="tenants in object storage",
        ),
        pytest.param(LEVEL, pending({"a": "HOT", "b": "UNFREEZING"}), "(1: b)", id="a tenant on its way from there"),
    ],
)
def test_what_is_not_carried_is_told_with_the_way_out(level: Any, seen: SeenLevel, why: str) -> None:
    plan = plan_level(level, seen)
    assert plan.problem is not None
    assert plan.problem.reason is Reason.MIGRATION_REQUIRED
    assert why in plan.problem.message
    assert not [step for step in plan.steps if not isinstance(step, SetTenantStates)]


@pytest.mark.parametrize(
    ("level", "tenants", "steps"),
    [
        pytest.param(LEVEL, {"a": "HOT"}, (CreateTenants(OLD, {"b": "ACTIVE"}),), id="a new one is made"),
        pytest.param(LEVEL, {"a": "COLD", "b": "COLD"}, (), id="states wait: the Job wakes and puts back"),
        pytest.param(
            wanted(tenancy("a", "b", **REMOVING)),
            {"a": "HOT", "b": "HOT", "c": "HOT"},
            (DeleteTenants(OLD, ("c",)),),
            id="one that is declared no more is removed",
        ),
        pytest.param(
            LEVEL,
            {"a": "FROZEN", "b": "COLD"},
            (SetTenantStates(OLD, {"a": "ACTIVE"}),),
            id="one comes back from object storage, without which nothing is carried",
        ),
    ],
)
def test_tenants_are_made_and_removed_meanwhile(level: Any, tenants: dict[str, str], steps: tuple[Any, ...]) -> None:
    plan = plan_level(level, pending(tenants))
    assert plan.pending is not None
    assert (plan.steps, plan.may_move) == (steps, not steps)


def test_where_multi_tenancy_is_switched_off_no_tenant_is_touched() -> None:
    off = replace(PLAIN, tenancy=wanted(tenancy("a", removal={"policy": "Delete", "maxPercent": 100})).tenancy)
    assert plan_level(off, pending({"a": "HOT", "b": "FROZEN"})).steps == ()


def test_a_removal_that_is_held_is_told_and_the_migration_goes_on() -> None:
    level = wanted(tenancy("a", **REMOVING))
    plan = plan_level(level, pending({"a": "HOT", "b": "HOT", "c": "HOT"}))
    assert plan.problem is not None
    assert plan.problem.reason is Reason.TENANT_REMOVAL_HELD
    assert (plan.steps, plan.settled, plan.may_move, plan.moves) == ((), False, True, True)

    failed = stalled(Reason.MIGRATION_FAILED, "The Job failed.")
    verdict = judge([replace(plan, course=Course(Stage.FAILED, Holder("A"), Holder("B"), verdict=failed))])
    assert (verdict.state, verdict.reason) == (State.STALLED, Reason.TENANT_REMOVAL_HELD)
    assert verdict.message.endswith("The Job failed.")


def test_a_tenant_deleted_by_hand_stops_the_migration_that_would_make_that_final() -> None:
    made = Made(OLD, LEVEL.settings)  # the declaration was met: other vectors alone are what is pending
    plan = plan_level(LEVEL, pending({"a": "HOT"}, made=made))
    assert plan.problem is not None
    assert plan.problem.reason is Reason.COLLECTION_MISSING
    assert plan.pending is not None
    assert (plan.steps, plan.may_move) == ((), False)


def test_states_wait_while_a_job_carries_and_come_afterwards() -> None:
    level = wanted(ASLEEP)
    seen = SeenLevel(target=level.collection, live=level.schema, tenants={"a": "HOT"})
    waiting, after = plan_level(level, seen, CARRIED), plan_level(level, seen)
    assert (waiting.steps, waiting.settled, waiting.postponed) == ((), True, True)
    assert (after.steps, after.postponed) == ((SetTenantStates(level.collection, {"a": "INACTIVE"}),), False)


def test_what_waits_for_a_job_is_not_taken_for_another_hands_work_afterwards() -> None:
    level = wanted(ASLEEP)
    seen = SeenLevel(target=level.collection, live=level.schema, tenants={"a": "HOT"})
    plans = [plan_level(level, seen, CARRIED)]
    (address,) = address_map(
        collection(ASLEEP), owner("ContextCollection", "handbook"), plans, Reach("", "", "", ""), {}
    )
    made = read_made(address)["longTerm"]
    assert made.collection == level.collection
    after = plan_level(level, replace(seen, made=made), Stance(on_drift="Warn"))
    assert (after.steps, after.drift) == ((SetTenantStates(level.collection, {"a": "INACTIVE"}),), ())


def test_tenants_are_made_and_a_pools_tenant_is_woken_while_a_job_carries() -> None:
    own = SeenLevel(target=LEVEL.collection, live=LEVEL.schema, tenants={"a": "COLD"})
    assert plan_level(LEVEL, own, CARRIED).steps == (CreateTenants(LEVEL.collection, {"b": "ACTIVE"}),)
    asleep = replace(POOL, tenants={SHARED.tenant_of_pool: "COLD"})
    assert plan_level(SHARED, asleep, CARRIED).steps == (
        SetTenantStates(SHARED.collection, {SHARED.tenant_of_pool: "ACTIVE"}),
    )


def test_what_a_freeze_has_switched_off_is_switched_on_in_place_once_the_collection_serves() -> None:
    level = wanted(tenancy("a", autoActivation=True, autoCreation=True))
    frozen = merged(level.schema, {"multiTenancyConfig": {"autoTenantActivation": False, "autoTenantCreation": False}})
    seen = SeenLevel(target=level.collection, live=frozen, tenants={"a": "HOT"}, made=Made("Later_R2", "later"))
    (step,) = plan_level(level, seen, Stance(on_drift="Warn")).steps
    assert isinstance(step, UpdateCollection)
    assert step.changes == {"multiTenancyConfig": {"autoTenantActivation": True, "autoTenantCreation": True}}
