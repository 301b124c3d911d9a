"""A level whose plan is not wanted is wanted as the collection that holds its data, or held it."""

from dataclasses import replace
from typing import Any

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.contextcollection import judge, plan_level
from hirag_operator.plan.collection.levelplan import LevelPlan, Pending
from hirag_operator.plan.collection.levels import Embedding, WantedLevel
from hirag_operator.plan.collection.migration.course import Course, Stage
from hirag_operator.plan.collection.migration.target import declared, plan_name, target_of
from hirag_operator.plan.collection.rollback import as_before, fingerprint_of
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.verdict import Verdict, stalled, working
from tests.operator.plan.objects import EMBEDDING, wanted

NEW = wanted(index={"distance": "dot"})
OLD = wanted()
SHARED = wanted({"placement": "Shared"})
OTHER_VECTORS = wanted(embedding=Embedding("g" * 26, EMBEDDING.transformers_root))
TENANTS: dict[str, Any] = {"multiTenancy": {"enabled": True, "autoActivation": True}}
PLAN = "abi552zrvt"


def back(level: WantedLevel, before: WantedLevel) -> WantedLevel:
    found = as_before(level, PLAN, before.schema)
    assert found is not None
    return found


def served_by(schema: dict[str, Any], **others: Any) -> SeenLevel:
    return SeenLevel(target=str(schema["class"]), live=schema, **others)


@pytest.mark.parametrize(
    ("level", "before", "change_class", "told"),
    [
        pytest.param(NEW, OLD, "build", "vectorIndexConfig.distance ('cosine' → 'dot')", id="another index"),
        pytest.param(OTHER_VECTORS, OLD, "embed", "embedding fingerprint", id="another model"),
        pytest.param(SHARED, OLD, "build", "placement (Dedicated → Shared)", id="into a pool"),
        pytest.param(OLD, SHARED, "build", "placement (Shared → Dedicated)", id="out of a pool"),
    ],
)
def test_a_level_goes_back_to_what_it_was_swapped_for_and_stays_there(
    level: WantedLevel, before: WantedLevel, change_class: str, told: str
) -> None:
    wish = back(level, before)
    tenants = {level.tenant_of_pool: "HOT"}
    going = plan_level(wish, served_by(level.schema, tenants=tenants))
    assert going.pending is not None
    assert going.problem is None
    assert (going.pending.change_class, going.steps) == (change_class, ())
    assert str(going.pending).startswith(f"plan {PLAN} undone; {told}")
    assert target_of(wish, [before.schema]) == Holder(before.collection, wish.place.tenant)
    there = plan_level(wish, served_by(before.schema, tenants=tenants))
    assert (there.pending, there.problem, there.steps) == (None, None, ())
    assert there.moves
    assert not there.at_rest


def test_what_weaviate_has_left_out_for_being_false_is_no_reason_to_stay() -> None:
    """Its answer has no field that is false, so the live schemas alone would seem alike."""
    level = wanted({"invertedIndex": {"indexNullState": True}})
    schema = {**OLD.schema, "invertedIndexConfig": {**OLD.schema["invertedIndexConfig"]}}
    del schema["invertedIndexConfig"]["indexNullState"]
    wish = as_before(level, PLAN, schema)
    assert wish is not None
    assert plan_level(wish, served_by(level.schema)).pending is not None


@pytest.mark.parametrize(
    ("level", "before"),
    [
        pytest.param(OLD, OLD.schema, id="as declared"),
        pytest.param(wanted(index={"hnsw": {"ef": 200}}), OLD.schema, id="but for what is hot"),
        pytest.param(NEW, {**OLD.schema, "moduleConfig": {}}, id="of somebody else"),
    ],
)
def test_what_no_migration_would_change_is_wanted_as_declared(level: WantedLevel, before: dict[str, Any]) -> None:
    assert as_before(level, PLAN, before) is None


def test_hot_settings_stay_as_they_are_there() -> None:
    level = wanted(index={"distance": "dot", "hnsw": {"ef": 200}})
    assert plan_level(back(level, OLD), served_by(OLD.schema)).steps == ()


def test_tenants_are_woken_and_made_as_declared_once_it_serves() -> None:
    """It is off on what is kept, and nothing else would ever put it on again."""
    old, new = wanted(TENANTS), wanted(TENANTS, index={"distance": "dot"})
    kept = {**old.schema["multiTenancyConfig"], "autoTenantActivation": False}
    wish = as_before(new, PLAN, {**old.schema, "multiTenancyConfig": kept})
    assert wish is not None
    steps = plan_level(wish, served_by({**old.schema, "multiTenancyConfig": kept}, tenants={})).steps
    assert [getattr(step, "changes", None) for step in steps] == [
        {"multiTenancyConfig": {"autoTenantActivation": True}}
    ]


def test_the_plan_goes_by_what_is_declared() -> None:
    wish = back(NEW, OLD)
    assert declared(wish) == NEW
    assert plan_name([declared(wish)]) == plan_name([NEW]) != plan_name([wish])


def test_all_levels_are_to_have_vectors_of_one_model() -> None:
    old = OLD.stamp.fingerprint
    assert fingerprint_of([back(OTHER_VECTORS, OLD)], []) == old
    assert fingerprint_of([back(OTHER_VECTORS, OLD)], [OLD.schema]) == old
    assert fingerprint_of([back(OTHER_VECTORS, OLD)], [OTHER_VECTORS.schema]) is None


ROLLED_BACK = stalled(Reason.ROLLED_BACK, "longTerm is back.")
GOES_ON = working(Reason.MIGRATING, "shortTerm goes back.")
FAILED = stalled(Reason.MIGRATION_FAILED, "shortTerm failed.")


@pytest.mark.parametrize(
    ("verdicts", "reason"),
    [
        ([ROLLED_BACK], Reason.ROLLED_BACK),
        ([ROLLED_BACK, GOES_ON], Reason.MIGRATING),
        ([ROLLED_BACK, FAILED, GOES_ON], Reason.MIGRATION_FAILED),
    ],
)
def test_it_is_rolled_back_once_all_levels_are(verdicts: list[Verdict], reason: Reason) -> None:
    wish, pending = back(NEW, OLD), Pending(("x",), "build")
    plans = [
        LevelPlan(
            replace(wish, level=str(number)),
            served_by(OLD.schema),
            pending=pending,
            course=Course(Stage.COPYING, Holder("A"), Holder("B"), verdict=verdict),
        )
        for number, verdict in enumerate(verdicts)
    ]
    found = judge(plans)
    assert found.reason is reason
    assert all(one.message in found.message for one in verdicts)
