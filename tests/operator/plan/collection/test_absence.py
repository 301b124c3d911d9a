"""What a level comes to whose alias does not lead to its data, by what the record says and the object's policies."""

from typing import Any

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.levelplan import Stance
from hirag_operator.plan.collection.made import Made
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.steps import CreateAlias, CreateCollection, CreateTenants, MoveAlias
from hirag_operator.plan.verdict import State
from tests.operator.plan.objects import wanted

Json = dict[str, Any]

LEVEL = wanted()
ALIAS, NAME, LIVE = LEVEL.place.alias, LEVEL.collection, LEVEL.schema
BARE = {**LIVE, "moduleConfig": {}}
ANOTHERS = wanted(instance="blue").schema
EARLIER = wanted(index={"distance": "dot"}).schema  # ours, of another revision
MADE = Made(NAME, LEVEL.settings)
TENANTS = wanted({"multiTenancy": {"enabled": True, "tenants": [{"name": "a"}]}})

WARN = Stance(on_drift="Warn")
RECREATE = Stance(on_loss="Recreate")
CREATED = (CreateCollection(LIVE), CreateAlias(ALIAS, NAME))


@pytest.mark.parametrize(
    ("seen", "steps"),
    [
        pytest.param(SeenLevel(), CREATED, id="never made: make it"),
        pytest.param(
            SeenLevel(standing=LIVE, holders=(LIVE,)),
            (CreateAlias(ALIAS, NAME),),
            id="a collection without its alias, left by a crash: point the alias at it",
        ),
        pytest.param(
            SeenLevel(holders=(EARLIER,)),
            (CreateAlias(ALIAS, str(EARLIER["class"])),),
            id="an earlier revision without its alias, retained: take it up again",
        ),
    ],
)
def test_without_a_record_what_is_left_is_taken_up_and_what_is_not_is_made(
    seen: SeenLevel, steps: tuple[Any, ...]
) -> None:
    plan = plan_level(LEVEL, seen)
    assert (plan.steps, plan.problem, plan.news) == (steps, None, None)


@pytest.mark.parametrize(
    ("seen", "steps", "reason", "told"),
    [
        pytest.param(
            SeenLevel(holders=(LIVE,), standing=LIVE, made=MADE),
            (CreateAlias(ALIAS, NAME),),
            Reason.DRIFT_CORRECTED,
            f"alias {ALIAS} was removed by another hand",
            id="the alias was removed by hand: made again",
        ),
        pytest.param(
            SeenLevel(target="Other", live={"class": "Other"}, holders=(LIVE,), standing=LIVE, made=MADE),
            (MoveAlias(ALIAS, NAME),),
            Reason.DRIFT_CORRECTED,
            f"alias {ALIAS} was pointed at Other by another hand",
            id="the alias was moved by hand: moved back",
        ),
        pytest.param(
            SeenLevel(holders=(EARLIER, LIVE), standing=LIVE, made=Made(str(EARLIER["class"]), "x")),
            (CreateAlias(ALIAS, str(EARLIER["class"])),),
            Reason.DRIFT_CORRECTED,
            "was removed",
            id="two could be meant and the record says which",
        ),
    ],
)
def test_with_a_record_an_alias_changed_by_hand_is_put_back_and_told(
    seen: SeenLevel, steps: tuple[Any, ...], reason: Reason, told: str
) -> None:
    plan = plan_level(LEVEL, seen)
    assert (plan.steps, plan.problem) == (steps, None)
    assert plan.news is not None
    assert plan.news.reason is reason
    assert told in plan.news.note


LOST = [
    pytest.param(LEVEL, SeenLevel(made=MADE), CREATED, id="collection and alias are gone"),
    pytest.param(LEVEL, SeenLevel(target=NAME), (CreateCollection(LIVE),), id="the alias points at nothing"),
    pytest.param(
        LEVEL,
        SeenLevel(target=str(EARLIER["class"])),
        (CreateCollection(LIVE), MoveAlias(ALIAS, NAME)),
        id="the alias points at an earlier revision that is gone",
    ),
    pytest.param(
        TENANTS,
        SeenLevel(target=TENANTS.collection, made=Made(TENANTS.collection, "x")),
        (CreateCollection(TENANTS.schema), CreateTenants(TENANTS.collection, {"a": "ACTIVE"})),
        id="with its tenants",
    ),
]


@pytest.mark.parametrize(("level", "seen", "steps"), LOST)
def test_data_deleted_behind_our_back_is_reported_and_nothing_is_made(
    level: Any, seen: SeenLevel, steps: tuple[Any, ...]
) -> None:
    plan = plan_level(level, seen)
    assert plan.steps != steps
    assert plan.steps == ()
    assert plan.problem is not None
    assert (plan.problem.state, plan.problem.reason) == (State.STALLED, Reason.COLLECTION_MISSING)
    assert "set spec.lossPolicy to Recreate" in plan.problem.message


@pytest.mark.parametrize(("level", "seen", "steps"), LOST)
def test_it_is_made_anew_with_an_event_where_the_spec_says_so(
    level: Any, seen: SeenLevel, steps: tuple[Any, ...]
) -> None:
    plan = plan_level(level, seen, RECREATE)
    assert (plan.steps, plan.problem) == (steps, None)
    assert plan.news is not None
    assert plan.news.reason is Reason.COLLECTION_RECREATED


@pytest.mark.parametrize(
    ("seen", "stance", "reason", "told"),
    [
        pytest.param(
            SeenLevel(clash=True), Stance(), Reason.CONFLICT, "a collection of that very name", id="a bare class's name"
        ),
        pytest.param(
            SeenLevel(target=NAME, live=BARE),
            Stance(),
            Reason.CONFLICT,
            "which this operator did not make",
            id="a collection without stamp",
        ),
        pytest.param(
            SeenLevel(target=NAME, live=ANOTHERS),
            Stance(),
            Reason.CONFLICT,
            "operator instance 'blue'",
            id="another operator's collection",
        ),
        pytest.param(
            SeenLevel(standing=BARE),
            RECREATE,
            Reason.CONFLICT,
            f"collection {NAME} exists",
            id="a stranger's collection of the wanted name",
        ),
        pytest.param(
            SeenLevel(standing=BARE, target="Gone_R1"),
            RECREATE,
            Reason.CONFLICT,
            f"collection {NAME} exists",
            id="a stranger's collection where a lost one is to be made anew",
        ),
        pytest.param(
            SeenLevel(holders=(LIVE, EARLIER)),
            Stance(),
            Reason.REVISION_AMBIGUOUS,
            f"{NAME}, {EARLIER['class']}",
            id="two collections that the lost alias could mean",
        ),
        pytest.param(
            SeenLevel(holders=(LIVE,), standing=LIVE, made=MADE),
            WARN,
            Reason.DRIFTED,
            f"alias {ALIAS} was removed by another hand",
            id="an alias removed by hand, only to be reported",
        ),
        pytest.param(
            SeenLevel(target="Other", live={"class": "Other"}, holders=(LIVE,), standing=LIVE, made=MADE),
            WARN,
            Reason.DRIFTED,
            f"point it at {NAME}",
            id="an alias moved by hand, only to be reported",
        ),
        pytest.param(
            SeenLevel(target="Other", live={"class": "Other"}, made=MADE),
            RECREATE,
            Reason.CONFLICT,
            "it points at collection Other",
            id="an alias moved by hand whose own collection is gone",
        ),
    ],
)
def test_what_a_person_must_solve_is_told_and_left_alone(
    seen: SeenLevel, stance: Stance, reason: Reason, told: str
) -> None:
    plan = plan_level(LEVEL, seen, stance)
    assert plan.steps == ()
    assert plan.problem is not None
    assert (plan.problem.state, plan.problem.reason) == (State.STALLED, reason)
    assert told in plan.problem.message
