"""What the operator stamped on a collection (`hirag_operator/plan/collection/stamp.py`), as far as jobs need it."""

from collections.abc import Mapping
from typing import Any

_STAMP = "hirag"


def stamp(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the operator stamped on a collection; empty on one that it did not make."""
    return (schema.get("moduleConfig") or {}).get(_STAMP) or {}


def of_pool(schema: Mapping[str, Any]) -> bool:
    """Whether a collection is a pool of shared levels, whose stamp names no object."""
    found = stamp(schema)
    return bool(found) and not found.get("level")


def fingerprint(schema: Mapping[str, Any]) -> str | None:
    """The embedding fingerprint of the vectors inside; None where the operator did not make the collection."""
    return stamp(schema).get("fingerprint") or None
