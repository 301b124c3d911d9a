"""/healthz, /readyz and /metrics.

They carry no secrets and take no input; in a cluster a NetworkPolicy decides who may read them.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from hirag_operator import metrics
from hirag_operator.adapters.store import Store
from hirag_operator.adapters.watching import Watching
from hirag_operator.handlers.exposition import Exposition
from hirag_operator.handlers.leadership import Leadership
from hirag_operator.handlers.queue import NOTHING_WAITS, WorkQueue
from hirag_operator.handlers.triggers import OWN_KINDS

HEARTBEAT_SECONDS = 1.0
MOST_LEASES = 5.0  # for which an election may stand still; a turn of it takes half of one at most


@dataclass(frozen=True)
class Patience:
    """For how many seconds a thing may stand still before the process counts as dead."""

    loop: float
    attempt: float
    watch: float


class Health:
    """Liveness: loop and election turn, the workers get on, the watches hear of the server. Readiness: all is listed.

    Whether this process leads has no part in either: one that waits for its turn is as well as one that acts.
    """

    def __init__(
        self, queue: WorkQueue, store: Store, watching: Watching, leadership: Leadership, patience: Patience
    ) -> None:
        self.ready = asyncio.Event()
        self.workers: list[asyncio.Task[None]] = []
        self._queue = queue
        self._store = store
        self._watching = watching
        self._leadership = leadership
        self._patience = patience
        self._exposition = Exposition(store)
        self._beat = time.monotonic()

    async def heartbeat(self) -> None:
        """Prove that the loop turns, until cancelled."""
        while True:
            self._beat = time.monotonic()
            await asyncio.sleep(HEARTBEAT_SECONDS)

    def application(self) -> web.Application:
        """Return the HTTP application."""
        application = web.Application()
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_get("/metrics", self._metrics)
        return application

    async def _healthz(self, _request: web.Request) -> web.Response:
        return _answer(list(self._standstill()))

    async def _readyz(self, _request: web.Request) -> web.Response:
        return _answer(list(self._missing()))

    def _standstill(self) -> Iterator[str]:
        if time.monotonic() - self._beat > self._patience.loop:
            yield "the event loop is stuck"
        if (leases := self._leadership.standstill()) > MOST_LEASES:
            yield f"the election has stood still for {leases:.0f} times the length of a lease"
        dead = sum(worker.done() for worker in self.workers)
        if dead:
            yield f"{dead} of {len(self.workers)} workers have ended"
        if (longest := self._queue.longest_attempt()) > self._patience.attempt:
            yield f"a worker has been at one object for {longest:.0f} seconds"
        for kind, age in sorted(self._watching.ages().items()):
            if age > self._patience.watch:
                yield f"the watch of {kind} has brought neither event nor bookmark for {age:.0f} seconds"

    def _missing(self) -> Iterator[str]:
        if not self.ready.is_set():
            yield "the watches of kopf have not started yet"
        troubles = self._watching.troubles()
        for kind in self._store.unsynced():
            yield f"{kind} has not been listed yet{': ' if kind in troubles else ''}{troubles.get(kind, '')}"

    async def _metrics(self, _request: web.Request) -> web.Response:
        leads = self._leadership.leads()
        # What gathers in the queue of one that does not lead is another's to do, and no sign of trouble.
        waiting = self._queue.waiting() if leads else {}
        metrics.queues(dict.fromkeys(OWN_KINDS, NOTHING_WAITS) | waiting)
        metrics.LEADER.set(leads)
        metrics.watches(self._watching.ages())
        return web.Response(body=await self._exposition.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _answer(problems: list[str]) -> web.Response:
    if problems:
        return web.Response(status=503, text="".join(f"{problem}\n" for problem in problems))
    return web.Response(text="ok\n")
