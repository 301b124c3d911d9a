"""Feels the pulse of every Weaviate, so that its collections are looked at when it falls, heals or fills up.

Nothing in Kubernetes tells of that. Without it an outage would show at the next resync only, and what had failed in it
would wait for a retry long after it was over.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor

import structlog

from hirag_operator import metrics
from hirag_operator.adapters.connections import Connections
from hirag_operator.adapters.store import Store
from hirag_operator.errors import OperatorError
from hirag_operator.handlers.queue import Key, WorkQueue

log = structlog.get_logger(__name__)


class Pulse:
    """Wakes the ContextCollections of a connection when its server changes. For one event loop.

    Args:
        connections: The servers.
        store: Where the collections are found.
        queue: Where they are put.
        seconds: How often each server is asked a small question.
    """

    def __init__(self, connections: Connections, store: Store, queue: WorkQueue, seconds: float) -> None:
        self._connections = connections
        self._store = store
        self._queue = queue
        self._seconds = seconds

    @contextlib.asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Go on for as long as the context; each server has a thread, so that none waits for another that hangs."""
        names = self._connections.names()
        executor = ThreadPoolExecutor(max(1, len(names)), thread_name_prefix="pulse")
        tasks = [asyncio.create_task(self._follow(name, executor)) for name in names]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            executor.shutdown(wait=False, cancel_futures=True)

    async def _follow(self, name: str, executor: Executor) -> None:
        """Wake at every change, also one that a reconcile saw and that was over before the next beat."""
        before = 0
        while True:
            up = await asyncio.get_running_loop().run_in_executor(executor, self.feel, name)
            metrics.WEAVIATE_UP.labels(name).set(up)
            changes = self._connections.changes(name)
            if changes != before:
                log.info("weaviate_changed", connection=name, up=up)
                self.wake(name)
            before = changes
            await asyncio.sleep(self._seconds)

    def feel(self, name: str) -> bool:
        """Return whether a server answers."""
        try:
            self._connections.health(name, fresh=True)
        except OperatorError:
            return False
        except Exception:  # a defect of ours must not end the pulse, and must not hide either
            log.exception("pulse_failed", connection=name)
            return False
        return True

    def wake(self, name: str) -> None:
        """Have every collection of a connection looked at."""
        for body in self._store.all_of("ContextCollection"):
            if ((body.get("spec") or {}).get("weaviate") or {}).get("connection", "default") == name:
                self._queue.add(Key("ContextCollection", body["metadata"]["namespace"], body["metadata"]["name"]))
