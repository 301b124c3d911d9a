"""What is noted around a freeze: before it, in it, and when it is given up or over."""

from dataclasses import replace

from hirag_operator.plan.collection.migration.forward import READY_SECONDS
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.moves import AnnounceFreeze, AwaitSeals, CompleteSwap, EndFreeze
from tests.operator.plan.collection.migration.seen import (
    FOLLOWING,
    FROZE,
    FROZEN,
    NEXT,
    NOW,
    SEALED,
    at_rest,
    come_to,
    copy,
    forward,
    holder,
    terms,
)


def test_a_freeze_is_noted_with_a_new_token_and_takes_no_longer_than_it_may() -> None:
    steps = come_to(forward(copy(FOLLOWING)), terms()).steps
    seals = next(step for step in steps if isinstance(step, AwaitSeals))
    assert (seals.said["token"], seals.said["freezing"], seals.said["source"]) == (NEXT, True, "A")
    assert (seals.seconds, seals.said["budget_ms"], seals.shares) == (4.0, 2500, 1)


def test_those_who_copy_are_told_beforehand_and_may_put_a_freeze_off_for_a_while() -> None:
    announced = come_to(forward(copy(FOLLOWING)), terms()).steps[0]
    assert isinstance(announced, AnnounceFreeze)
    assert (announced.said["announced"], announced.said["token"], announced.said["freezing"]) == (NEXT, "", True)
    assert (announced.seconds, announced.longest, announced.shares) == (*READY_SECONDS, 1)


def test_a_freeze_that_is_given_up_stays_noted_until_writes_are_allowed_and_keeps_where_the_copy_is_from() -> None:
    note = replace(FROZEN, announced=FROZE, since_ms=77)
    steps = come_to(forward(copy(note=note)), terms()).steps
    assert [step.said for step in steps if isinstance(step, EndFreeze)] == [
        Freeze(source="A", since_ms=77, freezing=True).to_wire(),
        Freeze(source="A", since_ms=77).to_wire(),
    ]


def test_a_swap_notes_since_when_both_sides_held_the_same_by_the_share_that_spoke_first() -> None:
    told = (replace(SEALED, at=NOW - 9), replace(SEALED, at=NOW - 3))
    for seen in (
        forward(copy(*told, note=FROZEN), here=holder("A", frozen=True)),
        at_rest(copy(*told, note=FROZEN), holder("A", frozen=True)),
    ):
        noted = next(step for step in come_to(seen, terms()).steps if isinstance(step, CompleteSwap))
        assert (noted.said["since_ms"], noted.said["over"], noted.said["token"]) == (NOW - 9, True, FROZE)
