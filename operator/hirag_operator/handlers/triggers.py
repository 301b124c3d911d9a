"""Kopf's watches as triggers: an event says which objects to look at, never what to do.

Only low-level event handlers are registered: kopf then writes nothing to the objects, neither annotations nor
finalizers of its own.
"""

import time
from collections.abc import Mapping
from typing import Any

import kopf

from hirag_operator import metrics
from hirag_operator.api import GROUP, KINDS, VERSION
from hirag_operator.handlers.dependents import Dependents, references
from hirag_operator.handlers.queue import Key, WorkQueue

CHILDREN = (("apps", "v1", "deployments"), ("batch", "v1", "cronjobs"))
_MANAGED = "app.kubernetes.io/managed-by"
OWN_KINDS = frozenset(kind.resource.kind for kind in KINDS)
_WAKES_ITS_TARGETS = {"HNSWIndexPolicy"}  # kinds whose status tells of who refers to them


class Triggers:
    """Turns events into keys of the queue."""

    def __init__(self, queue: WorkQueue) -> None:
        self._queue = queue
        self._dependents = Dependents()
        self._generations: dict[Key, tuple[Any, ...]] = {}

    def register(self, registry: kopf.OperatorRegistry) -> None:
        """Watch our kinds, and the children that we own."""
        for kind in KINDS:
            kopf.on.event(GROUP, VERSION, kind.resource.plural, registry=registry)(self._on_own)
        for group, version, plural in CHILDREN:
            kopf.on.event(group, version, plural, registry=registry, labels={_MANAGED: kopf.PRESENT})(self._on_child)

    async def _on_own(self, event: Mapping[str, Any], **_: Any) -> None:
        self.own(event["type"], event["object"])

    async def _on_child(self, event: Mapping[str, Any], **_: Any) -> None:
        self.child(event["object"])

    def own(self, event_type: str | None, body: Mapping[str, Any]) -> None:
        """Take in an event of one of our kinds: the object itself, and who depends on it."""
        kind, metadata = body["kind"], body["metadata"]
        key = Key(kind, metadata["namespace"], metadata["name"])
        metrics.WATCH_AGE.labels(kind).set(time.time())
        targets = frozenset() if event_type == "DELETED" else references(kind, key.namespace, body.get("spec") or {})
        touched = self._dependents.update(key, targets) | targets
        if event_type == "DELETED":
            self._forget(key)
        elif self._changed(key, metadata):
            self._queue.add(key)
        for dependent in self._dependents.of(key):
            self._queue.add(dependent)
        for target in touched:
            if target.kind in _WAKES_ITS_TARGETS:
                self._wake(target)

    def child(self, body: Mapping[str, Any]) -> None:
        """Take in an event of an object that one of ours owns."""
        metadata = body["metadata"]
        for owner in metadata.get("ownerReferences") or []:
            if owner["kind"] in OWN_KINDS and owner["apiVersion"].startswith(f"{GROUP}/"):
                self._wake(Key(owner["kind"], metadata["namespace"], owner["name"]))

    def _wake(self, key: Key) -> None:
        """Look at an object of ours because of another; one that is not there (yet, or any more) is not looked for.

        A key in the queue stays there until its object's deletion is seen: for one that never was, that is for ever.
        """
        if key in self._generations:
            self._queue.add(key)

    def _changed(self, key: Key, metadata: Mapping[str, Any]) -> bool:
        """Return whether an event is about more than the status that we wrote ourselves."""
        seen = (metadata.get("uid"), metadata.get("generation"), metadata.get("deletionTimestamp"))
        before = self._generations.get(key)
        self._generations[key] = seen
        return before != seen

    def _forget(self, key: Key) -> None:
        self._generations.pop(key, None)
        self._queue.forget(key)
        metrics.forget(*key)
