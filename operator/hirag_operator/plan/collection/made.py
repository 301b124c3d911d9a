"""The record of what was made for a ContextCollection: an annotation of the ConfigMap that carries its address.

Weaviate alone cannot tell a collection that was deleted behind our back from one that was never made, nor a setting
changed by hand from one changed in the spec. The record can: it is an object in Kubernetes, written after the work is
done. Without it (a crash in between, a ConfigMap deleted by hand) both look like work to do, which is safe: nothing is
taken away, and what exists is taken up again.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from hirag_operator.plan.digest import canonical

Json = Mapping[str, Any]

ANNOTATION = "hirag.dev/made"


@dataclass(frozen=True)
class Made:
    """What was made for a level: the physical collection, and the digest of the declaration that it then met."""

    collection: str
    settings: str


def read_made(configmap: Json | None) -> dict[str, Made]:
    """Return the record by level; empty where there is none, or none that we understand."""
    annotations = ((configmap or {}).get("metadata") or {}).get("annotations") or {}
    try:
        found = json.loads(annotations.get(ANNOTATION, "{}"))
        return {level: Made(str(one["collection"]), str(one["settings"])) for level, one in found.items()}
    except (ValueError, TypeError, KeyError, AttributeError):  # edited by hand: as good as none
        return {}


def write_made(made: Mapping[str, Made]) -> dict[str, str]:
    """Return the annotation that holds a record."""
    return {ANNOTATION: canonical({level: asdict(one) for level, one in made.items()})}
