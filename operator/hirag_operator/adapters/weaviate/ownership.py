"""Whose collections are, by their stamps: an index, for a thousand levels each ask which of a thousand are theirs."""

from collections.abc import Mapping
from typing import Any

from hirag_operator.plan.collection.stamp import Stamp, read_stamp

Json = Mapping[str, Any]
Owner = tuple[str, str, str, str]  # instance, namespace, name, level


class Ownership:
    """Collections by the owner in their stamps. Not thread-safe."""

    def __init__(self, collections: Mapping[str, Json] | None = None) -> None:
        self._stamps: dict[str, Stamp] = {}
        self._names: dict[Owner, set[str]] = {}
        for name, schema in (collections or {}).items():
            self.note(name, schema)

    def note(self, name: str, schema: Json | None) -> None:
        """Note what a collection is now; None when it is gone."""
        before = self._stamps.pop(name, None)
        if before is not None:
            self._names[before.owner].discard(name)
        stamp = read_stamp(schema) if schema is not None else None
        if stamp is not None:
            self._stamps[name] = stamp
            self._names.setdefault(stamp.owner, set()).add(name)

    def owned(self, owner: Owner) -> tuple[str, ...]:
        """Return the collections of an owner, in order of their names."""
        return tuple(sorted(self._names.get(owner, ())))

    def pools(self, instance: str) -> tuple[str, ...]:
        """Return the pools of an operator's instance, in order of their names."""
        return self.owned((instance, "", "", ""))
