"""What may change of a PersistentVolumeClaim that exists.

Storage class and access modes are fixed, the size only grows
(https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from hirag_operator.api.quantities import to_number

Json = Mapping[str, Any]

KIND = "PersistentVolumeClaim"
_FIXED = ("storageClassName", "accessModes")


def settled(wanted: dict[str, Any], live: Json) -> dict[str, Any]:
    """Return the claim to apply over a live one: a storage class that is not named stays as the cluster chose it."""
    if wanted["kind"] != KIND or "storageClassName" not in live["spec"]:
        return wanted
    return {**wanted, "spec": {"storageClassName": live["spec"]["storageClassName"], **wanted["spec"]}}


def forbidden_changes(wanted: Json, live: Json) -> Iterator[str]:
    """Yield a sentence for each difference that a claim cannot take on; none for other kinds."""
    if wanted["kind"] != KIND:
        return
    name = live["metadata"]["name"]
    remedy = f"take the change back, or kubectl delete pvc {name} to have it made anew"
    for field in _FIXED:
        present = live["spec"].get(field)
        if field in wanted["spec"] and wanted["spec"][field] != present:
            asked = _words(wanted["spec"][field])
            yield f"{KIND} {name} keeps {field} {_words(present)} and cannot have {asked}; {remedy}"
    held = (live.get("status") or {}).get("capacity", {}).get("storage") or _size(live)
    if to_number(_size(wanted)) < to_number(held):
        yield f"{KIND} {name} has {held} and cannot shrink to {_size(wanted)}; {remedy}"


def _words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _size(claim: Json) -> str:
    return str(claim["spec"]["resources"]["requests"]["storage"])
