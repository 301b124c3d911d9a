"""Runs it all in one event loop: kopf's watches, the workers, and the health endpoints."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import kopf
import structlog
from aiohttp import web

from hirag_operator.handlers.health import Health
from hirag_operator.handlers.queue import Pace, WorkQueue
from hirag_operator.handlers.triggers import Triggers
from hirag_operator.handlers.workers import Reconcilers, work

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Runtime:
    """How the process runs: from Settings."""

    workers: int
    resync_seconds: float
    stale_seconds: float
    host: str
    port: int
    namespaces: tuple[str, ...] = ()


async def run(runtime: Runtime, reconcilers: Reconcilers) -> None:
    """Run until SIGTERM or SIGINT, which kopf handles; reconciles under way are finished: no step is cut in two."""
    queue = WorkQueue(Pace(resync=runtime.resync_seconds))
    health = Health(queue, stale_seconds=runtime.stale_seconds)
    registry = kopf.OperatorRegistry()
    kopf.on.login(registry=registry)(kopf.login_via_client)
    Triggers(queue).register(registry)
    async with _served(health, runtime), _working(queue, reconcilers, health, runtime.workers):
        await kopf.operator(
            registry=registry,
            settings=_settings(),
            standalone=True,
            clusterwide=not runtime.namespaces,
            namespaces=list(runtime.namespaces),
            ready_flag=health.ready,
        )


def _settings() -> kopf.OperatorSettings:
    """Return kopf's settings: explicit watch timeouts, and no Events of its own."""
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.watching.server_timeout = 5 * 60
    settings.watching.client_timeout = 6 * 60
    settings.watching.connect_timeout = 30
    return settings


@contextlib.asynccontextmanager
async def _served(health: Health, runtime: Runtime) -> AsyncIterator[None]:
    runner = web.AppRunner(health.application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, runtime.host, runtime.port).start()
    beat = asyncio.create_task(health.heartbeat())
    try:
        yield
    finally:
        beat.cancel()
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _working(queue: WorkQueue, reconcilers: Reconcilers, health: Health, workers: int) -> AsyncIterator[None]:
    executor = ThreadPoolExecutor(workers, thread_name_prefix="reconcile")
    health.workers = [asyncio.create_task(work(queue, reconcilers, executor)) for _ in range(workers)]
    try:
        yield
    finally:
        for worker in health.workers:
            worker.cancel()
        await asyncio.gather(*health.workers, return_exceptions=True)
        executor.shutdown(wait=True)
