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
from hirag_operator.plan.serverhealth import ServerSeen

log = structlog.get_logger(__name__)

PULSE_SECONDS = 5.0  # one small question to each server, so often

Felt = ServerSeen | str  # what a server said, or the kind of error that stood in the way


class Pulse:
    """Wakes the ContextCollections of a connection when its server changes. For one event loop.

    Args:
        connections: The servers.
        store: Where the collections are found.
        queue: Where they are put.
    """

    def __init__(self, connections: Connections, store: Store, queue: WorkQueue) -> None:
        self._connections = connections
        self._store = store
        self._queue = queue

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
        before: Felt | None = None
        while True:
            felt = await asyncio.get_running_loop().run_in_executor(executor, self.feel, name)
            metrics.WEAVIATE_UP.labels(name).set(isinstance(felt, ServerSeen))
            if before is not None and felt != before:
                log.info("weaviate_changed", connection=name, up=isinstance(felt, ServerSeen))
                self.wake(name)
            before = felt
            await asyncio.sleep(PULSE_SECONDS)

    def feel(self, name: str) -> Felt:
        """Ask a server how it is."""
        try:
            return self._connections.health(name, fresh=True) or "not configured"
        except OperatorError as error:
            return type(error).__name__
        except Exception:  # a defect of ours must not end the pulse, and must not hide either
            log.exception("pulse_failed", connection=name)
            return "defect"

    def wake(self, name: str) -> None:
        """Have every collection of a connection looked at."""
        for body in self._store.all_of("ContextCollection"):
            if ((body.get("spec") or {}).get("weaviate") or {}).get("connection", "default") == name:
                self._queue.add(Key("ContextCollection", body["metadata"]["namespace"], body["metadata"]["name"]))
