"""What a status report goes by: read in as many requests as there are kinds, however many objects there are.

What the caller may not list is left out and named: a person with few rights still sees the objects of their own.
"""

import contextlib
import itertools
import operator
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

from hirag_operator.adapters.reader import ClusterReader
from hirag_operator.errors import NotAllowed
from hirag_operator.plan.children.owned import MANAGED_BY, OWNER_LABELS
from hirag_operator.plan.dig import dig
from hirag_operator.plugin.kinds import COLLECTION, MODEL, POLICY

Json = Mapping[str, Any]
Key = tuple[str, str, str]  # kind, namespace, name

CHILDREN: Final = {COLLECTION: ("CronJob",), MODEL: ("Deployment", "Pod"), POLICY: ()}
ONE_BY_ONE: Final = 4  # references that are read one by one; more than these are listed
_OURS: Final = ",".join(f"{key}={value}" for key, value in MANAGED_BY.items())


@dataclass
class Seen:
    """What was read: objects of ours that were asked for, others that they refer to, and what the operator made.

    Attributes:
        asked: What the report is about.
        known: Objects of ours by kind, namespace and name; None where one does not exist.
        children: What the operator made, by kind.
        unseen: What could not be read for want of a permission.
    """

    asked: list[Json] = field(default_factory=list)
    known: dict[Key, Json | None] = field(default_factory=dict)
    children: dict[str, list[Json]] = field(default_factory=dict)
    unseen: list[str] = field(default_factory=list)

    def of(self, kind: str) -> list[Json]:
        """Return the objects of a kind that were read, asked for or not."""
        return [body for (known, _, _), body in self.known.items() if known == kind and body is not None]


def look_at_all(reader: ClusterReader, kinds: Collection[str], namespace: str | None) -> Seen:
    """Read all objects of some kinds in a namespace (None: in all), and what belongs to them.

    Raises:
        NotAllowed: the kinds themselves may not be listed.
    """
    seen, listed = Seen(), set[str]()
    for kind in sorted(kinds):
        seen.asked += _listed(reader, seen, kind, namespace)
        listed.add(kind)
    for kind in {MODEL, POLICY} - listed if COLLECTION in kinds else ():
        with _spared(seen):
            _listed(reader, seen, kind, namespace)
            listed.add(kind)
    _read_references(reader, seen, {(kind, namespace) for kind in listed})
    for child in [child for kind in sorted(kinds) for child in CHILDREN[kind]]:
        with _spared(seen):
            seen.children[child] = list(reader.all_of(child, namespace, labels=_OURS))
    return seen


def look_at_one(reader: ClusterReader, kind: str, namespace: str, name: str) -> Seen | None:
    """Read one object and what belongs to it; None where there is no such object.

    Raises:
        NotAllowed: the object itself may not be read.
    """
    body = reader.get(kind, namespace, name)
    if body is None:
        return None
    seen = Seen(asked=[body], known={(kind, namespace, name): body})
    _read_references(reader, seen, set())
    if kind == MODEL:
        with _spared(seen):
            users = reader.all_of(COLLECTION, fields=f"spec.embeddingModelRef.name={name}")
            seen.known |= {key_of(user): user for user in users}
    for child in CHILDREN[kind]:
        with _spared(seen):
            labels = f"{_OURS},{OWNER_LABELS[kind]}={name}"
            seen.children[child] = list(reader.all_of(child, namespace, labels=labels))
    return seen


def key_of(body: Json) -> Key:
    """Return what tells an object of ours from others."""
    return body["kind"], body["metadata"]["namespace"], body["metadata"]["name"]


def references(body: Json) -> list[Key]:
    """Return what a ContextCollection refers to; tolerant, for the spec may be invalid."""
    home = body["metadata"]["namespace"]
    declared: list[tuple[str, Any]] = [(MODEL, dig(body, "spec", "embeddingModelRef"))]
    levels = dig(body, "spec", "levels")
    declared += [(POLICY, dig(levels, level, "indexPolicyRef")) for level in levels or {}]
    return [
        (kind, dig(found, "namespace") or home, str(dig(found, "name")))
        for kind, found in declared
        if dig(found, "name")
    ]


def _listed(reader: ClusterReader, seen: Seen, kind: str, namespace: str | None) -> list[dict[str, Any]]:
    found = reader.all_of(kind, namespace)
    seen.known |= {key_of(body): body for body in found}
    return found


def _read_references(reader: ClusterReader, seen: Seen, listed: AbstractSet[tuple[str, str | None]]) -> None:
    """Read what collections refer to and was not read yet; `listed` are kinds of which a namespace (None: all) was."""
    wanted = {key for body in seen.asked if body["kind"] == COLLECTION for key in references(body)}
    missing = sorted(wanted - seen.known.keys())
    seen.known |= {key: None for key in missing if {(key[0], None), (key[0], key[1])} & listed}
    for kind, keys in itertools.groupby((key for key in missing if key not in seen.known), key=operator.itemgetter(0)):
        with _spared(seen):
            _fetch(reader, seen, kind, list(keys))


def _fetch(reader: ClusterReader, seen: Seen, kind: str, keys: Sequence[Key]) -> None:
    """Read objects one by one, or, of many, all that there are."""
    if len(keys) <= ONE_BY_ONE:
        seen.known |= {key: reader.get(*key) for key in keys}
        return
    _listed(reader, seen, kind, None)
    seen.known |= {key: None for key in keys if key not in seen.known}


@contextlib.contextmanager
def _spared(seen: Seen) -> Iterator[None]:
    """Note what may not be read, and go on without it."""
    try:
        yield
    except NotAllowed as error:
        if error.message not in seen.unseen:
            seen.unseen.append(error.message)
