"""Freezing a collection with tenants of its own, and opening it: what the server did with them by itself comes back."""

from dataclasses import replace
from typing import Any

import pytest

from hirag_operator.plan.collection.migration.backward import unfreeze
from hirag_operator.plan.collection.migration.course import Course, Stage
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.collection.migration.seen import SeenMigration
from hirag_operator.plan.moves import AllowWrites, AnnounceFreeze, AwaitSeals, CompleteSwap, Holder
from tests.operator.plan.collection.migration.seen import (
    FOLLOWING,
    FROZE,
    HOUR,
    NOW,
    at_rest,
    come_to,
    copy,
    forward,
    holder,
    job,
    swapped,
)

BOTH = "activation,creation"
ANNOUNCED = Freeze(source="A", freezing=True, auto=BOTH, at=NOW - 1)
FROZEN = replace(ANNOUNCED, token=FROZE)
BACK = Freeze(source="B", since_ms=NOW - HOUR, at=NOW - 5)


def said(course: Course, kind: type[Any]) -> list[Any]:
    return [step.said["auto"] for step in course.steps if isinstance(step, kind)]


def allowed(course: Course) -> list[AllowWrites]:
    return [step for step in course.steps if isinstance(step, AllowWrites)]


@pytest.mark.parametrize("auto", ["", "creation", BOTH])
def test_what_the_source_does_by_itself_is_noted_before_it_is_frozen(auto: str) -> None:
    course = come_to(forward(copy(FOLLOWING), here=holder("A", tenants=3, auto=auto)))
    assert said(course, AnnounceFreeze) == said(course, AwaitSeals) == [auto]
    assert said(course, CompleteSwap) == [""]  # it is of no use any more


def test_a_second_freeze_does_not_note_what_the_first_has_left() -> None:
    there = copy(FOLLOWING, note=Freeze(source="A", auto=BOTH, at=NOW - 1))
    assert said(come_to(forward(there, here=holder("A", tenants=3))), AnnounceFreeze) == [BOTH]


@pytest.mark.parametrize(
    ("seen", "stage"),
    [
        pytest.param(
            forward(copy(note=ANNOUNCED), here=holder("A", tenants=3, auto=BOTH)),
            Stage.CATCHING_UP,
            id="a crash behind the announcement",
        ),
        pytest.param(
            forward(copy(note=ANNOUNCED), here=holder("A", tenants=3)),
            Stage.CATCHING_UP,
            id="a crash in the middle of freezing: nothing is seen of it any more",
        ),
        pytest.param(
            forward(copy(FOLLOWING, note=FROZEN), here=holder("A", tenants=3, frozen=True)),
            Stage.CATCHING_UP,
            id="a freeze that was not sealed in time",
        ),
        pytest.param(
            at_rest(holder("A", tenants=3, frozen=True), copy(note=FROZEN)),
            Stage.ABORTING,
            id="an unwanted copy in a freeze",
        ),
    ],
)
def test_a_freeze_that_is_given_up_restores_it_by_the_note(seen: SeenMigration, stage: Stage) -> None:
    course = come_to(seen)
    assert course.stage is stage
    assert allowed(course) == [AllowWrites(Holder("A"), BOTH)]


def test_it_stays_noted_until_writes_are_allowed_again() -> None:
    first, _, last = unfreeze(holder("A"), copy(note=FROZEN))
    assert [
        (step.said["freezing"], step.said["auto"]) for step in (first, last) if not isinstance(step, AllowWrites)
    ] == [
        (True, BOTH),
        (False, ""),
    ]


@pytest.mark.parametrize(
    ("there", "opened"),
    [
        pytest.param(copy(job=None, tenants=0), [], id="a new holder: nothing to open"),
        pytest.param(copy(job=None, tenants=3, auto=BOTH), [], id="a new holder, half filled: nothing to open"),
        pytest.param(
            copy(job=None, tenants=3, frozen=True), [AllowWrites(Holder("B"))], id="a frozen one, whoever froze it"
        ),
    ],
)
def test_a_holder_to_be_filled_is_opened_where_it_takes_no_writes(there: Any, opened: list[AllowWrites]) -> None:
    assert allowed(come_to(forward(there, here=holder("A", tenants=3)))) == opened


@pytest.mark.parametrize("frozen", [True, False], ids=["frozen", "frozen but for a tenant that slept"])
def test_on_the_way_back_the_previous_holder_is_opened_and_wakes_nothing_until_it_serves(*, frozen: bool) -> None:
    previous = holder("A", tenants=3, frozen=frozen, note=BACK)
    course = come_to(forward(previous, here=swapped(tenants=3, auto=BOTH)))
    assert [step.reason for step in course.steps] == ["WritesAllowed", "ChildApplied"]
    assert allowed(course) == [AllowWrites(Holder("A"))]


def test_an_empty_source_is_swapped_as_any_other() -> None:
    sealed = copy(replace(FOLLOWING, sealed=FROZE), note=FROZEN, job=job())
    assert come_to(forward(sealed, here=holder("A", tenants=0, frozen=True))).stage is Stage.SWAPPING
