import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import pytest

from hirag_operator.handlers.queue import Key, Pace, WorkQueue

A, B, C = (Key("EmbeddingModel", "team-a", name) for name in "abc")
EVEN = Pace(resync=100.0, first_retry=1.0, longest_retry=10.0, jitter=0.0)


@dataclass
class Clock:
    """Time that passes when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Desk:
    """A queue with a clock of its own, and what a test asks of it."""

    pace: Pace = EVEN
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.queue = WorkQueue(self.pace, clock=self.clock)

    def taken(self) -> list[Key]:
        """Takes every key that is due now."""
        found = []
        while self.queue.waiting():
            key, _ = asyncio.run(_at_once(self.queue.take()))
            found.append(key)
        return found

    def work(self, key: Key, *, failed: bool = False) -> None:
        """Works on a key that must be the only one due."""
        assert self.taken() == [key]
        self.queue.done(key, failed=failed)

    def due_in(self, key: Key) -> float:
        """Seconds until a key that is put off falls due, found by letting time pass."""
        start = self.clock.now
        while key not in self.taken():
            self.clock.now += 0.25
            assert self.clock.now < start + 1000, f"{key} never falls due"
        self.queue.done(key, failed=False)
        return self.clock.now - start


async def _at_once(take: Coroutine[Any, Any, tuple[Key, float]]) -> tuple[Key, float]:
    return await asyncio.wait_for(take, 5)


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


def test_jitter_only_lengthens_and_keeps_within_its_share() -> None:
    waits = set()
    for number in range(200):
        desk = Desk(Pace(resync=100.0, jitter=0.2))
        key = Key("EmbeddingModel", "team-a", str(number))
        desk.queue.add(key)
        desk.work(key)
        waits.add(desk.due_in(key))
    assert 100.0 <= min(waits) < max(waits) <= 120.25


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
    assert asyncio.run(_at_once(desk.queue.take())) == (A, 2.5)


def test_what_waits_is_counted_by_kind(desk: Desk) -> None:
    policy = Key("HNSWIndexPolicy", "team-a", "p")
    for key in (A, B, policy):
        desk.queue.add(key)
    desk.queue.add(C, 10.0)
    assert desk.queue.waiting() == {"EmbeddingModel": 2, "HNSWIndexPolicy": 1}
    desk.taken()
    assert desk.queue.waiting() == {}


def in_a_loop(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(scenario(), 10)

    asyncio.run(bounded())


def test_a_waiting_worker_wakes_for_what_is_added() -> None:
    async def scenario() -> None:
        queue = WorkQueue(EVEN)
        worker = asyncio.create_task(queue.take())
        await asyncio.sleep(0)
        queue.add(A)
        assert (await worker)[0] == A

    in_a_loop(scenario)


def test_a_worker_that_waits_for_a_late_key_wakes_for_an_early_one() -> None:
    async def scenario() -> None:
        queue = WorkQueue(EVEN)
        queue.add(A, 1000.0)
        worker = asyncio.create_task(queue.take())
        await asyncio.sleep(0)
        queue.add(B)
        assert (await worker)[0] == B

    in_a_loop(scenario)


def test_a_worker_wakes_when_a_key_falls_due() -> None:
    async def scenario() -> None:
        queue = WorkQueue(EVEN)
        queue.add(A, 0.01)
        assert (await queue.take())[0] == A

    in_a_loop(scenario)


@pytest.mark.parametrize("turns", range(4))
def test_no_worker_takes_the_signal_that_another_waits_for(turns: int) -> None:
    async def scenario() -> None:
        queue = WorkQueue(EVEN)
        queue.add(C, 1000.0)
        first = asyncio.create_task(queue.take())
        for _ in range(turns):  # however far the first worker has come on its way to sleep
            await asyncio.sleep(0)
        queue.add(A)
        queue.add(B)
        second, _ = await queue.take()
        assert {second, (await first)[0]} == {A, B}

    in_a_loop(scenario)


def test_as_many_workers_as_keys_work_side_by_side() -> None:
    async def scenario() -> None:
        queue = WorkQueue(EVEN)
        workers = [asyncio.create_task(queue.take()) for _ in range(3)]
        await asyncio.sleep(0)
        for key in (A, B, C):
            queue.add(key)
        assert {(await worker)[0] for worker in workers} == {A, B, C}

    in_a_loop(scenario)
