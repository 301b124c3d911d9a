"""Deletion of a ContextCollection: Retain lets go at once, Delete first removes alias and data that carry our stamp."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from hirag_operator.api import ContextCollection, Reason
from hirag_operator.api.collection_levels import STORED_LEVELS
from hirag_operator.errors import OperatorError
from hirag_operator.plan.collectionstatus import status
from hirag_operator.plan.deletion import plan_deletion
from hirag_operator.plan.names import alias_name
from hirag_operator.plan.verdict import Verdict, stalled
from hirag_operator.reconcile.outcome import DONE, RETRY, Outcome, weaviate_verdict
from hirag_operator.reconcile.progress import carry_out
from hirag_operator.reconcile.report import announce, write_status
from hirag_operator.reconcile.services import Services

Json = Mapping[str, Any]

FINALIZER = "hirag.dev/context-collection"


def let_go(services: Services, body: Json) -> Outcome:
    """Do what deletionPolicy says, then take our finalizer off."""
    metadata = body["metadata"]
    if FINALIZER not in (metadata.get("finalizers") or []):
        return DONE
    if (body.get("spec") or {}).get("deletionPolicy") == "Delete":
        obstacle = _delete_data(services, body)
        if obstacle is not None:
            _report(services, body, obstacle)
            return RETRY
    else:
        note = "Data and aliases stay in Weaviate; a ContextCollection of this name will take them up again."
        announce(services, body, Reason.DATA_RETAINED.value, note)
    others = [finalizer for finalizer in metadata["finalizers"] if finalizer != FINALIZER]
    services.kubernetes.set_finalizers(
        "ContextCollection", metadata["namespace"], metadata["name"], others, metadata["resourceVersion"]
    )
    return DONE


def _delete_data(services: Services, body: Json) -> Verdict | None:
    """Remove the object's data; return what stands in the way, or None when nothing of it is left."""
    namespace, name = body["metadata"]["namespace"], body["metadata"]["name"]
    connection = ((body["spec"].get("weaviate") or {}).get("connection")) or "default"
    try:
        server = services.connections.get(connection)
        if server is None:
            message = (
                f"Deletion waits: connection {connection!r} is not configured, so the data cannot be removed; "
                f"configure it, or set spec.deletionPolicy to Retain."
            )
            return stalled(Reason.CONNECTION_NOT_FOUND, message)
        aliases = {alias: server.alias_target(alias) for alias in _aliases(namespace, name)}
        steps = plan_deletion((services.instance, namespace, name), aliases, server.collections())
        carry_out(services, body, server.apply, steps)
    except OperatorError as error:
        return weaviate_verdict(error)
    return None


def _aliases(namespace: str, name: str) -> list[str]:
    return [alias_name(namespace, name, level) for level in STORED_LEVELS]


def _report(services: Services, body: Json, verdict: Verdict) -> None:
    try:
        collection = ContextCollection.from_wire(dict(body))
    except ValidationError as error:
        # The spec is invalid and the object is leaving: conditions need no more than its generation.
        announce(services, body, verdict.reason.value, f"{verdict.message} ({error.error_count()} invalid fields)")
        return
    previous = body.get("status") or {}
    write_status(services, body, status(collection, [], verdict, [], services.now(), previous))
