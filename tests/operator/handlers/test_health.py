"""What the probes of a pod are told."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from kubernetes.client import Configuration

from e2e.cluster.namespace import eventually
from hirag_operator.adapters.election import Candidate, Election
from hirag_operator.adapters.fence import LeaseFence
from hirag_operator.adapters.leaseserver import LeaseServer
from hirag_operator.adapters.store import Coverage, Store
from hirag_operator.adapters.watching import Watching
from hirag_operator.adapters.watchstream import Watch, WatchServer
from hirag_operator.handlers.feed import Feed
from hirag_operator.handlers.health import MOST_LEASES, Health, Patience
from hirag_operator.handlers.leadership import Contested, Leadership, Seat, Told, Unopposed
from hirag_operator.handlers.queue import Key, WorkQueue
from tests.operator.handlers.desk import Clock

KEY = Key("ContextCollection", "team", "handbook")
PATIENT = Patience(loop=60, attempt=60, watch=60)


class Desk:
    """The parts of a process that its health is told from, before any of them runs."""

    def __init__(self, patience: Patience, seat: Seat) -> None:
        self.store = Store({"Pod": Coverage()})
        self.queue = WorkQueue()
        feed = Feed(self.store, lambda _event, _body: None, lambda: None)
        self.watching = Watching(WatchServer(Configuration(host="http://127.0.0.1:9")), feed)
        self.leadership = Leadership(seat, self.queue, lambda: None)
        self.health = Health(self.queue, self.store, self.watching, self.leadership, patience)

    async def ask(self, path: str) -> tuple[int, str]:
        """The status and text of an answer."""
        async with TestClient(TestServer(self.health.application())) as client:
            answer = await client.get(path)
            return answer.status, await answer.text()


def asked(
    path: str,
    patience: Patience,
    prepare: Callable[[Desk], Coroutine[Any, Any, None]],
    seat: Callable[[], Seat] = Unopposed,
) -> tuple[int, str]:
    async def scenario() -> tuple[int, str]:
        desk = Desk(patience, seat())
        desk.watching.start()
        try:
            await prepare(desk)
            return await desk.ask(path)
        finally:
            desk.watching.stop()

    return asyncio.run(scenario())


async def nothing(_desk: Desk) -> None:
    """All is as it is at the start."""


def test_a_process_that_has_just_begun_is_alive_and_not_ready() -> None:
    assert asked("/healthz", PATIENT, nothing) == (200, "ok\n")
    status, text = asked("/readyz", PATIENT, nothing)
    assert status == 503
    assert "the watches of kopf have not started yet" in text
    assert "Pod has not been listed yet" in text


async def listed(desk: Desk) -> None:
    desk.store.settle("Pod", None, set(), "1")
    desk.health.ready.set()


async def waits(desk: Desk) -> None:
    desk.queue.add(KEY)
    desk.watching.add(Watch("Pod"))


def test_it_is_ready_once_all_is_listed() -> None:
    assert asked("/readyz", PATIENT, listed) == (200, "ok\n")


def test_a_server_that_refuses_is_told_as_the_cause() -> None:
    async def watched(desk: Desk) -> None:
        desk.watching.add(Watch("Pod"))
        await asyncio.to_thread(eventually, desk.watching.troubles, bool)

    status, text = asked("/readyz", PATIENT, watched)
    assert status == 503
    assert "Pod has not been listed yet: the Kubernetes API: list of Pod: ConnectError" in text


def test_a_worker_that_stands_still_is_told() -> None:
    async def taken(desk: Desk) -> None:
        desk.queue.add(KEY)
        await desk.queue.take()

    status, text = asked("/healthz", Patience(loop=60, attempt=0, watch=60), taken)
    assert (status, "a worker has been at one object" in text) == (503, True)


def test_a_worker_that_has_ended_is_told() -> None:
    async def ended(desk: Desk) -> None:
        desk.health.workers = [asyncio.create_task(nothing(desk))]
        await desk.health.workers[0]

    assert asked("/healthz", PATIENT, ended) == (503, "1 of 1 workers have ended\n")


def test_a_loop_that_does_not_turn_is_told() -> None:
    assert asked("/healthz", Patience(loop=0, attempt=60, watch=60), nothing) == (503, "the event loop is stuck\n")


def test_a_watch_that_hears_nothing_is_told() -> None:
    async def watched(desk: Desk) -> None:
        desk.watching.add(Watch("Pod"))
        await asyncio.to_thread(eventually, desk.watching.ages, bool)

    status, text = asked("/healthz", Patience(loop=60, attempt=60, watch=0), watched)
    assert (status, "the watch of Pod has brought neither event nor bookmark" in text) == (503, True)


def test_metrics_tell_how_many_wait_and_for_how_long() -> None:
    status, text = asked("/metrics", PATIENT, waits)
    assert status == 200
    assert 'hirag_operator_queue_depth{kind="ContextCollection"} 1.0' in text
    assert 'hirag_operator_queue_age_seconds{kind="ContextCollection"}' in text


def contested() -> Seat:
    """The seat of one of several processes, at an API server that is not there."""

    def stand(fence: LeaseFence, told: Told) -> Election:
        server = LeaseServer(Configuration(host="http://127.0.0.1:9"), "test", "system", "lease")
        return Election(server, Candidate("a", 2), fence, told)

    return Contested(LeaseFence(clock=CLOCK), stand)


CLOCK = Clock()


async def standing(desk: Desk) -> None:
    await listed(desk)
    begin = asyncio.Event()
    begin.set()
    async with desk.leadership.sought(begin):
        await asyncio.sleep(0)


def test_one_that_waits_for_its_turn_is_alive_and_ready_and_says_that_it_does_not_lead() -> None:
    assert asked("/healthz", PATIENT, listed, contested) == (200, "ok\n")
    assert asked("/readyz", PATIENT, listed, contested) == (200, "ok\n")
    _, text = asked("/metrics", PATIENT, waits, contested)
    assert "hirag_operator_leader 0.0" in text
    depths = [line.split()[1] for line in text.splitlines() if line.startswith("hirag_operator_queue_depth{")]
    assert set(depths) == {"0.0"}, "what gathers here is another's to do"


def test_the_only_process_says_that_it_leads() -> None:
    assert "hirag_operator_leader 1.0" in asked("/metrics", PATIENT, nothing)[1]


def test_an_election_that_stands_still_is_told() -> None:
    async def ended(desk: Desk) -> None:
        await standing(desk)
        CLOCK.now += MOST_LEASES * 2 + 1

    status, text = asked("/healthz", PATIENT, ended, contested)
    assert (status, "the election has stood still" in text) == (503, True)
