"""The watches, in a thread with an event loop of its own.

Of its own, because kopf waits at its end for tasks in its loop that it does not know; and so that events are taken in
while a reconcile keeps the rest of the process busy.
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from hirag_operator.adapters.watchstream import Expired, Watch, WatchServer
from hirag_operator.errors import NotAuthorized, OperatorError

Json = dict[str, Any]

log = structlog.get_logger(__name__)

FIRST_RETRY, LONGEST_RETRY = 0.2, 5.0  # seconds
SHORTEST_WATCH = 1.0  # seconds between two connections, however soon the server ends them
STOP_SECONDS = 2.0


class Sink(Protocol):
    """What is done with what comes. Called in the thread of the watches, and to be done in no time."""

    def page(self, watch: Watch, bodies: list[Json]) -> None:
        """Take in a part of a listing."""

    def listed(self, watch: Watch, addresses: set[tuple[str, str]], version: str) -> None:
        """Take in that a listing is over, which held these namespaces and names, and nothing else."""

    def changed(self, watch: Watch, event: str, body: Json) -> None:
        """Take in an event: ADDED, MODIFIED or DELETED."""


@dataclass
class _Progress:
    """How far a watch is. `sign`: when the server last let us hear of it; `trouble`: why it does not."""

    sign: float
    version: str | None = None
    failures: int = 0
    trouble: str = ""


class Watching:
    """Runs watches from `start` to `stop`; they may come and go meanwhile. Thread-safe.

    Args:
        server: Where they look; closed at the end.
        sink: Where objects go.
        clock: Seconds.
    """

    def __init__(self, server: WatchServer, sink: Sink, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._server = server
        self._sink = sink
        self._clock = clock
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="watches", daemon=True)
        self._stopped = False
        self._tasks: dict[Watch, asyncio.Task[None]] = {}
        self._progress: dict[Watch, _Progress] = {}

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End all watches and the thread; nothing comes to the sink afterwards, and no watch begins."""
        self._stopped = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_SECONDS)

    def add(self, watch: Watch) -> None:
        """Begin a watch, unless it runs."""
        if not self._stopped:
            self._loop.call_soon_threadsafe(self._begin, watch)

    def drop(self, watch: Watch) -> None:
        """End a watch."""
        if not self._stopped:
            self._loop.call_soon_threadsafe(self._end, watch)

    def ages(self) -> dict[str, float]:
        """Return how long ago the server last let us hear of each kind, in seconds: of its most silent watch."""
        now, ages = self._clock(), dict[str, float]()
        for watch, progress in list(self._progress.items()):
            ages[watch.kind] = max(ages.get(watch.kind, 0.0), now - progress.sign)
        return ages

    def troubles(self) -> dict[str, str]:
        """Return why kinds are not being followed, where they are not."""
        return {watch.kind: one.trouble for watch, one in list(self._progress.items()) if one.trouble}

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.run_until_complete(self._ended())
            self._loop.close()

    async def _ended(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._server.close()

    def _begin(self, watch: Watch) -> None:
        if watch not in self._tasks:
            self._progress[watch] = _Progress(sign=self._clock())
            self._tasks[watch] = self._loop.create_task(self._follow(watch, self._progress[watch]))

    def _end(self, watch: Watch) -> None:
        task = self._tasks.pop(watch, None)
        self._progress.pop(watch, None)
        if task is not None:
            task.cancel()

    async def _follow(self, watch: Watch, progress: _Progress) -> None:
        """Keep on, whatever happens, until cancelled."""
        while True:
            began = self._clock()
            await self._attempt(watch, progress, self._round(watch, progress))
            if progress.failures:
                delay = min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(progress.failures - 1, 32))
            else:
                delay = max(0.0, (watch.listing_seconds or SHORTEST_WATCH) - (self._clock() - began))
            await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311  spreads load, guards nothing

    async def _attempt(self, watch: Watch, progress: _Progress, turn: Coroutine[Any, Any, None]) -> None:
        """Await one turn; say once what goes wrong, and once that it is over."""
        try:
            await turn
        except Expired:
            progress.version, progress.failures = None, 1
        except OperatorError as error:
            self._failed(watch, progress, str(error))
            if isinstance(error, NotAuthorized):  # an answer: waiting for rights is not silence
                progress.sign = self._clock()
        except Exception as error:  # a defect of ours must not end the watch, and must not hide: it is logged
            progress.version = None
            log.exception("watch_defect", kind=watch.kind)
            self._failed(watch, progress, type(error).__name__)

    def _failed(self, watch: Watch, progress: _Progress, trouble: str) -> None:
        if not progress.trouble:
            log.warning("watch_interrupted", kind=watch.kind, namespace=watch.namespace, error=trouble)
        progress.failures, progress.trouble = progress.failures + 1, trouble

    async def _round(self, watch: Watch, progress: _Progress) -> None:
        """List if there is nothing to go on from, then follow until the server ends it."""
        if progress.version is None or watch.listing_seconds:
            await self._list(watch, progress)
        if watch.listing_seconds:
            return
        async for event, body in self._server.events(watch, progress.version or ""):
            self._well(watch, progress)
            if event != "BOOKMARK":
                self._sink.changed(watch, event, body)
            progress.version = body["metadata"]["resourceVersion"]

    async def _list(self, watch: Watch, progress: _Progress) -> None:
        addresses: set[tuple[str, str]] = set()
        version = ""
        async for bodies, version in self._server.pages(watch):  # noqa: B007  that of the last page is that of all
            self._sink.page(watch, bodies)
            addresses |= {(one["metadata"].get("namespace") or "", one["metadata"]["name"]) for one in bodies}
        self._sink.listed(watch, addresses, version)
        progress.version = version
        self._well(watch, progress)

    def _well(self, watch: Watch, progress: _Progress) -> None:
        if progress.trouble:
            log.info("watch_resumed", kind=watch.kind, namespace=watch.namespace)
        progress.sign, progress.failures, progress.trouble = self._clock(), 0, ""
