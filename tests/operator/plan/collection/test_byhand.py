"""What a level comes to whose declaration was met once and is no more, though nobody changed it."""

from typing import Any

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.levelplan import Stance
from hirag_operator.plan.collection.made import Made
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.merge import merged
from hirag_operator.plan.steps import CreateTenants, SetTenantStates, UpdateCollection
from tests.operator.plan.objects import wanted

LEVEL = wanted({"multiTenancy": {"enabled": True, "tenants": [{"name": "a"}, {"name": "b", "state": "Inactive"}]}})
NAME, MET = LEVEL.collection, Made(LEVEL.collection, LEVEL.settings)
OTHER_EF = merged(LEVEL.schema, {"vectorIndexConfig": {"ef": 7}})
ALL = {"a": "HOT", "b": "COLD"}
PUT_BACK = UpdateCollection(NAME, {"vectorIndexConfig": {"ef": -1}}, ("vectorIndexConfig.ef",))


def seen(schema: Any = LEVEL.schema, tenants: Any = ALL, made: Made | None = MET) -> SeenLevel:
    return SeenLevel(target=NAME, live=schema, tenants=tenants, made=made)


@pytest.mark.parametrize(
    ("look", "steps", "told"),
    [
        pytest.param(seen(OTHER_EF), (PUT_BACK,), "vectorIndexConfig.ef", id="a setting"),
        pytest.param(
            seen(tenants={"a": "COLD", "b": "COLD"}),
            (SetTenantStates(NAME, {"a": "ACTIVE"}),),
            "tenants (1 in another state)",
            id="a tenant's state",
        ),
    ],
)
def test_what_another_hand_changed_is_put_back_and_told_or_only_told(
    look: SeenLevel, steps: tuple[Any, ...], told: str
) -> None:
    plan = plan_level(LEVEL, look)
    assert (plan.steps, plan.problem, plan.drift) == (steps, None, ())
    assert plan.news is not None
    assert plan.news.reason is Reason.DRIFT_CORRECTED
    assert told in plan.news.note

    warned = plan_level(LEVEL, look, Stance(on_drift="Warn"))
    assert (warned.steps, warned.problem, warned.news) == ((), None, None)
    assert warned.drift == (f"longTerm: {told}",)


def test_without_a_record_or_after_an_edit_of_the_spec_nothing_is_by_hand() -> None:
    for made in (None, Made(NAME, "earlier")):
        plan = plan_level(LEVEL, seen(OTHER_EF, {"b": "COLD"}, made), Stance(on_drift="Warn"))
        assert plan.steps == (PUT_BACK, CreateTenants(NAME, {"a": "ACTIVE"}))
        assert (plan.problem, plan.news, plan.drift) == (None, None, ())


def test_tenants_deleted_by_hand_are_lost_data_which_is_reported_while_the_rest_is_put_back() -> None:
    plan = plan_level(LEVEL, seen(OTHER_EF, {"b": "COLD"}))
    assert plan.steps == (PUT_BACK,)
    assert plan.problem is not None
    assert plan.problem.reason is Reason.COLLECTION_MISSING
    assert "1 tenants (a) of longTerm were deleted behind the operator's back" in plan.problem.message


@pytest.mark.parametrize("on_drift", ["Enforce", "Warn"])
def test_they_are_made_anew_and_empty_where_the_spec_says_so(on_drift: Any) -> None:
    plan = plan_level(LEVEL, seen(tenants={"b": "COLD"}), Stance(on_drift=on_drift, on_loss="Recreate"))
    assert (plan.steps, plan.problem) == ((CreateTenants(NAME, {"a": "ACTIVE"}),), None)
    assert plan.news is not None
    assert plan.news.reason is Reason.COLLECTION_RECREATED
