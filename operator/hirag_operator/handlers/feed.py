"""From the watches to the store, and what is news from there to the triggers."""

from collections.abc import Callable, Mapping
from typing import Any

from hirag_operator.adapters.store import Address, Store
from hirag_operator.adapters.watchstream import Watch
from hirag_operator.handlers.triggers import DELETED

Json = dict[str, Any]
Tell = Callable[[str, Mapping[str, Any]], None]


class Feed:
    """Takes in what watches bring, whichever of them is first; a `Sink` of `Watching`, called in its thread.

    An answer to a write of ours is in the store before its event comes, or is not. Where it is, the event is no news:
    whoever wrote has seen it.

    Args:
        store: What is kept.
        tell: Told of news, event and object; must be callable from any thread.
        synced: Called once all that the store covers has been listed.
    """

    def __init__(self, store: Store, tell: Tell, synced: Callable[[], None]) -> None:
        self._store = store
        self._tell = tell
        self._synced = synced
        self._secrets: dict[Watch, str] = {}

    def page(self, watch: Watch, bodies: list[Json]) -> None:
        """Take in a part of a listing."""
        for body in bodies:
            self.changed(watch, "MODIFIED", body)

    def listed(self, watch: Watch, addresses: set[Address], version: str) -> None:
        """Take in the end of a listing: what it did not hold is gone."""
        if watch.kind == "Secret":
            if not addresses:
                self._secret(watch, "")
            return
        if watch.name and not addresses and self._store.remove(watch.kind, watch.namespace, watch.name, version):
            self._tell(DELETED, _named(watch))
        for body in self._store.settle(watch.kind, watch.name or watch.namespace, addresses, version):
            self._tell(DELETED, body)
        if not self._store.unsynced():
            self._synced()

    def changed(self, watch: Watch, event: str, body: Json) -> None:
        """Take in an event of a watch."""
        if watch.kind == "Secret":
            self._secret(watch, "" if event == DELETED else body["metadata"]["resourceVersion"])
        elif self.keep(event, body):
            self._tell(event, body)

    def keep(self, event: str | None, body: Mapping[str, Any]) -> bool:
        """Put what an event says into the store; return whether it was news."""
        if event != DELETED:
            return self._store.put(body)
        metadata = body["metadata"]
        version = metadata["resourceVersion"]
        return self._store.remove(body["kind"], metadata.get("namespace"), metadata["name"], version)

    def now(self, body: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Return as an event what became of an object since `body` was told of it."""
        metadata = body["metadata"]
        present = self._store.get(body["kind"], metadata.get("namespace"), metadata["name"])
        return (DELETED, body) if present is None else ("MODIFIED", present)

    def _secret(self, watch: Watch, version: str) -> None:
        """Of a Secret nothing is kept but the version ("": there is none)."""
        if self._secrets.get(watch) != version:
            self._secrets[watch] = version
            self._tell("MODIFIED", _named(watch))


def _named(watch: Watch) -> Json:
    return {"kind": watch.kind, "metadata": {"namespace": watch.namespace, "name": watch.name}}
