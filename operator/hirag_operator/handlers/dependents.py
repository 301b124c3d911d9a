"""Who refers to whom: so that an event of a model or a policy wakes the collections that use it, in any namespace."""

from collections.abc import Iterator, Mapping
from typing import Any

from hirag_operator.handlers.queue import Key
from hirag_operator.plan.dig import dig


class Dependents:
    """A reverse index of references, kept up to date by the events of the referring objects."""

    def __init__(self) -> None:
        self._targets: dict[Key, frozenset[Key]] = {}
        self._dependents: dict[Key, set[Key]] = {}

    def update(self, key: Key, targets: frozenset[Key]) -> frozenset[Key]:
        """Note what `key` refers to now; return the targets that were added or dropped."""
        before = self._targets.get(key, frozenset())
        for gone in before - targets:
            self._dependents[gone].discard(key)
            if not self._dependents[gone]:
                del self._dependents[gone]
        for target in targets - before:
            self._dependents.setdefault(target, set()).add(key)
        if targets:
            self._targets[key] = targets
        else:
            self._targets.pop(key, None)
        return before ^ targets

    def of(self, target: Key) -> frozenset[Key]:
        """Return the objects that refer to `target`."""
        return frozenset(self._dependents.get(target, ()))

    def targets(self, key: Key) -> frozenset[Key]:
        """Return what `key` refers to, as of its last event."""
        return self._targets.get(key, frozenset())


def references(kind: str, namespace: str, spec: Mapping[str, Any]) -> frozenset[Key]:
    """Return what an object's raw spec refers to; tolerant, for it may be invalid.

    Namespaces are referred to as `namespace_key` says: one's own where another's permission depends on its labels,
    all where a selector picks from them.
    """
    found = {Key("Secret", namespace, name) for name in _secrets(spec)}
    if kind != "ContextCollection":
        return frozenset(found)
    levels = spec.get("levels")
    stored = levels.values() if isinstance(levels, Mapping) else ()
    named = [_reference("EmbeddingModel", namespace, spec.get("embeddingModelRef"))]
    named += [_reference("HNSWIndexPolicy", namespace, dig(level, "indexPolicyRef")) for level in stored]
    found |= {key for key in named if key is not None}
    if any(key.namespace != namespace for key in found):
        found.add(namespace_key(namespace))
    if dig(spec, "multiTenancy", "tenantsFrom", "namespaceSelector") is not None:
        found.add(ALL_NAMESPACES)
    return frozenset(found)


def namespace_key(name: str) -> Key:
    """Return what stands for a Namespace."""
    return Key("Namespace", "", name)


ALL_NAMESPACES = namespace_key("*")


def _secrets(value: Any) -> Iterator[str]:
    """Yield the names of Secrets that a spec takes keys from, wherever in it."""
    if isinstance(value, list):
        for one in value:
            yield from _secrets(one)
    if isinstance(value, Mapping):
        name = dig(value, "apiKeySecretRef", "name")
        if isinstance(name, str):
            yield name
        for one in value.values():
            yield from _secrets(one)


def _reference(kind: str, home: str, reference: Any) -> Key | None:
    name, namespace = dig(reference, "name"), dig(reference, "namespace") or home
    return Key(kind, namespace, name) if isinstance(name, str) and isinstance(namespace, str) else None
