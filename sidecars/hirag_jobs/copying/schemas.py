"""Whether one collection can be copied into another, by what their classes say; asked before anything is written."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from hirag_jobs.objects.part import mixes_vectors
from hirag_jobs.stamp import fingerprint
from hirag_kit.errors import ConfigurationError

Json = Mapping[str, Any]
Vectors = Literal["copy", "embed"]


def require_copyable(source: Json, target: Json, vectors: Vectors) -> None:
    """Refuses two classes of which the second cannot hold what the first does.

    Args:
        source: a class as `GET /v1/schema/{class}` gives it.
        target: the same.
        vectors: whether vectors are copied or made anew.

    Raises:
        ConfigurationError: with the names of both, what stands between them, and the remedy.
    """
    for complaint in _complaints(source, target, vectors):
        raise ConfigurationError(f"{source['class']} cannot be copied into {target['class']}: {complaint}")


def has_tenants(schema: Json) -> bool:
    """Whether a class has tenants."""
    return bool((schema.get("multiTenancyConfig") or {}).get("enabled"))


def indexes_timestamps(schema: Json) -> bool:
    """Whether what changed in a class can be found by a filter."""
    return bool((schema.get("invertedIndexConfig") or {}).get("indexTimestamps"))


def _complaints(source: Json, target: Json, vectors: Vectors) -> Iterable[str]:
    if source["class"] == target["class"]:
        yield "they are one collection"
    if references := [name for name, kind in _types(source).items() if kind[:1].isupper()]:
        yield f"{', '.join(references)} are cross-references, which are not copied"
    missing = [f"{name} ({kind})" for name, kind in _types(source).items() if _types(target).get(name) != kind]
    if missing:
        yield f"the target lacks {', '.join(missing)}; add them to it"
    if mixed := [one["class"] for one in (source, target) if mixes_vectors(one)]:
        yield f"{', '.join(mixed)} has named vectors and an unnamed one beside: that is not carried"
    if vectors == "embed":
        return
    if _vectors(source) != _vectors(target):
        yield "their vectors have other names"
    ours, theirs = fingerprint(source), fingerprint(target)
    if ours and theirs and ours != theirs:
        yield f"its vectors are of fingerprint {ours}, the target's of {theirs}; have new ones made by --vectors embed"


def _types(schema: Json) -> dict[str, str]:
    return {one["name"]: one["dataType"][0] for one in schema.get("properties") or []}


def _vectors(schema: Json) -> set[str]:
    return set(schema.get("vectorConfig") or {})
