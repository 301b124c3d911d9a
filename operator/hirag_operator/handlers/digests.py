"""What of an object somebody else goes by: an event that leaves it as it was is no reason to look at anything."""

import json
from collections.abc import Mapping
from typing import Any

from hirag_operator.api import GROUP

Json = Mapping[str, Any]

_COUNTS = frozenset({"replicas", "readyReplicas"})  # of a model's status: they change with every pod
_OF_A_COLLECTION = ("address", "conditions", "measurements")  # what policies report of a collection


def own(body: Json) -> int:
    """Return a digest of what an object's own reconcile goes by; our own writes of status leave it as it is."""
    metadata = body["metadata"]
    ours = {key: value for key, value in (metadata.get("annotations") or {}).items() if key.startswith(f"{GROUP}/")}
    return _digest([*_identity(metadata), ours])


def shown(body: Json) -> int:
    """Return a digest of what those who have to do with an object go by.

    A collection goes by its model's status and by a policy's spec; a policy reports what collections show.
    """
    status = body.get("status") or {}
    seen: dict[str, Any] = {}
    if body["kind"] == "ContextCollection":
        seen = {key: status.get(key) for key in _OF_A_COLLECTION}
    elif body["kind"] == "EmbeddingModel":
        seen = {key: value for key, value in status.items() if key not in _COUNTS}
    if seen.get("conditions"):
        seen["conditions"] = [{**one, "lastTransitionTime": None} for one in seen["conditions"]]
    return _digest([*_identity(body["metadata"]), seen])


def namespace(body: Json) -> int:
    """Return a digest of what permissions and selectors go by."""
    metadata = body["metadata"]
    return _digest([metadata.get("uid"), metadata.get("deletionTimestamp"), metadata.get("labels")])


def _identity(metadata: Json) -> list[Any]:
    return [metadata.get("uid"), metadata.get("generation"), metadata.get("deletionTimestamp")]


def _digest(value: Any) -> int:
    return hash(json.dumps(value, sort_keys=True, default=str))
