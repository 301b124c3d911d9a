"""Whether a holder takes writes, and what has it take none, or some again: the status of its shards.

Of a collection with tenants of its own each tenant that is awake is a shard. One that sleeps takes no writes either, as
long as the collection wakes none of its own accord; so the status of those is never touched (see `automatics.py`).
"""

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import quote

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate.automatics import auto_of
from hirag_operator.adapters.weaviate.calls import NOT_FOUND, Calls
from hirag_operator.adapters.weaviate.health import READ_ONLY
from hirag_operator.adapters.weaviate.nodes import shards_of
from hirag_operator.errors import Refused
from hirag_operator.plan.collection.schemas import has_tenants
from hirag_operator.plan.moves import Holder

Json = Mapping[str, Any]

READY: Final = "READY"
AWAKE: Final = frozenset({"HOT", "ACTIVE"})
AT_ONCE: Final = 8  # changes of status: the server is done with so many three times sooner than one by one


class Writes:
    """Looks at holders, and lets them take writes or not. Thread-safe."""

    def __init__(self, server: JsonServer, calls: Calls) -> None:
        self._server = server
        self._calls = calls

    def frozen(self, holder: Holder) -> bool:
        """Return whether a holder takes no writes at this moment."""
        schema = self._own_tenants(holder)
        if schema is None:
            return self.shards_frozen(holder)
        return self.tenants_frozen(schema, self._calls.tenants(holder.collection))

    def shards_frozen(self, holder: Holder) -> bool:
        """Return the same of one that is known to keep no tenants of its own."""
        states = self._states(holder)
        return bool(states) and all(state == READ_ONLY for state in states.values())

    def tenants_frozen(self, schema: Json, tenants: Mapping[str, str]) -> bool:
        """Return the same of a collection with tenants of its own, given their states; where none is awake, it is."""
        if auto_of(schema):
            return False
        states = self._states(Holder(str(schema["class"])))
        return all(states.get(tenant) == READ_ONLY for tenant in awake(tenants))

    def freeze(self, holder: Holder) -> None:
        """Let a holder take no writes; one that is gone takes none."""
        if self._own_tenants(holder) is None:
            self._set(holder, self._present(holder), READ_ONLY)
            return
        self._calls.set_auto(holder.collection, "")
        self._set(holder, awake(self._calls.tenants(holder.collection)), READ_ONLY)

    def allow(self, holder: Holder, auto: str) -> None:
        """Let a holder take writes, and do so much with tenants of its own accord; one that is gone needs nothing."""
        if self._own_tenants(holder) is None:
            self._set(holder, self._present(holder), READY)
            return
        if self._closed(holder):
            self._calls.set_auto(holder.collection, "")
            self._set(holder, self._closed(holder), READY)
        self._calls.set_auto(holder.collection, auto)

    def _own_tenants(self, holder: Holder) -> Json | None:
        """Return the schema of a collection with tenants of its own; None of anything else."""
        schema = self._calls.collection(holder.collection) if holder.tenant is None else None
        return schema if schema is not None and has_tenants(schema) else None

    def _closed(self, holder: Holder) -> set[str]:
        """Return the tenants that are awake and take no writes on some node; what is not in memory is not touched."""
        closed = {shard["name"] for shard in self._shards(holder) if shard.get("vectorIndexingStatus") == READ_ONLY}
        return closed & awake(self._calls.tenants(holder.collection)) if closed else closed

    def _present(self, holder: Holder) -> Collection[str]:
        try:
            return self._states(holder)
        except Refused as error:
            if error.status == NOT_FOUND:  # what is gone takes no writes, and needs no permission
                return ()
            raise

    def _states(self, holder: Holder) -> dict[str, str]:
        """Return the shards of a holder; of one that several nodes have, the state in which it takes writes if any."""
        states: dict[str, str] = {}
        for shard in self._shards(holder):
            name, state = shard["name"], str(shard.get("vectorIndexingStatus"))
            if states.get(name, READ_ONLY) == READ_ONLY:
                states[name] = state
        return states

    def _shards(self, holder: Holder) -> list[Json]:
        return [one for one in shards_of(self._server, holder.collection) if holder.tenant in {None, one["name"]}]

    def _set(self, holder: Holder, shards: Iterable[str], status: str) -> None:
        part = self._server.fence.handed_on()

        def put(shard: str) -> None:
            path = f"/v1/schema/{quote(holder.collection)}/shards/{quote(shard)}"
            with part():
                try:
                    self._server.ask("set_shard", "PUT", path, {"status": status})
                except Refused:
                    if self._is_there(holder.collection, shard):
                        raise

        with ThreadPoolExecutor(AT_ONCE, "shards") as threads:
            for done in [threads.submit(put, shard) for shard in sorted(shards)]:
                done.result()

    def _is_there(self, collection: str, shard: str) -> bool:
        """Return whether a shard is there still: a tenant may have been removed meanwhile."""
        schema = self._calls.collection(collection)
        if schema is None or not has_tenants(schema):
            return schema is not None
        return self._calls.tenant(collection, shard) is not None


def awake(tenants: Mapping[str, str]) -> set[str]:
    """Return the tenants that are in use, of all with their states."""
    return {name for name, state in tenants.items() if state in AWAKE}
