"""Merging JSON documents the way an update must: what is named changes, everything else stays."""

from collections.abc import Mapping
from typing import Any


def merged(present: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `present` with `changes` laid over it: objects merge key by key, anything else replaces."""
    result = dict(present)
    for key, value in changes.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def merge_patch(present: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON merge patch (RFC 7386) that turns `present` into `wanted`; empty when they are equal."""
    patch: dict[str, Any] = {key: None for key in present if key not in wanted}
    for key, value in wanted.items():
        old = present.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            if inner := merge_patch(old, value):
                patch[key] = inner
        elif key not in present or old != value:
            patch[key] = value
    return patch
