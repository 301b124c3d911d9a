"""Short, stable digests of JSON-like values.

A digest is what a fingerprint, a revision and an applied-configuration mark have in common: equal values give equal
digests on every machine and in every release, whatever the order of their keys.
"""

import base64
import hashlib
import json
from typing import Any


def canonical(value: Any) -> str:
    """Return the one JSON text of `value`: sorted keys, no spaces, no NaN.

    Raises:
        ValueError: the value holds a number that JSON cannot carry.
        TypeError: the value holds something that is not JSON.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any, characters: int) -> str:
    """Return the first `characters` (at most 52) of a SHA-256 over `value`, in lower-case base 32 (5 bits each).

    Base 32 keeps digests within the alphabets of Kubernetes names and of Weaviate's class names, also on file systems
    that fold case.
    """
    raw = hashlib.sha256(canonical(value).encode()).digest()
    return base64.b32encode(raw).decode().lower().rstrip("=")[:characters]
