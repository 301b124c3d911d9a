"""Looking who uses a shared model or policy, to find out which collection a change of it is to reach first."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.api.collection_levels import STORED_LEVELS
from hirag_operator.plan.collection.changes import schema_changes
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.migration.canary import Member
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.dig import dig
from hirag_operator.plan.names import alias_name, tenant_name
from hirag_operator.plan.policy import levels_using

Json = Mapping[str, Any]
Uses = Callable[[Json, str], bool]

SECONDS: Final = 3.0  # for how long an answer holds: thousands may wait, and each of them asks
_INDEX: Final = ("vectorIndexType", "vectorIndexConfig")


@dataclass
class Canaries:
    """Answers by the change that they are about. Thread-safe."""

    clock: Callable[[], float] = time.monotonic
    _known: dict[tuple[str, ...], tuple[float, Member | None]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def first(self, change: tuple[str, ...], look: Callable[[], Member | None]) -> Member | None:
        """Return which level goes first in a change; `look` finds it out where that was long ago."""
        with self._lock:
            known = self._known.get(change)
            if known is None or self.clock() - known[0] > SECONDS:
                self._known = {key: one for key, one in self._known.items() if self.clock() - one[0] <= SECONDS}
                self._known[change] = known = (self.clock(), look())
            return known[1]


def by_policy(reference: str) -> Uses:
    """Return what tells of a ContextCollection, as JSON, whether a level uses the policy `namespace/name`."""
    namespace, _, name = reference.partition("/")
    return lambda body, level: level in levels_using(body, namespace, name)


def by_model(reference: str) -> Uses:
    """Return what tells of a ContextCollection, as JSON, whether it uses the model `namespace/name`."""

    def uses(body: Json, level: str) -> bool:
        found = dig(body, "spec", "embeddingModelRef")
        home = dig(found, "namespace") or body["metadata"]["namespace"]
        return dig(body, "spec", "levels", level) is not None and f"{home}/{dig(found, 'name')}" == reference

    return uses


def same_index(wanted: WantedLevel, live: Json) -> bool:
    """Return whether a live collection has the index that a level is to have."""
    index = {"properties": [], **{key: wanted.schema[key] for key in _INDEX}}
    return not schema_changes(index, live).build


def same_vectors(wanted: WantedLevel, live: Json) -> bool:
    """Return whether a live collection has vectors of the model that a level is to have."""
    stamp = read_stamp(live)
    return stamp is not None and stamp.fingerprint == wanted.stamp.fingerprint


def members(bodies: Iterable[Json], server: WeaviateAdapter, uses: Uses, done: Callable[[Json], bool]) -> list[Member]:
    """Return the levels that use an object and are served by a Weaviate."""
    return [
        member
        for body in bodies
        for level in STORED_LEVELS
        if uses(body, level) and (member := _member(body["metadata"], level, server, done)) is not None
    ]


def _member(metadata: Json, level: str, server: WeaviateAdapter, done: Callable[[Json], bool]) -> Member | None:
    """Return a level as it is served; None where it is not, or by another Weaviate."""
    namespace, name = metadata["namespace"], metadata["name"]
    found = server.served(alias_name(namespace, name, level), tenant_name(namespace, name, level))
    if found is None:
        return None
    live, objects = found
    return Member(objects, namespace, name, level, done(live))
