"""What `kubectl apply` sends for an object of a custom kind: a merge patch from three sides.

What was applied last and is no longer in the file goes; what is in the file and is not so at the server is set; all
else is somebody else's and stays. Lists are replaced whole.
"""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def three_way(last: Json, wanted: Json, live: Json) -> dict[str, Any]:
    """Return the JSON merge patch (RFC 7386) that applying `wanted` sends, `last` having been applied before."""
    patch: dict[str, Any] = {key: None for key in last if key not in wanted and key in live}
    for key, value in wanted.items():
        present = live.get(key)
        if isinstance(value, Mapping) and isinstance(present, Mapping):
            before = last.get(key)
            if inner := three_way(before if isinstance(before, Mapping) else {}, value, present):
                patch[key] = inner
        elif value != present:
            patch[key] = value
    return patch
