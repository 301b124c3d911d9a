import asyncio

import pytest

from hirag_operator.handlers.queue import Key, Waiting
from tests.operator.handlers.desk import A, B, C, Desk, at_once


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_key_that_was_added_is_due(desk: Desk) -> None:
    desk.queue.add(A)
    assert desk.taken() == [A]


def test_many_events_while_a_key_waits_cost_one_reconcile(desk: Desk) -> None:
    for _ in range(100):
        desk.queue.add(A)
    assert desk.taken() == [A]


def test_keys_are_taken_in_the_order_in_which_they_fell_due(desk: Desk) -> None:
    for key, delay in ((A, 3.0), (B, 1.0), (C, 2.0)):
        desk.queue.add(key, delay)
    desk.clock.now += 5
    assert desk.taken() == [B, C, A]


def test_a_key_is_not_due_before_its_time(desk: Desk) -> None:
    desk.queue.add(A, 2.0)
    desk.clock.now += 1.9
    assert desk.taken() == []
    desk.clock.now += 0.2
    assert desk.taken() == [A]


@pytest.mark.parametrize("delays", [(5.0, 1.0), (1.0, 5.0)], ids=["sooner second", "sooner first"])
def test_the_earliest_time_wins(desk: Desk, delays: tuple[float, float]) -> None:
    for delay in delays:
        desk.queue.add(A, delay)
    assert desk.due_in(A) == 1.0


def test_a_key_that_was_overtaken_is_not_taken_twice(desk: Desk) -> None:
    desk.queue.add(A, 5.0)
    desk.queue.add(A)
    assert desk.taken() == [A]
    desk.queue.done(A, failed=False)
    desk.clock.now += 5
    assert desk.taken() == []


def test_one_key_is_never_worked_on_twice_at_a_time(desk: Desk) -> None:
    desk.queue.add(A)
    assert desk.taken() == [A]
    desk.queue.add(A)
    desk.clock.now += 500
    assert desk.taken() == []


def test_an_event_while_a_key_is_worked_on_has_it_looked_at_again(desk: Desk) -> None:
    desk.queue.add(A)
    desk.taken()
    desk.queue.add(A)
    desk.queue.done(A, failed=False)
    assert desk.taken() == [A]


def test_what_was_asked_for_during_the_work_comes_at_its_own_time(desk: Desk) -> None:
    desk.queue.add(A)
    desk.taken()
    desk.queue.add(A, 3.0)
    desk.queue.done(A, failed=False)
    assert desk.due_in(A) == 3.0


def test_a_settled_key_is_looked_at_again_at_the_resync(desk: Desk) -> None:
    desk.queue.add(A)
    desk.work(A)
    assert desk.due_in(A) == 100.0


@pytest.mark.parametrize("failed", [False, True], ids=["settled", "failed"])
def test_what_falls_due_without_an_event_is_looked_at_in_time(desk: Desk, *, failed: bool) -> None:
    desk.queue.add(A)
    assert desk.taken() == [A]
    desk.queue.done(A, failed=failed, within=0.25)
    assert desk.due_in(A) == 0.25


def test_what_falls_due_late_puts_nothing_off(desk: Desk) -> None:
    desk.queue.add(A)
    assert desk.taken() == [A]
    desk.queue.done(A, failed=True, within=900.0)
    assert desk.due_in(A) < 10


def test_a_key_whose_object_is_gone_is_not_looked_at_again(desk: Desk) -> None:
    desk.queue.add(A)
    desk.taken()
    desk.queue.done(A, failed=False, gone=True)
    desk.clock.now += 1_000
    assert desk.taken() == []


def test_a_key_whose_object_came_back_during_the_work_is_looked_at_again(desk: Desk) -> None:
    desk.queue.add(A)
    desk.taken()
    desk.queue.add(A)
    desk.queue.done(A, failed=False, gone=True)
    assert desk.taken() == [A]


def test_failures_back_off_doubling_up_to_a_limit(desk: Desk) -> None:
    desk.queue.add(A)
    waits = []
    for _ in range(7):
        assert desk.taken() == [A]
        desk.queue.done(A, failed=True)
        start = desk.clock.now
        while not desk.queue.waiting():
            desk.clock.now += 0.5
        waits.append(desk.clock.now - start)
    assert waits == [1.0, 2.0, 4.0, 8.0, 10.0, 10.0, 10.0]


def test_a_success_starts_the_backoff_anew(desk: Desk) -> None:
    desk.queue.add(A)
    for _ in range(5):
        desk.work(A, failed=True)
        desk.clock.now += 10
    desk.work(A)
    desk.clock.now += 100
    desk.work(A, failed=True)
    assert desk.due_in(A) == 1.0


def test_an_event_does_not_wait_for_the_backoff(desk: Desk) -> None:
    desk.queue.add(A)
    desk.work(A, failed=True)
    desk.queue.add(A)
    assert desk.taken() == [A]


def test_ten_thousand_failures_overflow_nothing(desk: Desk) -> None:
    desk.queue.add(A)
    for _ in range(10_000):
        desk.work(A, failed=True)
        desk.queue.add(A)
    assert desk.taken() == [A]


def test_a_key_in_trouble_delays_no_other(desk: Desk) -> None:
    for key in (A, B):
        desk.queue.add(key)
    assert desk.taken() == [A, B]
    desk.queue.done(A, failed=True)
    desk.queue.done(B, failed=False)
    desk.queue.add(B)
    assert desk.taken() == [B]


def test_a_forgotten_key_is_not_taken(desk: Desk) -> None:
    desk.queue.add(A)
    desk.queue.forget(A)
    desk.clock.now += 500
    assert desk.taken() == []


def test_a_key_that_is_forgotten_during_its_work_does_not_come_back(desk: Desk) -> None:
    desk.queue.add(A)
    desk.taken()
    desk.queue.forget(A)
    desk.queue.done(A, failed=True)
    desk.clock.now += 500
    assert desk.taken() == []


def test_an_object_that_is_made_anew_during_the_work_on_the_old_one_is_looked_at(desk: Desk) -> None:
    desk.queue.add(A)
    desk.taken()
    desk.queue.forget(A)
    desk.queue.add(A)
    desk.queue.done(A, failed=False)
    assert desk.taken() == [A]


def test_forgetting_what_was_never_there_is_fine(desk: Desk) -> None:
    desk.queue.forget(A)
    assert desk.taken() == []


def test_a_taken_key_tells_how_long_it_waited_beyond_its_time(desk: Desk) -> None:
    desk.queue.add(A, 1.0)
    desk.clock.now += 3.5
    assert asyncio.run(at_once(desk.queue.take())) == (A, 2.5)


def test_what_waits_is_counted_by_kind(desk: Desk) -> None:
    policy = Key("HNSWIndexPolicy", "team-a", "p")
    for key in (A, B, policy):
        desk.queue.add(key)
    desk.queue.add(C, 10.0)
    desk.clock.now += 3
    desk.queue.add(policy)
    assert desk.queue.waiting() == {"EmbeddingModel": Waiting(2, 3.0), "HNSWIndexPolicy": Waiting(1, 3.0)}
    desk.taken()
    assert desk.queue.waiting() == {}


def test_while_it_is_paused_keys_gather_and_none_is_taken_or_told(desk: Desk) -> None:
    desk.queue.pause()
    desk.queue.add(A)
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(desk.queue.take(), 0.01))
    assert desk.queue.waiting() == {}


def test_a_beginning_has_every_key_looked_at_from_then_on(desk: Desk) -> None:
    desk.queue.pause()
    desk.queue.add(A)
    desk.queue.add(B, delay=50)
    desk.clock.now += 20
    desk.queue.begin()
    assert desk.queue.waiting()["EmbeddingModel"] == Waiting(2, 0.0), "they waited for another until now"
    assert sorted(desk.taken()) == [A, B]


def test_a_beginning_remembers_no_failure(desk: Desk) -> None:
    desk.queue.add(A)
    for _ in range(5):
        assert desk.taken() == [A]
        desk.queue.done(A, failed=True)
        desk.clock.now += 50
    desk.queue.pause()
    desk.queue.begin()
    assert desk.taken() == [A]
    desk.queue.done(A, failed=True)
    assert desk.due_in(A) == desk.pace.first_retry


def test_a_key_that_is_worked_on_at_a_beginning_is_looked_at_once_more(desk: Desk) -> None:
    desk.queue.add(A)
    assert desk.taken() == [A]
    desk.queue.pause()
    desk.queue.begin()
    assert desk.taken() == [], "never twice at a time"
    desk.queue.done(A, failed=True)
    assert desk.taken() == [A]


def test_a_key_that_was_forgotten_while_worked_on_does_not_come_back_at_a_beginning(desk: Desk) -> None:
    desk.queue.add(A)
    assert desk.taken() == [A]
    desk.queue.forget(A)
    desk.queue.begin()
    desk.queue.done(A, failed=False)
    desk.clock.now += 500
    assert desk.taken() == []
