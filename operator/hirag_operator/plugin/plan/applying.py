"""Having the API server check what applying a document would make of an object, as it would be applied.

An object is applied in the way in which it was applied last: by server-side apply under the name of whoever did, or by
the three-way merge of a plain `kubectl apply`, which the annotation that it leaves tells.
"""

import json
from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any, Final

from hirag_operator.adapters.reader import NOT_FOUND, ClusterReader
from hirag_operator.errors import NotAllowed, Refused
from hirag_operator.plugin.plan.documents import Document
from hirag_operator.plugin.plan.threeway import three_way

Json = dict[str, Any]

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
APPLY: Final = "application/apply-patch+yaml"
MERGE: Final = "application/merge-patch+json"
_OF_THE_SERVER: Final = ("status",)


@dataclass(frozen=True)
class Manner:
    """How somebody applies: by server-side apply as `manager`, or by a plain apply where there is none."""

    manager: str | None = None

    def __str__(self) -> str:
        return "kubectl apply" if self.manager is None else f"server-side apply by {self.manager}"


@dataclass(frozen=True)
class Applied:
    """What applying would do: the object before (None: it is new) and after.

    `refusal` is why the API server would not have it; `unchecked` why it could not be asked: then `after` is the
    document as it stands.
    """

    before: Json | None
    after: Json
    how: str
    refusal: Refused | None = None
    unchecked: str = ""


def dry_run(reader: ClusterReader, document: Document, manner: Manner | None, coming: Container[str] = ()) -> Applied:
    """Return what applying a document of ours would do; `manner` None: as it was applied last.

    `coming` are namespaces that the same files make: what is to be in them cannot be asked about yet.
    """
    body = {key: value for key, value in (document.body or {}).items() if key not in _OF_THE_SERVER}
    before = reader.get(document.kind, document.namespace, document.name)
    chosen = manner or manner_of(before)
    applied = Applied(before, body, str(chosen) if before is not None else "creation")
    try:
        return replace(applied, after=_asked(reader, body, before, chosen))
    except Refused as refusal:
        if refusal.status == NOT_FOUND and document.namespace in coming:
            return replace(applied, unchecked=f"namespace {document.namespace} is made by the same files")
        return replace(applied, refusal=refusal)
    except NotAllowed as error:
        return replace(applied, unchecked=error.message)


def manner_of(live: Json | None) -> Manner:
    """Return how an object was applied last; plainly where nothing tells."""
    metadata = (live or {}).get("metadata") or {}
    if LAST_APPLIED in (metadata.get("annotations") or {}):
        return Manner()
    applied = [
        entry
        for entry in metadata.get("managedFields") or []
        if entry.get("operation") == "Apply" and "f:spec" in (entry.get("fieldsV1") or {})
    ]
    latest = max(applied, key=lambda entry: str(entry.get("time", "")), default=None)
    return Manner(None if latest is None else str(latest["manager"]))


def _asked(reader: ClusterReader, body: dict[str, Any], before: Json | None, manner: Manner) -> Json:
    if before is None:
        return reader.dry_run_create(body)
    if manner.manager is not None:
        return reader.dry_run_patch(body, APPLY, manager=manner.manager)
    patch = three_way(_last_applied(before), body, before)
    metadata = {"name": body["metadata"]["name"], "namespace": body["metadata"]["namespace"]}
    patch = {**patch, "metadata": {**(patch.get("metadata") or {}), **metadata}}
    return reader.dry_run_patch({"apiVersion": body["apiVersion"], "kind": body["kind"], **patch}, MERGE)


def _last_applied(live: Json) -> Json:
    """Return what a plain apply sent last; nothing where the annotation was edited by hand."""
    text = ((live.get("metadata") or {}).get("annotations") or {}).get(LAST_APPLIED, "{}")
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
