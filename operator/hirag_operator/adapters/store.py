"""What the watches have brought of Kubernetes: looked up without asking the server.

Whichever side of a race comes first, the newer version of an object wins: an event that is late does not undo the
answer to a write of ours, and a late answer does not bring back what was deleted. Resource versions of one kind are
numbers that grow (https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/5504-comparable-resource-version).
"""

import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hirag_operator.plan.children.owned import OWNER_LABELS

Json = dict[str, Any]
Address = tuple[str, str]  # namespace ("" where there is none) and name

DELETED_SECONDS = 60.0  # how long a deletion is remembered: longer than any write of ours waits for its answer
_INDEXED = frozenset(OWNER_LABELS.values())


@dataclass(frozen=True)
class Coverage:
    """What the watches bring of a kind: objects that carry `labels`, in `namespaces` (None: everywhere)."""

    labels: Mapping[str, str] = field(default_factory=dict)
    namespaces: frozenset[str] | None = None


class Store:
    """Objects by kind. Thread-safe.

    It hands out the very dictionaries that it keeps, to everybody alike: read them, never change them.

    Args:
        coverage: The kinds that are watched. Objects of all other kinds are not kept.
        clock: Seconds, to forget deletions by.
    """

    def __init__(
        self, coverage: Mapping[str, Coverage] | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._coverage = dict(coverage or {})
        self._clock = clock
        self._lock = threading.RLock()
        self._objects: dict[str, dict[Address, Json]] = {kind: {} for kind in self._coverage}
        self._labelled: dict[tuple[str, str, str], set[Address]] = {}
        self._deleted: dict[tuple[str, Address], tuple[str, float]] = {}
        self._listed: dict[str, dict[str | None, str]] = {kind: {} for kind in self._coverage}

    def synced(self, kind: str) -> bool:
        """Return whether all that is watched of a kind has been listed once."""
        coverage = self._coverage.get(kind)
        return coverage is not None and self._listed[kind].keys() >= (coverage.namespaces or {None})

    def unsynced(self) -> list[str]:
        """Return the watched kinds whose first listing is not over."""
        return sorted(kind for kind in self._coverage if not self.synced(kind))

    def knows(self, kind: str, namespace: str | None, labels: Mapping[str, str] | None = None) -> bool:
        """Return whether all objects of a kind in a namespace (None: in all) with these labels are at hand."""
        if not self.synced(kind):
            return False
        coverage = self._coverage[kind]
        inside = coverage.namespaces is None or (namespace is not None and namespace in coverage.namespaces)
        return inside and coverage.labels.items() <= (labels or {}).items()

    def get(self, kind: str, namespace: str | None, name: str) -> Json | None:
        """Return an object if it is here; not to be changed by the caller."""
        with self._lock:
            return self._objects.get(kind, {}).get((namespace or "", name))

    def all_of(self, kind: str, namespace: str | None = None, labels: Mapping[str, str] | None = None) -> list[Json]:
        """Return what is here of a kind in a namespace (None: in all) with all of these labels, by namespace and name.

        A label that names an owner (`OWNER_LABELS`) makes it a look-up instead of a walk through the kind.
        """
        wanted = dict(labels or {})
        with self._lock:
            objects = self._objects.get(kind, {})
            indexed = [self._labelled.get((kind, key, wanted[key]), set()) for key in _INDEXED & wanted.keys()]
            candidates: Iterable[Address] = set.intersection(*indexed) if indexed else objects
            found = sorted(one for one in candidates if namespace is None or one[0] == namespace)
            return [objects[one] for one in found if wanted.items() <= _labels(objects[one]).items()]

    def put(self, body: Mapping[str, Any]) -> bool:
        """Take in an object unless something newer is known of it; return whether it was news."""
        kind, address = body["kind"], address_of(body)
        coverage = self._coverage.get(kind)
        if coverage is None or not coverage.labels.items() <= _labels(body).items():
            return False
        version = str(body["metadata"].get("resourceVersion", ""))
        with self._lock:
            known = self._known(kind, address)
            if known is not None and not newer(version, known):
                return False
            self._drop(kind, address)
            self._deleted.pop((kind, address), None)
            self._objects[kind][address] = _kept(body)
            for label in _INDEXED & _labels(body).keys():
                self._labelled.setdefault((kind, label, _labels(body)[label]), set()).add(address)
        return True

    def remove(self, kind: str, namespace: str | None, name: str, version: str) -> bool:
        """Note that an object was deleted at `version`; return whether that took away what was here."""
        address = (namespace or "", name)
        with self._lock:
            known = self._known(kind, address)
            if kind not in self._coverage or (known is not None and newer(known, version)):
                return False
            present = self._objects[kind].get(address) is not None
            self._drop(kind, address)
            self._remember_deletion(kind, address, version)
        return present

    def settle(self, kind: str, namespace: str | None, listed: set[Address], version: str) -> list[Json]:
        """End a listing at `version` whose objects were put: return and drop what was not in it and is not newer."""
        with self._lock:
            gone = [
                body
                for address, body in self._objects[kind].items()
                if address not in listed and namespace in {None, address[0]} and not newer(version_of(body), version)
            ]
            for body in gone:
                self.remove(kind, *address_of(body), version)
            self._listed[kind][namespace] = version
        return gone

    def _known(self, kind: str, address: Address) -> str | None:
        """Return the version at which an object was last seen, or at which it was known not to be there."""
        present = self._objects.get(kind, {}).get(address)
        if present is not None:
            return version_of(present)
        if (kind, address) in self._deleted:
            return self._deleted[kind, address][0]
        listed = self._listed.get(kind, {})
        return listed.get(None) or listed.get(address[0])  # what is as old as a listing, and was not in it, is gone

    def _drop(self, kind: str, address: Address) -> None:
        before = self._objects[kind].pop(address, None)
        for label in _INDEXED & _labels(before or {}).keys():
            entry = (kind, label, _labels(before or {})[label])
            self._labelled[entry].discard(address)
            if not self._labelled[entry]:
                del self._labelled[entry]

    def _remember_deletion(self, kind: str, address: Address, version: str) -> None:
        now = self._clock()
        self._deleted.pop((kind, address), None)  # so that the oldest stand first
        self._deleted[kind, address] = (version, now)
        while now - self._deleted[oldest := next(iter(self._deleted))][1] > DELETED_SECONDS:
            del self._deleted[oldest]


def newer(version: str, than: str) -> bool:
    """Return whether a resource version comes after another; of a server that does not count, any other does."""
    if version.isdecimal() and than.isdecimal():
        return int(version) > int(than)
    return version != than


def address_of(body: Mapping[str, Any]) -> Address:
    """Return the namespace and name of an object."""
    metadata = body["metadata"]
    return metadata.get("namespace") or "", metadata["name"]


def version_of(body: Mapping[str, Any]) -> str:
    """Return the resource version of an object."""
    return str(body["metadata"].get("resourceVersion", ""))


def _labels(body: Mapping[str, Any]) -> Mapping[str, str]:
    return (body.get("metadata") or {}).get("labels") or {}


def _kept(body: Mapping[str, Any]) -> Json:
    """Return a copy with one string for equal keys, and without the book-keeping that nobody here reads.

    `managedFields` is most of an object's size; of Deployments it tells who owns the replicas (see
    `plan/children/replicas.py`).
    """
    metadata = dict(body["metadata"])
    managed = metadata.pop("managedFields", None)
    copy: Json = _shared({**body, "metadata": metadata})
    if managed and body["kind"] == "Deployment":
        copy["metadata"]["managedFields"] = managed
    return copy


def _shared(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {sys.intern(key): _shared(one) for key, one in value.items()}
    return [_shared(one) for one in value] if isinstance(value, list) else value
