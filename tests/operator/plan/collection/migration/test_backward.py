"""What is seen of a level that goes back, soaks, or is not to move after all comes to a stage and to steps."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.migration.course import Stage
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.collection.migration.seen import SeenMigration
from hirag_operator.plan.moves import BeginMigration, Holder
from tests.operator.plan.collection.migration.seen import (
    ANNOUNCED,
    BACK,
    C_FROM_B,
    COMPLETE,
    DAYS,
    FOLLOWING,
    GIVEN_UP,
    HOUR,
    NOW,
    PREVIOUS,
    RUNNING,
    at_rest,
    come_to,
    copy,
    forward,
    holder,
    job,
    reasons,
    swapped,
    terms,
)


@pytest.mark.parametrize(
    ("seen", "agreed", "stage", "steps"),
    [
        pytest.param(
            forward(PREVIOUS, here=swapped()),
            {"shortage": "no room"},
            Stage.PREPARING,
            ["MigrationBegun"],
            id="there is no room, and none is needed to go back",
        ),
        pytest.param(
            forward(replace(PREVIOUS, note=BACK), here=swapped()),
            {"room": False},
            Stage.PREPARING,
            ["WritesAllowed", "ChildApplied"],
            id="the way back waits for no place",
        ),
        pytest.param(
            at_rest(copy(FOLLOWING), holder("A")),
            {},
            Stage.COPYING,
            ["AliasMoved"],
            id="another hand has moved the alias to a copy: move it back",
        ),
        pytest.param(
            at_rest(holder("A"), copy()),
            {},
            Stage.ABORTING,
            ["ChildDeleted"],
            id="the copy is not wanted any more: end its Job first",
        ),
        pytest.param(
            at_rest(holder("A"), copy(job=job(deleted=True, pods=2))),
            {},
            Stage.ABORTING,
            [],
            id="its pods run still: wait, for they would write to what is removed",
        ),
        pytest.param(
            at_rest(holder("A"), copy(job=job(state="Failed", pods=1))),
            {},
            Stage.ABORTING,
            ["ChildDeleted"],
            id="its Job failed and a pod runs still: delete the Job, and wait",
        ),
        pytest.param(
            at_rest(holder("A"), copy(job=job(state="Failed"))),
            {},
            Stage.ABORTING,
            ["ChildDeleted", "CollectionDeleted", "NoteCleared"],
            id="its Job has ended: remove all of it, the note by which it is known last",
        ),
        pytest.param(
            at_rest(holder("A"), copy(job=None)),
            {},
            Stage.ABORTING,
            ["CollectionDeleted", "NoteCleared"],
            id="it has no Job: remove it",
        ),
        pytest.param(
            at_rest(holder("A", frozen=True), copy(note=ANNOUNCED)),
            {},
            Stage.ABORTING,
            GIVEN_UP,
            id="an unwanted copy in a freeze: writes come first",
        ),
        pytest.param(
            forward(holder("C", exists=False), copy(job=None)),
            {},
            Stage.ABORTING,
            ["CollectionDeleted", "NoteCleared"],
            id="another holder is wanted than the one that is filled: that is taken back first",
        ),
        pytest.param(
            at_rest(swapped(), replace(PREVIOUS, note=BACK)),
            {},
            Stage.ABORTING,
            ["NoteCleared"],
            id="the way back is given up: the previous holder is kept for what remains of its soak",
        ),
        pytest.param(
            forward(PREVIOUS, here=swapped(job=COMPLETE)),
            {},
            Stage.PREPARING,
            ["MigrationBegun"],
            id="back to the previous holder: no approval, no room, nothing to make",
        ),
        pytest.param(
            forward(replace(PREVIOUS, note=BACK), here=swapped()),
            {},
            Stage.PREPARING,
            ["WritesAllowed", "ChildApplied"],
            id="on the way back: open the holder, and fill it",
        ),
        pytest.param(
            forward(
                holder("B", count=5, note=Freeze(source="A", over=True, at=NOW)),
                holder("A", job=COMPLETE),
                here=holder("C", note=C_FROM_B),
            ),
            {},
            Stage.REMOVING,
            ["ChildDeleted", "CollectionDeleted"],
            id="back to one that has a previous holder of its own: that is removed, for its note is overwritten",
        ),
        pytest.param(at_rest(swapped(), PREVIOUS), {}, Stage.SOAKING, [], id="swapped: the previous holder is kept"),
        pytest.param(
            at_rest(swapped(), PREVIOUS),
            {**DAYS, "keep_previous": True},
            Stage.KEPT,
            [],
            id="swapped, and previous holders are kept for good",
        ),
        pytest.param(
            at_rest(swapped(job=RUNNING), PREVIOUS),
            DAYS,
            Stage.SOAKING,
            [],
            id="the soak is over and the Job not: it may bring what was late",
        ),
        pytest.param(
            at_rest(swapped(job=COMPLETE), PREVIOUS),
            DAYS,
            Stage.REMOVING,
            ["CollectionDeleted", "NoteCleared"],
            id="the soak is over: remove the previous holder, then the Job and the note",
        ),
        pytest.param(
            at_rest(swapped(job=COMPLETE), replace(PREVIOUS, note=Freeze(source="B", over=True), job=COMPLETE)),
            DAYS,
            Stage.REMOVING,
            ["ChildDeleted", "NoteCleared", "CollectionDeleted", "NoteCleared"],
            id="the previous holder was filled once too: what is left of that goes before it",
        ),
        pytest.param(
            at_rest(swapped(job=COMPLETE)),
            {},
            Stage.REMOVING,
            ["NoteCleared", "ChildDeleted"],
            id="the previous holder is gone: forget the migration",
        ),
        pytest.param(
            at_rest(holder("A", job=COMPLETE)),
            {},
            Stage.REMOVING,
            ["ChildDeleted"],
            id="a Job alone is left: remove it",
        ),
        pytest.param(
            at_rest(holder("C", note=C_FROM_B), swapped(job=COMPLETE), holder("A")),
            DAYS,
            Stage.REMOVING,
            ["CollectionDeleted", "ChildDeleted", "NoteCleared"],
            id="two swaps ago: the oldest goes when its own soak is over",
        ),
        pytest.param(
            at_rest(holder("C", note=C_FROM_B), swapped(), holder("A")),
            {},
            Stage.SOAKING,
            [],
            id="two swaps ago, within its soak: it stays",
        ),
        pytest.param(
            at_rest(holder("C", note=C_FROM_B), swapped(), holder("A")),
            {**DAYS, "keep_previous": True},
            Stage.KEPT,
            [],
            id="two swaps ago, and previous holders are kept: it stays",
        ),
        pytest.param(
            at_rest(
                holder("C", note=Freeze(source="A", over=True, at=NOW)),
                holder("B", note=Freeze(source="A", over=True, at=0)),
                holder("A", note=Freeze(source="B", over=True, at=NOW)),
            ),
            {},
            Stage.SOAKING,
            [],
            id="notes in a circle, as a way back leaves them: the previous holder keeps its soak",
        ),
    ],
)
def test_what_is_seen_comes_to(seen: SeenMigration, agreed: dict[str, Any], stage: Stage, steps: list[str]) -> None:
    course = come_to(seen, terms(**agreed))
    assert (course.stage, reasons(course)) == (stage, steps)


def test_the_way_back_is_noted_with_the_time_as_of_which_nothing_has_to_be_carried() -> None:
    begun = next(s for s in come_to(forward(PREVIOUS, here=swapped()), terms()).steps if isinstance(s, BeginMigration))
    assert begun.target == Holder("A")
    assert begun.said == Freeze(source="B", since_ms=NOW - HOUR - 9, plan="abc").to_wire()


def test_what_is_gone_back_to_from_a_plan_that_is_not_wanted_came_by_none() -> None:
    course = come_to(forward(PREVIOUS, here=swapped()), terms(undone=Holder("B")))
    begun = next(step for step in course.steps if isinstance(step, BeginMigration))
    assert begun.said == Freeze(source="B", since_ms=NOW - HOUR - 9).to_wire()


@pytest.mark.parametrize(
    ("seen", "agreed", "stage", "steps"),
    [
        pytest.param(at_rest(holder("A")), {}, Stage.ROLLED_BACK, [], id="nothing else is left: it stays so"),
        pytest.param(
            at_rest(holder("A", note=Freeze(source="B", over=True, at=NOW)), swapped()),
            {},
            Stage.ROLLED_BACK,
            [],
            id="the other is kept for its soak",
        ),
        pytest.param(
            at_rest(holder("A", note=Freeze(source="B", over=True, at=0)), holder("B")),
            {},
            Stage.REMOVING,
            ["CollectionDeleted", "NoteCleared"],
            id="its soak is over: it goes",
        ),
        pytest.param(
            at_rest(holder("A"), copy()),
            {},
            Stage.ABORTING,
            ["ChildDeleted"],
            id="a copy was begun: it is taken back",
        ),
    ],
)
def test_where_the_plan_is_not_wanted(
    seen: SeenMigration, agreed: dict[str, Any], stage: Stage, steps: list[str]
) -> None:
    course = come_to(seen, terms(undone=Holder("B"), **agreed))
    assert (course.stage, reasons(course)[: len(steps)]) == (stage, steps)
    if stage is not Stage.ABORTING:
        assert course.verdict is not None
        assert course.verdict.reason is Reason.ROLLED_BACK
        assert "annotation hirag.dev/rollback says that plan abc is not wanted" in course.verdict.message


def test_a_soak_is_looked_at_again_when_it_ends_but_within_a_minute() -> None:
    nearly = timedelta(hours=1, seconds=20)
    assert come_to(at_rest(swapped(), PREVIOUS), terms(soak=nearly)).within == 20.0
    assert come_to(at_rest(swapped(), PREVIOUS), terms()).within == 60.0
