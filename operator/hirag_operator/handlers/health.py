"""/healthz, /readyz and /metrics.

They carry no secrets and take no input; in a cluster a NetworkPolicy decides who may read them.
"""

import asyncio
import time

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from hirag_operator import metrics
from hirag_operator.handlers.queue import WorkQueue

HEARTBEAT_SECONDS = 1.0


class Health:
    """Liveness: the event loop turns and the workers live. Readiness: kopf has started its watches."""

    def __init__(self, queue: WorkQueue, *, stale_seconds: float) -> None:
        self.ready = asyncio.Event()
        self.workers: list[asyncio.Task[None]] = []
        self._queue = queue
        self._stale_seconds = stale_seconds
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
        if time.monotonic() - self._beat > self._stale_seconds:
            return web.Response(status=503, text="the event loop is stuck\n")
        dead = sum(worker.done() for worker in self.workers)
        if dead:
            return web.Response(status=503, text=f"{dead} of {len(self.workers)} workers have ended\n")
        return web.Response(text="ok\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        if not self.ready.is_set():
            return web.Response(status=503, text="the watches have not started yet\n")
        return web.Response(text="ok\n")

    async def _metrics(self, _request: web.Request) -> web.Response:
        metrics.QUEUE_DEPTH.clear()
        for kind, waiting in self._queue.waiting().items():
            metrics.QUEUE_DEPTH.labels(kind).set(waiting)
        return web.Response(body=generate_latest(metrics.REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})
