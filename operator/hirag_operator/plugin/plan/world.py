"""The objects that a plan goes by: as they are, and as they would be once the documents are applied."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hirag_operator.adapters.reader import ClusterReader
from hirag_operator.errors import NotAllowed
from hirag_operator.plan.dig import dig
from hirag_operator.plugin.kinds import COLLECTION, MODEL, POLICY
from hirag_operator.plugin.status.look import Key, key_of, references

Json = Mapping[str, Any]

ONE_BY_ONE = 4  # objects that are read one by one; of more, all are listed


@dataclass
class Cluster:
    """Objects of a cluster, read when they are asked for and then kept.

    Attributes:
        notes: What could not be read for want of a permission.
    """

    reader: ClusterReader
    listed: dict[str, list[dict[str, Any]] | None] = field(default_factory=dict)
    known: dict[tuple[str, str | None, str], dict[str, Any] | None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def get(self, kind: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        """Return an object, or None where there is none, or where it may not be read."""
        key = (kind, namespace, name)
        if key not in self.known:
            try:
                self.known[key] = self.reader.get(*key)
            except NotAllowed as error:
                self._note(error)
                self.known[key] = None
        return self.known[key]

    def all_of(self, kind: str) -> list[dict[str, Any]] | None:
        """Return all objects of a kind in all namespaces; None where they may not be listed."""
        if kind not in self.listed:
            try:
                found = self.reader.all_of(kind)
            except NotAllowed as error:
                self._note(error)
                self.listed[kind] = None
            else:
                self.listed[kind] = found
                self.known |= {(kind, one["metadata"].get("namespace"), one["metadata"]["name"]): one for one in found}
        return self.listed[kind]

    def all_in(self, kind: str, namespaces: Iterable[str]) -> list[dict[str, Any]]:
        """Return all objects of a kind in some namespaces, as far as they may be listed."""
        found: list[dict[str, Any]] = []
        for namespace in sorted(set(namespaces)):
            try:
                found += self.reader.all_of(kind, namespace)
            except NotAllowed as error:
                self._note(error)
        return found

    def preload(self, keys: Iterable[Key]) -> None:
        """Read what will be asked for: many objects of a kind in one request."""
        wanted = {key for key in keys if key not in self.known}
        for kind in (MODEL, POLICY):
            of_kind = [key for key in wanted if key[0] == kind]
            if len(of_kind) > ONE_BY_ONE:
                self.all_of(kind)

    def _note(self, error: NotAllowed) -> None:
        if error.message not in self.notes:
            self.notes.append(error.message)


@dataclass(frozen=True)
class World:
    """A cluster with some objects otherwise than they are: what following references takes (`Reads`)."""

    cluster: Cluster
    instead: Mapping[Key, dict[str, Any]] = field(default_factory=dict)

    @property
    def kubernetes(self) -> "World":
        """Return where objects are looked up: here."""
        return self

    def get(self, kind: str, namespace: str | None, name: str) -> dict[str, Any] | None:
        """Return an object as it is in this world."""
        return self.instead.get((kind, namespace or "", name)) or self.cluster.get(kind, namespace, name)


def touched(cluster: Cluster, changed: Mapping[Key, Json]) -> tuple[list[dict[str, Any]], bool]:
    """Return the ContextCollections, as they are, that refer to what changes and do not change themselves.

    With it goes whether these are all: who may not list them everywhere sees those of the namespaces of what changes.
    """
    referred = {key for key in changed if key[0] != COLLECTION}
    if not referred:
        return [], True
    everywhere = cluster.all_of(COLLECTION)
    found = cluster.all_in(COLLECTION, (key[1] for key in referred)) if everywhere is None else everywhere
    users = [one for one in found if referred & set(references(one)) and key_of(one) not in changed]
    cluster.preload(key for one in users for key in references(one))
    return sorted(users, key=key_of), everywhere is not None


def is_at_rest(body: Json) -> bool:
    """Return whether status says that the present spec is what is live."""
    conditions = {one.get("type"): one.get("status") for one in dig(body, "status", "conditions") or []}
    current = dig(body, "status", "observedGeneration") == dig(body, "metadata", "generation")
    return bool(current and conditions.get("Ready") == "True")
