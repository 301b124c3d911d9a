"""Reading raw JSON of objects that may be invalid."""

from collections.abc import Mapping
from typing import Any


def dig(value: Any, *path: str) -> Any:
    """Return what stands at a path; None where it, or anything on the way to it, is not there or not an object."""
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
