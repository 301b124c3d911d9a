"""The fence: open while the lease is held, closed at once when it is not, and never reopened for what began before."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from hirag_operator.adapters.fence import OPEN, LeaseFence, since_boot
from hirag_operator.errors import NotLeading
from tests.operator.handlers.desk import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fence(clock: Clock) -> LeaseFence:
    return LeaseFence(clock=clock)


def test_nothing_passes_before_the_lease_was_ever_held(fence: LeaseFence) -> None:
    with fence.attempt(), pytest.raises(NotLeading), fence.step():
        pytest.fail("the step began")
    assert not fence.leads()


def test_changes_pass_while_the_lease_is_held(fence: LeaseFence, clock: Clock) -> None:
    fence.hold(clock.now + 6)
    with fence.attempt(), fence.step():
        clock.now += 5.9
        fence.check()
    assert fence.leads()


def test_a_pause_in_the_middle_of_a_step_ends_it(fence: LeaseFence, clock: Clock) -> None:
    fence.hold(clock.now + 6)
    with fence.attempt(), fence.step():
        fence.check()
        clock.now += 60  # the process was stopped, or its machine suspended
        with pytest.raises(NotLeading, match="not held any more"):
            fence.check()


def test_what_began_in_one_term_changes_nothing_in_the_next(fence: LeaseFence, clock: Clock) -> None:
    fence.hold(clock.now + 6)
    with fence.attempt():
        fence.end()
        fence.hold(clock.now + 6)
        assert fence.leads()
        with pytest.raises(NotLeading, match="the term in which this began is over"):
            fence.check()
    with fence.attempt():
        fence.check()


def test_what_belongs_to_no_attempt_changes_nothing(fence: LeaseFence, clock: Clock) -> None:
    fence.hold(clock.now + 6)
    with fence.attempt():
        pass
    with pytest.raises(NotLeading):
        fence.check()


def test_an_attempt_of_another_thread_permits_nothing_here(fence: LeaseFence, clock: Clock) -> None:
    fence.hold(clock.now + 6)
    refused: list[NotLeading] = []

    def elsewhere() -> None:
        try:
            fence.check()
        except NotLeading as error:
            refused.append(error)

    with fence.attempt():
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert len(refused) == 1


def refusals(parts: Callable[[], AbstractContextManager[None]], fence: LeaseFence) -> list[NotLeading]:
    """What another thread is refused that does a part of a step."""
    refused: list[NotLeading] = []

    def elsewhere() -> None:
        try:
            with parts(), fence.step():
                fence.check()
        except NotLeading as error:
            refused.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    return refused


def test_a_part_of_a_step_passes_in_another_thread_to_which_it_was_handed_on(fence: LeaseFence, clock: Clock) -> None:
    fence.hold(clock.now + 6)
    with fence.attempt(), fence.step():
        fence.close()  # what is under way is finished, this part of it too
        assert refusals(fence.handed_on(), fence) == []
    assert fence.idle(0.0)


def test_a_part_that_was_handed_on_is_bound_to_the_term_of_its_step(fence: LeaseFence, clock: Clock) -> None:
    fence.hold(clock.now + 6)
    with fence.attempt(), fence.step():
        parts = fence.handed_on()
        fence.end()
        fence.hold(clock.now + 6)
        assert len(refusals(parts, fence)) == 1


def test_at_the_end_a_step_under_way_is_finished_and_none_begins(fence: LeaseFence, clock: Clock) -> None:
    fence.hold(clock.now + 6)
    with fence.attempt():
        with fence.step():
            fence.close()
            with fence.step():  # a part of the same
                fence.check()
            assert not fence.idle(0.0)
        assert fence.idle(0.0)
        with pytest.raises(NotLeading, match="the process ends"), fence.step():
            pytest.fail("the step began")
        assert fence.idle(0.0)


def test_who_waits_for_the_end_of_the_steps_is_woken_by_it(fence: LeaseFence, clock: Clock) -> None:
    fence.hold(clock.now + 6)
    begun, finish = threading.Event(), threading.Event()

    def work() -> None:
        with fence.attempt(), fence.step():
            begun.set()
            finish.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(10)
    finish.set()
    assert fence.idle(10)
    thread.join()


@pytest.mark.parametrize("entered", [OPEN.attempt, OPEN.step, OPEN.handed_on()], ids=["an attempt", "a step", "a part"])
def test_where_there_is_no_election_everything_passes(entered: Callable[[], AbstractContextManager[None]]) -> None:
    with entered():
        OPEN.check()
    assert OPEN.leads()


def test_the_clock_is_not_set_by_anybody() -> None:
    before = since_boot()
    assert since_boot() >= before > 0
