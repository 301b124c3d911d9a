"""What is seen of a migration comes to a stage, to steps, and to a word about the object."""

from dataclasses import replace
from typing import Any

import pytest

from hirag_operator.plan.collection.migration.course import Course, Stage
from hirag_operator.plan.collection.migration.decide import decide
from hirag_operator.plan.collection.migration.notes import Checked, Freeze, Told
from hirag_operator.plan.collection.migration.seen import SeenMigration
from hirag_operator.plan.moves import BeginMigration, Holder
from hirag_operator.plan.steps import DeleteTenants
from tests.operator.plan.collection.migration.seen import (
    ANNOUNCED,
    BACK,
    C_FROM_B,
    COMPLETE,
    DAYS,
    FOLLOWING,
    FREEZE,
    FROZEN,
    GIVEN_UP,
    HOUR,
    NOW,
    PREVIOUS,
    RUNNING,
    SEALED,
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
            forward(holder("B", exists=False)),
            {},
            Stage.PREPARING,
            ["MigrationBegun", "CollectionCreated"],
            id="nothing of it is there: note what is begun, then make the new holder",
        ),
        pytest.param(
            forward(copy(count=3, job=None, told=())),
            {"shortage": "no room"},
            Stage.PREPARING,
            ["ChildApplied"],
            id="there is no room, but part of it was carried: go on",
        ),
        pytest.param(
            forward(copy(count=3)),
            {"shortage": "no room"},
            Stage.COPYING,
            [],
            id="there is no room any more, and the Job runs: it goes on",
        ),
        pytest.param(
            forward(holder("B", count=0)),
            {},
            Stage.PREPARING,
            ["MigrationBegun"],
            id="the new holder is there and empty: only note what is begun",
        ),
        pytest.param(
            forward(holder("B", exists=False), here=holder("A", note=Freeze(source="gone", over=True), job=COMPLETE)),
            {},
            Stage.PREPARING,
            ["ChildDeleted"],
            id="what serves was swapped for one that is gone: end its Job",
        ),
        pytest.param(
            forward(holder("B", exists=False), here=holder("A", note=Freeze(source="gone", over=True))),
            {},
            Stage.PREPARING,
            ["NoteCleared", "MigrationBegun", "CollectionCreated"],
            id="what serves was swapped for one that is gone: forget that first",
        ),
        pytest.param(
            forward(holder("B", exists=False, job=RUNNING)),
            {},
            Stage.PREPARING,
            ["ChildDeleted"],
            id="an earlier Job fills the new holder from elsewhere: end it before anything is begun",
        ),
        pytest.param(
            forward(holder("B", exists=False, job=job(deleted=True, pods=1))),
            {},
            Stage.PREPARING,
            [],
            id="pods of such a Job run still: wait for their end",
        ),
        pytest.param(
            forward(holder("C", exists=False), PREVIOUS, here=swapped(job=RUNNING)),
            {},
            Stage.PREPARING,
            [],
            id="the Job that filled what serves runs still: it may bring what was late, so wait",
        ),
        pytest.param(
            forward(holder("B", exists=False)),
            {"room": False},
            Stage.QUEUED,
            [],
            id="other migrations take all room: wait",
        ),
        pytest.param(
            forward(holder("B", exists=False)),
            {"first": "team-a/canary"},
            Stage.QUEUED,
            [],
            id="another collection goes first: wait",
        ),
        pytest.param(
            forward(copy(exists=False, count=None)),
            {},
            Stage.PREPARING,
            ["CollectionCreated"],
            id="begun, and the new holder is not there: make it, after a crash or another hand",
        ),
        pytest.param(
            forward(copy(job=None)),
            {},
            Stage.PREPARING,
            ["ChildApplied"],
            id="no Job: make it",
        ),
        pytest.param(
            forward(copy(job=None)),
            {"room": False},
            Stage.QUEUED,
            [],
            id="begun, and others took the last place meanwhile: wait with the Job",
        ),
        pytest.param(
            forward(copy(job=None, frozen=True)),
            {},
            Stage.PREPARING,
            ["WritesAllowed", "ChildApplied"],
            id="no Job, and the holder to fill is frozen: open it first",
        ),
        pytest.param(
            forward(copy(job=job(deleted=True, pods=1))),
            {},
            Stage.PREPARING,
            [],
            id="the Job was deleted and a pod of it runs still: wait",
        ),
        pytest.param(
            forward(copy(job=COMPLETE)),
            {},
            Stage.PREPARING,
            ["ChildDeleted"],
            id="the Job ended before the swap: make it anew",
        ),
        pytest.param(
            forward(copy(job=job(state="Failed", generation=2))),
            {},
            Stage.PREPARING,
            ["ChildDeleted"],
            id="the Job failed and the declaration has changed since: make it anew",
        ),
        pytest.param(forward(copy(Told())), {}, Stage.COPYING, [], id="a share copies: wait"),
        pytest.param(
            forward(copy(FOLLOWING, Told(phase="checking"))),
            {},
            Stage.CHECKING,
            [],
            id="one share follows and another compares: wait",
        ),
        pytest.param(
            forward(copy(replace(FOLLOWING, at=0))),
            {},
            Stage.CATCHING_UP,
            [],
            id="a share follows that has not spoken since the operator did: no freeze without a sign of life",
        ),
        pytest.param(
            forward(copy(FOLLOWING)), {}, Stage.SWAPPING, FREEZE, id="all shares follow: freeze, seal and swap at once"
        ),
        pytest.param(
            forward(copy(note=ANNOUNCED)),
            {},
            Stage.CATCHING_UP,
            GIVEN_UP,
            id="a crash behind the announcement of a freeze: give it up, the note first",
        ),
        pytest.param(
            forward(copy(FOLLOWING, note=FROZEN), here=holder("A", frozen=True)),
            {},
            Stage.CATCHING_UP,
            GIVEN_UP,
            id="a freeze that was not sealed in time: give it up",
        ),
        pytest.param(
            forward(copy(SEALED, note=FROZEN), here=holder("A", frozen=True)),
            {},
            Stage.SWAPPING,
            ["AliasSwapped", "MigrationSwapped"],
            id="a crash behind the seal, and the source is frozen still: swap",
        ),
        pytest.param(
            forward(copy(SEALED, note=FROZEN)),
            {},
            Stage.CATCHING_UP,
            GIVEN_UP,
            id="sealed, but Weaviate has opened the shards since: give the freeze up",
        ),
        pytest.param(
            forward(copy(SEALED, FOLLOWING, note=FROZEN), here=holder("A", frozen=True)),
            {},
            Stage.CATCHING_UP,
            GIVEN_UP,
            id="one of two shares has sealed: that is no seal",
        ),
        pytest.param(
            at_rest(copy(SEALED, note=FROZEN), holder("A", frozen=True)),
            {},
            Stage.SWAPPING,
            ["MigrationSwapped"],
            id="a crash behind the swap: note it",
        ),
        pytest.param(
            forward(
                holder("B", count=5, note=Freeze(source="A", over=True, at=NOW)),
                holder("A"),
                here=holder("C", note=C_FROM_B),
            ),
            {"keep_previous": True},
            Stage.PREPARING,
            ["MigrationBegun"],
            id="the same where previous holders are kept: it stays",
        ),
    ],
)
def test_what_is_seen_comes_to(seen: SeenMigration, agreed: dict[str, Any], stage: Stage, steps: list[str]) -> None:
    course = come_to(seen, terms(**agreed))
    assert (course.stage, reasons(course)) == (stage, steps)


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(at_rest(holder("A")), id="what is declared serves"),
        pytest.param(at_rest(holder("A"), holder("X", count=5)), id="beside it is one of which nothing is known"),
    ],
)
def test_nothing_is_to_be_done(seen: SeenMigration) -> None:
    assert decide(seen, terms()) is None


@pytest.mark.parametrize("recall", [None, 0.9, 1.0])
def test_a_copy_that_verifies_is_swapped(recall: float | None) -> None:
    course = come_to(forward(copy(replace(FOLLOWING, checked=Checked(equal=5, recall=recall)))), terms())
    assert reasons(course) == FREEZE


def test_what_is_filled_first_is_noted_with_the_plan() -> None:
    course = come_to(forward(holder("B", exists=False)), terms())
    begun = next(step for step in course.steps if isinstance(step, BeginMigration))
    assert begun.said == Freeze(source="A", plan="abc").to_wire()


def test_the_job_is_told_from_where_to_where_and_since_when() -> None:
    (_, applied) = come_to(forward(replace(PREVIOUS, note=BACK), here=swapped()), terms()).steps
    assert str(applied) == f"Applied Job B to A since {NOW - HOUR - 9}"


def test_a_tenant_of_a_pool_goes_alone() -> None:
    here = replace(swapped(note=Freeze(source="P1/team", over=True)), holder=Holder("P2", "team"))
    previous = replace(PREVIOUS, holder=Holder("P1", "team"))
    course = come_to(at_rest(here, previous), terms(**DAYS))
    assert course.steps[0] == DeleteTenants("P1", ("team",))


def test_figures_of_shares_come_together_once_each_has_spoken() -> None:
    first = Told(done=3, total=10, rate=1.5, checked=Checked(equal=3, unlike=1, named=("a",), recall=0.99))
    second = Told(done=4, total=11, rate=2.0, checked=Checked(equal=4, named=("b",)))
    course = Course(Stage.COPYING, Holder("A"), Holder("B"), told=(second, first))
    assert (course.done, course.total, course.rate) == (7, 21, 3.5)
    assert course.checked == Checked(equal=7, unlike=1, named=("b", "a"), recall=0.99)
    silent = replace(course, told=(first, Told()))
    assert (silent.total, silent.checked) == (None, None)
