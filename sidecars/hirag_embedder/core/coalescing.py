"""Many callers, one engine: what waits is computed together.

Requests wait in a bounded queue. Each turn takes a share of every waiting request, plans batches over all of it, and
runs them one by one on a single worker thread; a request is answered as soon as its last text is done. So small
requests share batches with each other, a short query overtakes a bulk load, and a cancelled request costs no more
than the batch that had begun.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from hirag_embedder.core.batching import plan_batches
from hirag_embedder.core.engine import Engine
from hirag_embedder.core.job import Embedded, Job, first_texts
from hirag_embedder.core.pooling import Floats
from hirag_embedder.core.tokenization import Tokens
from hirag_kit.errors import RateLimitError, TooLargeError
from hirag_kit.wire import InputType

# Texts are tokenised this many characters at a time, so that a large request neither holds up the small ones nor
# fills the memory with encodings, which are far larger than the tokens that are kept.
_CHARACTERS_AT_A_TIME = 500_000


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


class Coalescer:
    """Queues requests for an engine.

    Args:
        engine: computes.
        capacity: texts that may wait or be computed at one time; above it, requests are refused.
        turn_batches: batches that are planned at one time.
        observe: told of every batch.
    """

    def __init__(
        self, engine: Engine, capacity: int, turn_batches: int, observe: Callable[[BatchReport], None]
    ) -> None:
        self._engine = engine
        self._capacity = capacity
        self._turn_tokens = turn_batches * engine.batch_tokens
        self._observe = observe
        self._jobs: set[Job] = set()
        self._waiting: list[Job] = []
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

    @property
    def waiting(self) -> int:
        """Requests with texts that have not begun."""
        return len(self._waiting)

    def start(self) -> None:
        """Begins to work; needs a running event loop."""
        self._worker = asyncio.create_task(self._work(), name="embedding worker")

    async def stop(self) -> None:
        """Ends the worker. What has not been answered by now is cancelled."""
        if self._worker is not None:
            self._worker.cancel()
            with suppress(asyncio.CancelledError):
                await self._worker
        for job in self._jobs:
            job.answer.cancel()
        for pool in (self._tokenizing, self._inferring):
            await asyncio.to_thread(pool.shutdown)

    async def embed(self, texts: Sequence[str], kind: InputType) -> Embedded:
        """The vectors of the texts. Cancelling drops what has not begun.

        Raises:
            TooLargeError: when there are more texts than the queue ever holds.
            RateLimitError: when the queue has no room for them now.
        """
        self._admit(len(texts))
        try:
            tokens = await self._tokenize(texts, kind)
            vectors = await self._compute(Job(tokens, asyncio.get_running_loop().create_future()))
        finally:
            self._admitted -= len(texts)
        return Embedded(vectors, sum(map(len, tokens)), sum(one.truncated for one in tokens))

    async def _compute(self, job: Job) -> Floats:
        self._jobs.add(job)
        self._waiting.append(job)
        self._arrival.set()
        try:
            return np.stack([vector for vector in await job.answer if vector is not None])
        finally:
            self._jobs.remove(job)

    async def _tokenize(self, texts: Sequence[str], kind: InputType) -> list[Tokens]:
        loop = asyncio.get_running_loop()
        tokens: list[Tokens] = []
        while len(tokens) < len(texts):
            piece = first_texts(texts[len(tokens) :], _CHARACTERS_AT_A_TIME)
            tokens += await loop.run_in_executor(self._tokenizing, self._engine.tokenize, piece, kind)
        return tokens

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

    def _next_turn(self) -> list[tuple[Job, int]]:
        """A like share of every waiting request. Requests that were cancelled or are taken up leave the queue."""
        live = [job for job in self._waiting if not job.answer.done()]
        share = self._turn_tokens // max(1, len(live))
        turn = [text for job in live for text in job.take(max(1, share))]
        self._waiting = [job for job in live if job.todo]
        if not self._waiting:
            self._arrival.clear()
        return turn

    async def _run(self, batch: list[tuple[Job, int]]) -> None:
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
