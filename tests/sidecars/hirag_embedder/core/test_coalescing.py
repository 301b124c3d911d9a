import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hirag_embedder.core.backend import Backend
from hirag_embedder.core.coalescing import BatchReport, Coalescer
from hirag_embedder.core.engine import Engine
from hirag_embedder.core.loading import load
from hirag_embedder.core.pooling import Floats, Ints
from hirag_embedder.core.spec import ModelSpec, Pooling, RuntimeSpec
from hirag_kit.errors import EmbeddingError, RateLimitError, TooLargeError


class Gate:
    """A backend that waits before each batch until it is let through, and notes what it is given."""

    name = device = "gate"

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._permits = threading.Semaphore(0)
        self.batches: list[int] = []

    def pooled(self, ids: Ints, mask: Ints, pooling: Pooling) -> Floats:
        self.batches.append(len(ids))
        assert self._permits.acquire(timeout=30)
        return self._backend.pooled(ids, mask, pooling)

    def open(self, batches: int = 1000) -> None:
        self._permits.release(batches)


@pytest.fixture
def tiny_engine(tiny_model: Path) -> Engine:
    return load(ModelSpec(tiny_model, "tiny", max_tokens=64), RuntimeSpec(batch_tokens=64)).engine


@pytest.fixture
def gate(tiny_engine: Engine) -> Iterator[Gate]:
    gate = Gate(tiny_engine.backend)
    yield gate
    gate.open()


@asynccontextmanager
async def _running(
    engine: Engine, capacity: int = 100, observe: Callable[[BatchReport], None] = lambda _report: None
) -> AsyncIterator[Coalescer]:
    queue = Coalescer(engine, capacity, turn_batches=4, observe=observe)
    queue.start()
    try:
        yield queue
    finally:
        await queue.stop()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110  what is waited for happens on a thread of the queue
            await asyncio.sleep(0.001)


def test_a_request_gets_the_engines_own_vectors(tiny_engine: Engine) -> None:
    texts = ["a", "a longer text", "b c"]

    async def scenario() -> None:
        async with _running(tiny_engine) as queue:
            answer = await queue.embed(texts, "passage")
            assert np.allclose(answer.vectors, tiny_engine.embed(texts), atol=1e-5)
            assert answer.tokens == sum(map(len, tiny_engine.tokenize(texts, "passage")))
            assert (answer.truncated, queue.texts) == (0, 0)

    asyncio.run(scenario())


def test_many_callers_at_once_each_get_their_own(tiny_engine: Engine) -> None:
    requests = [[f"{chr(97 + i)} {'x ' * (j % 7)}" for j in range(1 + i % 4)] for i in range(24)]

    async def scenario() -> None:
        async with _running(tiny_engine) as queue:
            answers = await asyncio.gather(*(queue.embed(texts, "passage") for texts in requests))
        for texts, answer in zip(requests, answers, strict=True):
            assert np.allclose(answer.vectors, tiny_engine.embed(texts), atol=1e-5)

    asyncio.run(scenario())


def test_small_requests_share_a_batch(tiny_engine: Engine, gate: Gate) -> None:
    async def scenario() -> None:
        async with _running(replace(tiny_engine, backend=gate)) as queue:
            first = asyncio.create_task(queue.embed(["a"], "passage"))
            await _until(lambda: len(gate.batches) == 1)
            others = [asyncio.create_task(queue.embed(["b"], "passage")) for _ in range(5)]
            await _until(lambda: queue.waiting == 5)
            gate.open()
            await asyncio.gather(first, *others)

    asyncio.run(scenario())
    assert gate.batches == [1, 5]


def test_a_short_query_overtakes_a_bulk_load(tiny_engine: Engine, gate: Gate) -> None:
    async def scenario() -> None:
        async with _running(replace(tiny_engine, backend=gate)) as queue:
            bulk = asyncio.create_task(queue.embed(["a b c d e f g h i j k l m n"] * 60, "passage"))
            await _until(lambda: len(gate.batches) == 1)
            query = asyncio.create_task(queue.embed(["a"], "query"))
            await _until(lambda: queue.waiting == 2)
            # The turn that has begun is of 4 batches, and the next begins with its shortest text.
            gate.open(6)
            await query
            assert not bulk.done()
            gate.open()
            await bulk

    asyncio.run(scenario())


def test_a_full_queue_refuses_and_says_when_to_come_again(tiny_engine: Engine, gate: Gate) -> None:
    async def scenario() -> None:
        async with _running(replace(tiny_engine, backend=gate), capacity=3) as queue:
            waiting = asyncio.create_task(queue.embed(["a", "b"], "passage"))
            await _until(lambda: queue.texts == 2)
            with pytest.raises(RateLimitError) as refusal:
                await queue.embed(["c", "d"], "passage")
            assert refusal.value.body()["code"] == "RATE_LIMIT"
            assert refusal.value.details["limit"] == 3
            assert refusal.value.details["remaining"] == 1
            assert int(refusal.value.headers()["Retry-After"]) >= 1
            gate.open()
            await waiting
            assert len((await queue.embed(["c", "d"], "passage")).vectors) == 2

    asyncio.run(scenario())


def test_a_request_that_never_fits_is_told_so(tiny_engine: Engine) -> None:
    async def scenario() -> None:
        async with _running(tiny_engine, capacity=3) as queue:
            with pytest.raises(TooLargeError, match="send fewer"):
                await queue.embed(["a"] * 4, "passage")

    asyncio.run(scenario())


def test_a_cancelled_requests_work_is_dropped(tiny_engine: Engine, gate: Gate) -> None:
    async def scenario() -> None:
        async with _running(replace(tiny_engine, backend=gate)) as queue:
            bulk = asyncio.create_task(queue.embed(["a b c d e f g h i j k l m n"] * 60, "passage"))
            await _until(lambda: len(gate.batches) == 1)
            bulk.cancel()
            await _until(lambda: queue.texts == 0)
            gate.open()
            await queue.embed(["a"], "passage")

    asyncio.run(scenario())
    assert len(gate.batches) == 2


def test_a_failed_batch_fails_its_callers_and_nobody_else(tiny_engine: Engine) -> None:
    class FailsOnWide:
        name = device = "fails on wide"

        def pooled(self, ids: Ints, mask: Ints, pooling: Pooling) -> Floats:
            if ids.shape[1] > 5:
                raise EmbeddingError("too wide")
            return tiny_engine.backend.pooled(ids, mask, pooling)

    async def scenario() -> None:
        async with _running(replace(tiny_engine, backend=FailsOnWide(), batch_tokens=8)) as queue:
            wide = queue.embed(["a b c d e f g h"], "passage")
            narrow = queue.embed(["a"], "passage")
            failed, worked = await asyncio.gather(wide, narrow, return_exceptions=True)
            assert isinstance(failed, EmbeddingError)
            assert not isinstance(worked, BaseException)
            assert queue.texts == 0
            assert len((await queue.embed(["b"], "passage")).vectors) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("texts", [1, 60], ids=["begun to its last text", "begun and waiting"])
def test_stopping_cancels_what_is_not_answered(tiny_engine: Engine, gate: Gate, texts: int) -> None:
    async def scenario() -> None:
        async with _running(replace(tiny_engine, backend=gate)) as queue:
            bulk = asyncio.create_task(queue.embed(["a b c d e f g h i j k l m n"] * texts, "passage"))
            await _until(lambda: len(gate.batches) == 1)
            stopping = asyncio.create_task(queue.stop())
            await _until(bulk.done)
            gate.open()
            await stopping
        assert bulk.cancelled()

    asyncio.run(scenario())


def test_every_batch_is_reported_with_its_padding(tiny_engine: Engine) -> None:
    reports: list[BatchReport] = []

    async def scenario() -> None:
        async with _running(tiny_engine, observe=reports.append) as queue:
            await queue.embed(["a", "a b c", "a b c d e f"], "passage")

    asyncio.run(scenario())
    assert sum(report.texts for report in reports) == 3
    assert sum(report.tokens for report in reports) == 3 + 5 + 8
    assert all(report.padded_tokens >= report.tokens for report in reports)


def test_a_large_request_is_tokenised_in_pieces(tiny_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hirag_embedder.core.coalescing._CHARACTERS_AT_A_TIME", 10)
    texts = ["a b c", "d e f g h i j k l m n", "o", "", "p q r s", "t"]

    async def scenario() -> None:
        async with _running(tiny_engine) as queue:
            answer = await queue.embed(texts, "passage")
            assert np.allclose(answer.vectors, tiny_engine.embed(texts), atol=1e-5)

    asyncio.run(scenario())
