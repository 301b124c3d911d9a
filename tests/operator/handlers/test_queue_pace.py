"""How far apart attempts are, who has to wait for whom, and how workers wait."""

import asyncio

import pytest

from hirag_operator.handlers.queue import Key, Pace, WorkQueue
from tests.operator.handlers.desk import EVEN, A, B, C, Desk, in_a_loop


def test_first_resyncs_are_spread_over_the_whole_time() -> None:
    desk = Desk(Pace(resync=100.0, jitter=0.0, spread=1.0))
    keys = [Key("EmbeddingModel", "team-a", str(number)) for number in range(400)]
    for key in keys:
        desk.queue.add(key)
    for key in desk.taken():
        desk.queue.done(key, failed=False)
    quarters = []
    for _ in range(4):
        desk.clock.now += 25
        quarters.append(len(desk.taken()))
    assert sum(quarters) == len(keys)
    assert min(quarters) > 50, quarters


def test_events_in_a_row_are_looked_at_one_by_one_with_a_pause() -> None:
    desk = Desk(Pace(apart=2.0))
    desk.queue.add(A)
    desk.work(A)
    desk.queue.add(A)
    assert desk.due_in(A) == 2.0
    desk.clock.now += 10
    desk.queue.add(A)
    assert desk.taken() == [A]


def test_keys_that_failed_leave_workers_to_all_others() -> None:
    desk = Desk(most_failing=1)
    for key in (A, B):
        desk.queue.add(key)
        desk.work(key, failed=True)
    desk.clock.now += 5
    assert [desk.take(), desk.waiting()] == [A, 1]
    desk.queue.add(C)
    assert [desk.take(), desk.waiting()] == [C, 1], "B waits for A, C for nobody"
    desk.queue.done(A, failed=True)
    assert desk.take() == B


def test_a_worker_that_waits_for_the_lane_wakes_when_there_is_room() -> None:
    async def scenario() -> None:
        queue = WorkQueue(Pace(first_retry=0.0, jitter=0.0, apart=0.0), most_failing=1)
        for key in (A, B):
            queue.add(key)
        for key in [(await queue.take())[0] for _ in "AB"]:
            queue.done(key, failed=True)
        assert (await queue.take())[0] == A
        worker = asyncio.create_task(queue.take())
        await asyncio.sleep(0)
        assert not worker.done()
        queue.done(A, failed=False)
        assert (await worker)[0] == B

    in_a_loop(scenario)


def test_the_longest_attempt_is_told() -> None:
    desk = Desk()
    assert desk.queue.longest_attempt() == 0.0
    for key in (A, B):
        desk.queue.add(key)
        assert desk.taken() == [key]
        desk.clock.now += 7
    assert desk.queue.longest_attempt() == 14.0
    desk.queue.done(A, failed=False)
    assert desk.queue.longest_attempt() == 7.0


def test_jitter_only_lengthens_and_keeps_within_its_share() -> None:
    waits = set()
    for number in range(200):
        desk = Desk(Pace(resync=100.0, jitter=0.2, spread=0.0))
        key = Key("EmbeddingModel", "team-a", str(number))
        desk.queue.add(key)
        for _ in range(2):
            desk.work(key)
            desk.clock.now += 100.0
            desk.queue.add(key)
        desk.work(key)
        waits.add(desk.due_in(key))
    assert 100.0 <= min(waits) < max(waits) <= 120.25


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
