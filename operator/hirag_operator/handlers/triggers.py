"""Who is looked at because of what: an event says which objects to look at, never what to do.

An event counts only where it changes what somebody goes by (`digests.py`). So our own writes of status wake nobody who
has nothing to learn from them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from hirag_operator.api import GROUP, KINDS
from hirag_operator.handlers import digests
from hirag_operator.handlers.dependents import ALL_NAMESPACES, Dependents, namespace_key, references
from hirag_operator.handlers.queue import Key, WorkQueue
from hirag_operator.plan.children.owned import OWNER_LABELS

Json = Mapping[str, Any]

OWN_KINDS = frozenset(kind.resource.kind for kind in KINDS)
DELETED = "DELETED"
_REPORTS_ITS_USERS = "HNSWIndexPolicy"  # the kind whose status tells of who refers to it


class FollowSecret(Protocol):
    """What is done when the first object refers to a Secret, or the last no longer does."""

    def __call__(self, secret: Key, *, wanted: bool) -> None:
        """Begin or end to watch it."""


class Triggers:
    """Turns events into keys of the queue. For one event loop.

    Args:
        queue: Where keys go.
        follow_secret: Told of Secrets that are referred to, and of those that no longer are.
    """

    def __init__(self, queue: WorkQueue, follow_secret: FollowSecret) -> None:
        self._queue = queue
        self._follow_secret = follow_secret
        self._dependents = Dependents()
        self._own: dict[Key, int] = {}
        self._shown: dict[Key, int] = {}

    def take(self, event: str, body: Json) -> None:
        """Take in an event of any watched kind."""
        if body["kind"] in OWN_KINDS:
            self.own(event, body)
        elif body["kind"] == "Namespace":
            self.namespace(event, body)
        elif body["kind"] == "Secret":
            self._wake(self._dependents.of(Key("Secret", body["metadata"]["namespace"], body["metadata"]["name"])))
        else:
            self.child(body)

    def own(self, event: str, body: Json) -> None:
        """Take in an event of one of our kinds: the object itself, and who has to do with it."""
        key = Key(body["kind"], body["metadata"]["namespace"], body["metadata"]["name"])
        deleted = event == DELETED
        touched = self._refer(key, frozenset() if deleted else references(*key[:2], body.get("spec") or {}))
        changed = not deleted and _changes(self._own, key, digests.own(body))
        if deleted:
            self._forget(key)
        elif changed:
            self._queue.add(key)
        if _changes(self._shown, key, None if deleted else digests.shown(body)):
            self._wake(self._dependents.of(key))
            self._wake(target for target in touched if target.kind == _REPORTS_ITS_USERS)

    def child(self, body: Json) -> None:
        """Take in an event of an object that one of ours owns, or that belongs to it by its labels, as pods do."""
        metadata = body["metadata"]
        labels = metadata.get("labels") or {}
        owners = {Key(kind, metadata["namespace"], labels[one]) for kind, one in OWNER_LABELS.items() if one in labels}
        for reference in metadata.get("ownerReferences") or []:
            if reference["kind"] in OWN_KINDS and reference["apiVersion"].startswith(f"{GROUP}/"):
                owners.add(Key(reference["kind"], metadata["namespace"], reference["name"]))
        self._wake(owners)

    def namespace(self, event: str, body: Json) -> None:
        """Take in an event of a Namespace: its labels permit, and pick."""
        key = namespace_key(body["metadata"]["name"])
        if _changes(self._shown, key, None if event == DELETED else digests.namespace(body)):
            self._wake(self._dependents.of(key) | self._dependents.of(ALL_NAMESPACES))

    def _refer(self, key: Key, targets: frozenset[Key]) -> frozenset[Key]:
        """Note what an object refers to; return that and what it referred to before."""
        changed = self._dependents.update(key, targets)
        for target in changed:
            if target.kind == "Secret":
                self._follow_secret(target, wanted=bool(self._dependents.of(target)))
        return changed | targets

    def _wake(self, keys: Iterable[Key]) -> None:
        """Look at objects of ours because of another; one that is not there (yet, or any more) is not looked for.

        A key in the queue stays there until its object's deletion is seen: for one that never was, that is for ever.
        """
        for key in keys:
            if key in self._own:
                self._queue.add(key)

    def _forget(self, key: Key) -> None:
        self._own.pop(key, None)
        self._queue.forget(key)


def _changes(known: dict[Key, int], key: Key, digest: int | None) -> bool:
    """Note a digest (None: gone) and return whether it is another than before."""
    before = known.pop(key, None)
    if digest is not None:
        known[key] = digest
    return before != digest
