"""What one Weaviate holds, as far as a look at everything at once a while ago tells.

Thousands of levels at rest cannot each be asked for, one by one, every few minutes. So the schema, the aliases, the
tenants and the counts are read as a whole, at most every `max_age` seconds and only when somebody wants to know. What
is seen here decides that nothing is to be done, and nothing else: before anything is changed, it is looked at afresh
(see `adapter.py`), and what is then seen or done is noted here.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from hirag_operator.adapters.weaviate.calls import Calls
from hirag_operator.adapters.weaviate.ownership import Owner, Ownership
from hirag_operator.errors import Refused
from hirag_operator.plan.collection.schemas import has_tenants
from hirag_operator.plan.collection.stamp import read_stamp

Json = dict[str, Any]


class View:
    """A view of one server, at most `max_age` seconds old. Thread-safe; raises what the calls raise."""

    def __init__(self, calls: Calls, max_age: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._calls = calls
        self._max_age = max_age
        self._clock = clock
        self._lock = threading.RLock()
        self._loaded_at: float | None = None
        self._forgets = 0
        self._aliases: dict[str, str] = {}
        self._collections: dict[str, Json] = {}
        self._ownership = Ownership()
        self._forgotten: set[str] = set()
        self._tenants: dict[str, dict[str, str]] = {}
        self._counts: dict[str, int] = {}
        self._tenant_counts: dict[str, dict[str, int | None]] = {}
        self._known_counts: dict[str, dict[str, int]] = {}  # kept from one look at everything to the next

    def forget(self) -> None:
        """Look at everything anew when next asked: the server may have come back as another one.

        A look that is under way at this moment, in another thread, is forgotten too.
        """
        self._forgets += 1
        self._loaded_at = None

    def alias_target(self, alias: str) -> str | None:
        """Return what an alias points at; None when there is no such alias."""
        with self._current():
            return self._aliases.get(alias)

    def collection(self, name: str) -> Json | None:
        """Return the schema of a physical collection, or None."""
        with self._current():
            if name in self._forgotten:
                self.note_collection(name, self._calls.collection(name))
            return self._collections.get(name)

    def collections(self) -> list[Json]:
        """Return the schemas of all collections."""
        with self._current():
            self._learn()
            return list(self._collections.values())

    def owned(self, owner: Owner) -> tuple[str, ...]:
        """Return the collections that carry the stamp of a level, in order of their names."""
        with self._current():
            self._learn()
            return self._ownership.owned(owner)

    def pools(self, instance: str) -> tuple[str, ...]:
        """Return the pools of an operator's instance, in order of their names."""
        with self._current():
            self._learn()
            return self._ownership.pools(instance)

    def tenants(self, collection: str) -> Mapping[str, str]:
        """Return all tenants of a multi-tenant collection with their states."""
        with self._current():
            if collection not in self._tenants:
                self._tenants[collection] = self._calls.tenants(collection)
            return self._tenants[collection]

    def count(self, collection: str) -> int | None:
        """Return the objects of a collection without tenants; None when they cannot be counted."""
        with self._current():
            if collection not in self._counts:
                self._counts |= self._count_all(collection)
            return self._counts.get(collection)

    def tenant_counts(self, collection: str) -> Mapping[str, int | None]:
        """Return the objects of a multi-tenant collection by active tenant; None where they cannot be told.

        Counting a tenant brings it into memory, which is what leaving it on disk saves. One that was counted before is
        taken as it was then, for nobody can have written to it without waking it.
        """
        with self._current():
            if collection not in self._tenant_counts:
                shards = self._calls.shards(collection)
                known = self._known_counts.setdefault(collection, {})
                known |= self._calls.count_tenants(collection, [name for name, awake in shards.items() if awake])
                self._tenant_counts[collection] = {name: known.get(name) for name in shards}
            return self._tenant_counts[collection]

    def count_tenant(self, collection: str, tenant: str) -> int:
        """Return the objects of one tenant, which is woken for it if need be."""
        with self._current():
            count = self._calls.count_tenants(collection, [tenant])[tenant]
            self._known_counts.setdefault(collection, {})[tenant] = count
            return count

    def note_alias(self, alias: str, target: str | None) -> None:
        """Note where an alias points now."""
        with self._lock:
            _note(self._aliases, alias, target)

    def note_collection(self, name: str, schema: Json | None) -> None:
        """Note what a collection is now; None when it is gone."""
        with self._lock:
            _note(self._collections, name, schema)
            self._ownership.note(name, schema)
            self._forgotten.discard(name)
            if schema is None:
                self._tenants.pop(name, None)
                self._counts.pop(name, None)
                self._tenant_counts.pop(name, None)
                self._known_counts.pop(name, None)

    def forget_collection(self, name: str) -> None:
        """Have a collection asked for again: it was made or changed, and the server writes schemas in its own way."""
        with self._lock:
            self._forgotten.add(name)

    def note_all_tenants(self, collection: str, states: Mapping[str, str]) -> None:
        """Note the states of all tenants of a collection, as Weaviate reads them."""
        with self._lock:
            self._tenants[collection] = dict(states)

    def note_new_tenants(self, collection: str, states: Mapping[str, str]) -> None:
        """Note tenants that were just created: those that were not there before are empty."""
        with self._lock:
            new = states.keys() - self._tenants.get(collection, {}).keys()
            self._known_counts.setdefault(collection, {}).update(dict.fromkeys(new, 0))
            self.note_tenants(collection, states)

    def note_tenants(self, collection: str, states: Mapping[str, str | None]) -> None:
        """Note the states of some tenants of a collection, as Weaviate reads them; None for one that is gone."""
        with self._lock:
            for tenant, state in states.items():
                if collection in self._tenants:
                    _note(self._tenants[collection], tenant, state)
                if state is None:
                    self._tenant_counts.get(collection, {}).pop(tenant, None)
                    self._known_counts.get(collection, {}).pop(tenant, None)

    def _current(self) -> threading.RLock:
        """Return the lock to hold while reading, after a look at everything if the last one is too old."""
        with self._lock:
            if self._loaded_at is None or self._clock() - self._loaded_at > self._max_age:
                self._load()
        return self._lock

    def _learn(self) -> None:
        """Ask for the collections that were made or changed since the look at everything."""
        for name in list(self._forgotten):
            self.note_collection(name, self._calls.collection(name))

    def _load(self) -> None:
        forgets = self._forgets
        self._calls.require_ready()
        aliases, collections = self._calls.aliases(), self._calls.collections()
        self._aliases = aliases
        self._collections = {str(one["class"]): one for one in collections}
        self._ownership = Ownership(self._collections)
        self._forgotten = set()
        self._tenants, self._counts, self._tenant_counts = {}, {}, {}
        self._loaded_at = self._clock() if forgets == self._forgets else None

    def _count_all(self, wanted: str) -> dict[str, int]:
        """Count all plain collections of ours at once, for the next will be asked for too."""
        ours = [name for name, schema in self._collections.items() if read_stamp(schema) and not has_tenants(schema)]
        try:
            return self._calls.count_collections({*ours, wanted})
        except Refused:  # one of them has gone meanwhile; the others are counted when they are asked for
            return self._calls.count_collections([wanted])


def _note(known: dict[str, Any], key: str, value: Any | None) -> None:
    if value is None:
        known.pop(key, None)
    else:
        known[key] = value
