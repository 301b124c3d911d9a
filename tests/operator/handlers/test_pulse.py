import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.namespace import eventually
from hirag_operator.adapters.connections import Connections, Target
from hirag_operator.adapters.store import Coverage, Store
from hirag_operator.handlers.pulse import Pulse
from hirag_operator.handlers.queue import Key, Pace, WorkQueue
from tests.operator.adapters.answering import Answer, AnsweringServer, answering

BEAT = 0.01


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    with answering() as running:
        running.answers = {"/v1/meta": Answer(200, {"version": "1.35.2"}), "/v1/objects": Answer(403)}
        running.answer = Answer(200, {"nodes": []})
        yield running


@pytest.fixture
def store() -> Store:
    store = Store({"ContextCollection": Coverage()})
    for number, (name, spec) in enumerate(
        {
            "here": {},
            "named": {"weaviate": {"connection": "default"}},
            "there": {"weaviate": {"connection": "other"}},
        }.items()
    ):
        metadata = {"namespace": "team", "name": name, "resourceVersion": str(number + 1)}
        store.put({"kind": "ContextCollection", "metadata": metadata, "spec": spec})
    return store


def key(name: str) -> Key:
    return Key("ContextCollection", "team", name)


async def woken(queue: WorkQueue, number: int) -> set[Key]:
    """Wait for so many keys; work on them takes no time."""
    found: set[Key] = set()
    async with asyncio.timeout(10):
        while len(found) < number:
            taken, _ = await queue.take()
            queue.done(taken, failed=False)
            found.add(taken)
    return found


def test_a_server_that_falls_and_heals_wakes_its_own_collections_each_time(
    server: AnsweringServer, store: Store
) -> None:
    async def scenario() -> None:
        queue = WorkQueue(Pace(apart=0.0))
        connections = Connections({"default": Target(server.url)})
        pulse = Pulse(connections, store, queue, BEAT)
        async with pulse.beating():
            await asyncio.to_thread(eventually, lambda: len(server.asked), bool)
            server.answers["/v1/meta"] = Answer(503)
            assert await woken(queue, 2) == {key("here"), key("named")}
            server.answers["/v1/meta"] = Answer(200, {"version": "1.36.0"})
            assert await woken(queue, 2) == {key("here"), key("named")}

    asyncio.run(scenario())


def test_a_server_that_stays_as_it_is_wakes_nobody(server: AnsweringServer, store: Store) -> None:
    async def scenario() -> None:
        queue = WorkQueue()
        async with Pulse(Connections({"default": Target(server.url)}), store, queue, BEAT).beating():
            await asyncio.to_thread(eventually, lambda: len(server.asked), lambda number: number >= 20)
        assert queue.waiting() == {}

    asyncio.run(scenario())


def test_an_outage_that_only_a_reconcile_saw_wakes_too(server: AnsweringServer, store: Store) -> None:
    connections = Connections({"default": Target(server.url)})
    connections.health("default")
    before = connections.changes("default")
    server.answers["/v1/meta"] = Answer(503)
    pulse = Pulse(connections, store, WorkQueue(), BEAT)
    assert not pulse.feel("default")
    server.answers["/v1/meta"] = Answer(200, {"version": "1.35.2"})
    assert pulse.feel("default")
    assert connections.changes("default") == before + 2


def test_a_key_that_is_put_in_its_place_wakes(server: AnsweringServer, tmp_path: Path) -> None:
    file = tmp_path / "key"
    connections = Connections({"default": Target(server.url, file)})
    pulse = Pulse(connections, Store(), WorkQueue(), BEAT)
    assert not pulse.feel("default")
    file.write_text("key")
    assert pulse.feel("default")
    assert connections.changes("default") == 1


def test_one_server_that_hangs_does_not_keep_the_pulse_of_another_from_being_felt(
    server: AnsweringServer, store: Store
) -> None:
    async def scenario(hanging: AnsweringServer) -> Any:
        hanging.answer = Answer(held=True)
        queue = WorkQueue()
        targets = {"default": Target(server.url), "other": Target(hanging.url, timeout_seconds=60)}
        async with Pulse(Connections(targets), store, queue, BEAT).beating():
            await asyncio.to_thread(eventually, lambda: (server.asked, hanging.asked), all)
            server.answers["/v1/meta"] = Answer(503)
            assert await woken(queue, 2) == {key("here"), key("named")}
            hanging.released.set()

    with answering() as hanging:
        asyncio.run(scenario(hanging))
