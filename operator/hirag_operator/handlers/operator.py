"""Runs it all: kopf's watches, the workers and the health endpoints in one event loop, our watches in another."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import kopf
import structlog
from aiohttp import web

from hirag_operator.adapters.fence import Fence
from hirag_operator.adapters.store import Store
from hirag_operator.adapters.watchstream import PAGE, WatchServer
from hirag_operator.handlers.following import Course, follow
from hirag_operator.handlers.health import Health, Patience
from hirag_operator.handlers.leadership import Leadership, Seat
from hirag_operator.handlers.pulse import Pulse
from hirag_operator.handlers.queue import Pace, WorkQueue
from hirag_operator.handlers.sources import Sources
from hirag_operator.handlers.workers import Reconcilers, work
from hirag_operator.reconcile.services import Services

log = structlog.get_logger(__name__)

SYNC_SECONDS = 30.0  # the longest that workers wait for the first listings; then they ask the server what they miss


@dataclass(frozen=True)
class Runtime:
    """How the process runs: from Settings."""

    workers: int
    resync_seconds: float
    pulse_seconds: float
    patience: Patience
    host: str
    port: int
    namespaces: tuple[str, ...] = ()


async def run(
    runtime: Runtime, services: Services, reconcilers: Reconcilers, server: WatchServer, store: Store, seat: Seat
) -> None:
    """Run until SIGTERM or SIGINT; reconciles under way are finished, where replicas are at hand only their steps."""
    queue = WorkQueue(Pace(resync=runtime.resync_seconds), most_failing=max(1, runtime.workers // 2))
    sources = Sources(server, store, queue, runtime.namespaces)
    leadership = Leadership(seat, queue, services.forget)
    health = Health(queue, store, sources.watching, leadership, runtime.patience)
    registry = kopf.OperatorRegistry()
    kopf.on.login(registry=registry)(kopf.login_via_client)
    async with (
        _served(health, runtime),
        _working(queue, reconcilers, health, sources.synced, seat.fence, runtime.workers),
        _watched(sources, registry),
        Pulse(services.connections, store, queue, runtime.pulse_seconds).beating(),
        leadership.sought(sources.synced),
        _farewell(leadership) as farewell,
    ):
        await follow(
            registry,
            _settings(),
            runtime.namespaces,
            services.kubernetes,
            Course(ready=health.ready, over=farewell.over, begun=farewell.follow_signals),
        )


class _Farewell:
    """The end of the process: first what others wait for, then all else. `over` is set when kopf may end."""

    def __init__(self) -> None:
        self.asked, self.over = asyncio.Event(), asyncio.Event()

    def follow_signals(self) -> None:
        """Take the place of kopf's own handlers, which would end its watches first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.asked.set)

    async def take(self, leadership: Leadership) -> None:
        """Resign once asked to end, so that another can act while this process still tidies up."""
        await self.asked.wait()
        log.info("ending")
        try:
            await leadership.resign()
        finally:
            self.over.set()


@contextlib.asynccontextmanager
async def _farewell(leadership: Leadership) -> AsyncIterator[_Farewell]:
    farewell = _Farewell()
    task = asyncio.create_task(farewell.take(leadership))
    try:
        yield farewell
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _settings() -> kopf.OperatorSettings:
    """Return kopf's settings: explicit watch timeouts, no Events of its own, and little at a time in memory.

    Kopf makes a task with a queue for each object that has an event, also for each one that it finds at its start.
    """
    settings = kopf.OperatorSettings()
    settings.posting.enabled = False
    settings.scanning.disabled = True  # it would follow all CRDs, and all Namespaces even where some are watched
    settings.watching.server_timeout = 5 * 60
    settings.watching.client_timeout = 6 * 60
    settings.watching.connect_timeout = 30
    settings.watching.chunk_size = PAGE
    settings.queueing.idle_timeout = 0.1
    settings.networking.error_backoffs = (1, 2, *[3] * 20)  # its own grow to a minute, in which nothing is heard
    return settings


@contextlib.asynccontextmanager
async def _watched(sources: Sources, registry: kopf.OperatorRegistry) -> AsyncIterator[None]:
    late = asyncio.get_running_loop().call_later(SYNC_SECONDS, sources.synced.set)
    sources.start(registry)
    try:
        await sources.served()  # kopf looks only once, at its start, which kinds there are
        yield
    finally:
        late.cancel()
        sources.stop()


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
async def _working(
    queue: WorkQueue, reconcilers: Reconcilers, health: Health, begin: asyncio.Event, fence: Fence, workers: int
) -> AsyncIterator[None]:
    executor = ThreadPoolExecutor(workers, thread_name_prefix="reconcile")
    health.workers = [asyncio.create_task(work(queue, reconcilers, executor, begin, fence)) for _ in range(workers)]
    try:
        yield
    finally:
        for worker in health.workers:
            worker.cancel()
        await asyncio.gather(*health.workers, return_exceptions=True)
        executor.shutdown(wait=True)
