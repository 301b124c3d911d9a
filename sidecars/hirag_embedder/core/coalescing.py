"""Many callers, one engine: what waits is computed together.

Requests wait in a bounded queue. Each turn takes a share of every waiting request, plans batches over all of it, and
runs them one by one on a single worker thread; a request is answered as soon as its last text is done. So small
requests share batches with each other, a short query overtakes a bulk load, and a cancelled request costs no more
than the batch that had begun.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter

import numpy as np

from hirag_embedder.core.batching import plan_batches
from hirag_embedder.core.engine import Engine
from hirag_embedder.core.pooling import Floats
from hirag_embedder.core.tokenization import Tokens
from hirag_kit.errors import RateLimitError, TooLargeError
from hirag_kit.wire import InputType

# A turn is worth this many batches: enough texts to sort by length, few enough that a newcomer waits little.
_BATCHES_A_TURN = 4


@dataclass(frozen=True)
class Embedded:
    """A request's answer.

    Args:
        vectors: in the order of the texts, [texts, dimensions].
        tokens: tokens that were embedded, special tokens included.
        truncated: texts that were cut.
    """

    vectors: Floats
    tokens: int
    truncated: int


@dataclass(frozen=True)
class BatchReport:
    """What a batch was.

    Args:
        texts: how many.
        tokens: real tokens.
        padded_tokens: tokens computed, padding included.
        seconds: time on the worker.
    """

    texts: int
    tokens: int
    padded_tokens: int
    seconds: float


@dataclass(eq=False)
class _Job:
    """One request in the queue: its texts, longest last, and the vectors as they come."""

    tokens: list[Tokens]
    answer: asyncio.Future[list[Floats | None]]
    todo: list[int] = field(default_factory=list)
    vectors: list[Floats | None] = field(default_factory=list)
    missing: int = 0

    def __post_init__(self) -> None:
        self.todo = sorted(range(len(self.tokens)), key=lambda index: len(self.tokens[index]))
        self.vectors = [None] * len(self.tokens)
        self.missing = len(self.tokens)

    def take(self, budget: int) -> list[tuple["_Job", int]]:
        """The next texts, of like length, that are worth about `budget` tokens; at least one."""
        taken = []
        while self.todo and budget > 0:
            index = self.todo.pop()
            budget -= len(self.tokens[index])
            taken.append((self, index))
        return taken

    def deliver(self, index: int, vector: Floats) -> None:
        self.vectors[index] = vector
        self.missing -= 1
        if self.missing == 0 and not self.answer.done():
            self.answer.set_result(self.vectors)


class Coalescer:
    """Queues requests for an engine.

    Args:
        engine: computes.
        capacity: texts that may wait or be computed at one time; above it, requests are refused.
        observe: told of every batch.
    """

    def __init__(self, engine: Engine, capacity: int, observe: Callable[[BatchReport], None]) -> None:
        self._engine = engine
        self._capacity = capacity
        self._observe = observe
        self._waiting: deque[_Job] = deque()
        self._arrival = asyncio.Event()
        self._admitted = 0
        self._seconds_a_text = 0.0
        # Tokenising and inference release the interpreter's lock, so the next request is tokenised meanwhile.
        self._tokenizing = ThreadPoolExecutor(1, thread_name_prefix="tokenize")
        self._inferring = ThreadPoolExecutor(1, thread_name_prefix="infer")
        self._worker: asyncio.Task[None] | None = None

    @property
    def texts(self) -> int:
        """Texts that wait or are being computed."""
        return self._admitted

    @property
    def room(self) -> int:
        """Texts that may still come."""
        return max(0, self._capacity - self._admitted)

    def start(self) -> None:
        """Begins to work; needs a running event loop."""
        self._worker = asyncio.create_task(self._work(), name="embedding worker")

    async def stop(self) -> None:
        """Ends the worker. What has not been answered by now is cancelled."""
        if self._worker is not None:
            self._worker.cancel()
            with suppress(asyncio.CancelledError):
                await self._worker
        for job in self._waiting:
            job.answer.cancel()
        self._tokenizing.shutdown()
        self._inferring.shutdown()

    async def embed(self, texts: Sequence[str], kind: InputType) -> Embedded:
        """The vectors of the texts. Cancelling drops what has not begun.

        Raises:
            TooLargeError: when there are more texts than the queue ever holds.
            RateLimitError: when the queue has no room for them now.
        """
        self._admit(len(texts))
        try:
            loop = asyncio.get_running_loop()
            tokens = await loop.run_in_executor(self._tokenizing, self._engine.tokenize, texts, kind)
            job = _Job(tokens, loop.create_future())
            self._waiting.append(job)
            self._arrival.set()
            vectors = np.stack([vector for vector in await job.answer if vector is not None])
        finally:
            self._admitted -= len(texts)
        return Embedded(vectors, sum(map(len, tokens)), sum(one.truncated for one in tokens))

    def _admit(self, texts: int) -> None:
        if texts > self._capacity:
            raise TooLargeError(f"{texts} texts are more than the queue holds ({self._capacity}); send fewer at a time")
        if texts > self.room:
            raise RateLimitError(
                f"{self._admitted} texts are waiting and {texts} more would pass the limit of {self._capacity}",
                limit=self._capacity,
                remaining=self.room,
                reset_in_seconds=max(1.0, (texts - self.room) * self._seconds_a_text),
            )
        self._admitted += texts

    async def _work(self) -> None:
        while True:
            await self._arrival.wait()
            turn = self._next_turn()
            lengths = [len(job.tokens[index]) for job, index in turn]
            for batch in plan_batches(lengths, self._engine.batch_tokens):
                live = [turn[i] for i in batch.indices if not turn[i][0].answer.done()]
                if live:
                    await self._run(live)

    def _next_turn(self) -> list[tuple[_Job, int]]:
        """A like share of every waiting request. Requests that were cancelled or are taken up leave the queue."""
        live = [job for job in self._waiting if not job.answer.done()]
        share = _BATCHES_A_TURN * self._engine.batch_tokens // max(1, len(live))
        turn = [text for job in live for text in job.take(max(1, share))]
        self._waiting = deque(job for job in live if job.todo)
        if not self._waiting:
            self._arrival.clear()
        return turn

    async def _run(self, batch: list[tuple[_Job, int]]) -> None:
        tokens = [job.tokens[index] for job, index in batch]
        start = perf_counter()
        try:
            loop = asyncio.get_running_loop()
            vectors = await loop.run_in_executor(self._inferring, self._engine.run, tokens)
        except Exception as error:  # noqa: BLE001  whatever it is, it belongs to the callers, and the worker lives on
            for job, _ in batch:
                if not job.answer.done():
                    job.answer.set_exception(error)
            return
        report = BatchReport(
            len(batch), sum(map(len, tokens)), len(tokens) * max(map(len, tokens)), perf_counter() - start
        )
        self._seconds_a_text = report.seconds / report.texts
        self._observe(report)
        for (job, index), vector in zip(batch, vectors, strict=True):
            job.deliver(index, vector)
