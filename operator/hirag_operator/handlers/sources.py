"""Where events come from: kopf for our own kinds, watches of our own for all else; all end in the triggers."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import kopf

from hirag_operator.adapters.store import Store
from hirag_operator.adapters.watching import Watching
from hirag_operator.adapters.watchstream import WatchServer
from hirag_operator.api import GROUP, KINDS, VERSION
from hirag_operator.handlers.feed import Feed
from hirag_operator.handlers.queue import WorkQueue
from hirag_operator.handlers.secrets import SecretWatches
from hirag_operator.handlers.triggers import OWN_KINDS, Triggers
from hirag_operator.handlers.watches import MOST_SECRETS, watches

SERVED_SECONDS = 0.1  # between two looks, until our own kinds were listed for the first time


class Sources:
    """Runs the watches, and brings what they and kopf tell to the triggers, in the loop that it is made in.

    Args:
        server: The API server, for the watches.
        store: What they bring.
        queue: What the triggers fill.
        namespaces: Those that are watched (none: the whole cluster).

    Attributes:
        synced: Set once all that is watched has been listed.
        watching: The watches.
    """

    def __init__(self, server: WatchServer, store: Store, queue: WorkQueue, namespaces: Sequence[str]) -> None:
        self.synced = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._namespaces = namespaces
        self._store = store
        self._feed = Feed(store, self._tell, lambda: self._post(self.synced.set))
        self.watching = Watching(server, self._feed)
        self._triggers = Triggers(queue, SecretWatches(self.watching, MOST_SECRETS))

    def start(self, registry: kopf.OperatorRegistry) -> None:
        """Begin to watch, and register with kopf.

        Only low-level event handlers are registered: kopf then writes nothing to the objects, neither annotations nor
        finalizers of its own.
        """
        for kind in KINDS:
            kopf.on.event(GROUP, VERSION, kind.resource.plural, registry=registry)(self._on_event)
        self.watching.start()
        for watch in watches(self._namespaces):
            self.watching.add(watch)

    async def served(self) -> None:
        """Wait until the API server serves our own kinds: until their CRDs are there, and may be read."""
        while not all(self._store.synced(kind) for kind in OWN_KINDS):  # noqa: ASYNC110  the store tells nobody
            await asyncio.sleep(SERVED_SECONDS)

    def stop(self) -> None:
        """End the watches."""
        self.watching.stop()

    async def _on_event(self, event: Mapping[str, Any], **_: Any) -> None:
        self._feed.keep(event["type"], event["object"])
        self._take(event["type"], event["object"])

    def _tell(self, event: str, body: Mapping[str, Any]) -> None:
        self._post(self._take, event, body)

    def _take(self, event: str | None, body: Mapping[str, Any]) -> None:
        """Take in news. Of our own kinds two sources tell, so what counts is what became of the object by now."""
        if body["kind"] in OWN_KINDS:
            self._triggers.own(*self._feed.now(body))
        else:
            self._triggers.take(event or "", body)

    def _post(self, call: Any, *arguments: Any) -> None:
        self._loop.call_soon_threadsafe(call, *arguments)
