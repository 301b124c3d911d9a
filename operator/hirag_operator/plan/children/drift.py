"""Telling whether a live Kubernetes object still says what the operator wants of it.

Only declared fields count: what the API server defaults or others add is theirs. A reconcile that finds no drift
sends no write.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from hirag_operator.api.quantities import to_number

_KEYS_OF_LISTS = ("uid", "mountPath", "name")  # what the API merges lists by, in our children; other lists are atomic
# Objects that the API replaces whole (x-kubernetes-map-type: atomic), in our children: a key more is another selector.
_WHOLE = frozenset({"selector", "labelSelector", "nodeSelector", "scaleTargetRef"})


def drift(wanted: Any, live: Any, path: str = "") -> Iterator[str]:
    """Yield the paths (e.g. `spec.replicas`) of declared fields that the live object does not carry as declared."""
    if path.rpartition(".")[2] in _WHOLE:
        if not _equal(wanted, live, measured=False):
            yield path
    elif isinstance(wanted, Mapping) and isinstance(live, Mapping):
        for key, value in wanted.items():
            yield from drift(value, live.get(key), f"{path}.{key}" if path else key)
    elif isinstance(wanted, list) and isinstance(live, list):
        yield from _list_drift(wanted, live, path)
    elif not _equal(wanted, live, measured=".resources." in path):
        yield path


def _list_drift(wanted: Sequence[Any], live: Sequence[Any], path: str) -> Iterator[str]:
    key = _merge_key(wanted)
    if key is None:
        if len(wanted) != len(live):
            yield path
            return
        for index, (left, right) in enumerate(zip(wanted, live, strict=True)):
            yield from drift(left, right, f"{path}[{index}]")
        return
    by_key = {item.get(key): item for item in live if isinstance(item, Mapping)}
    for item in wanted:
        yield from drift(item, by_key.get(item[key]), f"{path}[{item[key]}]")


def _merge_key(items: Sequence[Any]) -> str | None:
    if not items or not all(isinstance(item, Mapping) for item in items):
        return None
    return next((key for key in _KEYS_OF_LISTS if all(key in item for item in items)), None)


def _equal(wanted: Any, live: Any, *, measured: bool) -> bool:
    if wanted == live:
        return True
    if live is None:
        # The API drops empty values: not saying a thing and saying it empty are the same.
        return wanted in ({}, [], "", None)
    # The API server writes quantities in its own way: 0.5 comes back as 500m.
    return measured and _figure(wanted) is not None and _figure(wanted) == _figure(live)


def _figure(value: Any) -> Decimal | None:
    try:
        return to_number(str(value))
    except ValueError:
        return None
