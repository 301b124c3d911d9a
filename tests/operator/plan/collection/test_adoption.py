"""When a level is filled from a collection of others: where it is made, and never where it is there."""

from dataclasses import replace
from typing import Any

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.adoption import fills_as_declared, of_no_effect
from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.deletion import Departing, plan_deletion
from hirag_operator.plan.collection.made import Made
from hirag_operator.plan.collection.migration.target import making
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.stamp import read_stamp, stamped
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.steps import CreateAlias, CreateCollection
from tests.operator.plan.objects import wanted

ADOPT = {"levels": {"longTerm": {"adoptFrom": {"collection": "Legacy", "vectors": "Copy"}}}}
LEVEL, PLAIN = wanted(ADOPT), wanted()
ALIAS, NAME = LEVEL.place.alias, LEVEL.collection
COPY = stamped(LEVEL.schema, replace(LEVEL.stamp, adopted="Legacy"))
MADE = Made(NAME, LEVEL.settings)


@pytest.mark.parametrize(
    ("level", "seen", "adopts", "wants"),
    [
        pytest.param(LEVEL, SeenLevel(), True, True, id="never made: it is filled"),
        pytest.param(LEVEL, SeenLevel(holders=(COPY,), standing=COPY, filling=(NAME,)), True, True, id="being filled"),
        pytest.param(
            LEVEL, SeenLevel(holders=(COPY,), standing=COPY), True, True, id="nothing is noted: not taken for whole"
        ),
        pytest.param(
            LEVEL, SeenLevel(target=NAME, live=COPY, filling=(NAME,)), True, True, id="a crash behind the alias"
        ),
        pytest.param(
            PLAIN, SeenLevel(holders=(COPY,), standing=COPY, filling=(NAME,)), True, False, id="to be taken back"
        ),
        pytest.param(LEVEL, SeenLevel(target=NAME, live=COPY), False, False, id="served: never again"),
        pytest.param(LEVEL, SeenLevel(target=NAME, live=LEVEL.schema), False, False, id="made otherwise: never at all"),
        pytest.param(
            LEVEL, SeenLevel(holders=(COPY,), standing=COPY, made=MADE), False, False, id="served once: alias put back"
        ),
        pytest.param(LEVEL, SeenLevel(made=MADE), False, False, id="lost: told, and not filled with what is old"),
        pytest.param(
            LEVEL, SeenLevel(holders=(LEVEL.schema,), standing=LEVEL.schema), False, False, id="retained: taken up"
        ),
        pytest.param(PLAIN, SeenLevel(holders=(COPY,), standing=COPY), False, False, id="kept when it was taken back"),
        pytest.param(LEVEL, SeenLevel(clash=True), False, False, id="another collection has the alias's name"),
    ],
)
def test_when_a_level_is_filled(level: Any, seen: SeenLevel, *, adopts: bool, wants: bool) -> None:
    plan = plan_level(level, seen)
    assert (plan.adopting, plan.pending is not None) == (adopts, wants)
    assert not (adopts and (plan.steps or plan.problem))


def test_what_is_not_filled_goes_its_usual_way() -> None:
    assert plan_level(PLAIN, SeenLevel(holders=(COPY,), standing=COPY)).steps == (CreateAlias(ALIAS, NAME),)
    assert plan_level(LEVEL, SeenLevel(target=NAME, live=COPY)).settled
    lost = plan_level(LEVEL, SeenLevel(made=MADE)).problem
    assert lost is not None
    assert lost.reason is Reason.COLLECTION_MISSING


@pytest.mark.parametrize(
    ("stamp", "goes_on"),
    [
        ({"adopted": "Legacy", "adopted_vectors": "Copy"}, True),
        ({"adopted": "Legacy", "adopted_vectors": "Embed"}, False),
        ({"adopted": "Other", "adopted_vectors": "Copy"}, False),
    ],
)
def test_a_copy_of_something_else_is_begun_anew(stamp: dict[str, str], *, goes_on: bool) -> None:
    copy = stamped(LEVEL.schema, replace(LEVEL.stamp, **stamp))
    assert fills_as_declared(LEVEL, copy) is goes_on
    assert not fills_as_declared(PLAIN, copy)
    assert not fills_as_declared(wanted({**ADOPT, "invertedIndex": {"indexNullState": True}}), copy)


def test_a_clash_of_names_is_explained_with_the_way_out() -> None:
    problem = plan_level(PLAIN, SeenLevel(clash=True)).problem
    assert problem is not None
    assert problem.reason is Reason.CONFLICT
    assert f"spec.levels.longTerm.adoptFrom.collection: {ALIAS} and freezeSource: true" in problem.message
    own = wanted({"levels": {"longTerm": {"adoptFrom": {"collection": ALIAS}}}})
    assert plan_level(own, SeenLevel(clash=True)).adopting


@pytest.mark.parametrize(
    ("live", "told"),
    [
        (COPY, ""),
        (LEVEL.schema, "was not made from another collection"),
        (stamped(LEVEL.schema, replace(LEVEL.stamp, adopted="Other")), "it was made from Other"),
    ],
)
def test_a_declaration_without_effect_is_told(live: dict[str, Any], told: str) -> None:
    why = of_no_effect(plan_level(LEVEL, SeenLevel(target=NAME, live=live)))
    assert told in why
    assert bool(why) is bool(told)


def test_a_later_revision_says_where_the_level_comes_from() -> None:
    later = wanted({**ADOPT, "invertedIndex": {"indexNullState": True}})
    (made,) = making(later, Holder(later.collection), COPY, exists=False)
    assert isinstance(made, CreateCollection)
    stamp = read_stamp(made.schema)
    assert stamp is not None
    assert (stamp.adopted, stamp.revision) == ("Legacy", later.stamp.revision)


def test_what_is_noted_of_a_copy_goes_with_its_object() -> None:
    leaving = Departing("default", "team-a", "handbook")
    steps = plan_deletion(leaving, {}, [COPY, {"class": "Legacy"}], {})
    assert [step.reason for step in steps] == ["CollectionDeleted", "NoteCleared"]
