"""Deletion of a ContextCollection: Retain lets go at once, Delete first removes aliases and data that are its own.

While the data cannot be removed, the object stays, and says why. Who cannot or will not wait sets the annotation
`hirag.dev/abandon-data: "true"`: the object goes, and its data is left where it is.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.api import ContextCollection, Reason
from hirag_operator.api.collection_levels import STORED_LEVELS
from hirag_operator.errors import OperatorError
from hirag_operator.plan.collection.deletion import Departing, plan_deletion
from hirag_operator.plan.collection.migration.job import selector_of
from hirag_operator.plan.collection.objectives.notes import NOTHING, about
from hirag_operator.plan.collection.status import status
from hirag_operator.plan.moves import ForgetMeasurements
from hirag_operator.plan.steps import DeleteChild
from hirag_operator.plan.verdict import Verdict, idle, stalled
from hirag_operator.reconcile.emptypools import remove_empty_pools
from hirag_operator.reconcile.measuring import end_measurements
from hirag_operator.reconcile.outcome import DONE, RETRY, Outcome, weaviate_verdict
from hirag_operator.reconcile.progress import carry_out
from hirag_operator.reconcile.report import announce, write_status
from hirag_operator.reconcile.services import Services
from hirag_operator.reconcile.thaw import give_up_freezes

Json = Mapping[str, Any]

FINALIZER = "hirag.dev/context-collection"
ABANDON = "hirag.dev/abandon-data"


def let_go(services: Services, body: Json) -> Outcome:
    """Do what deletionPolicy says, then take our finalizer off."""
    metadata = body["metadata"]
    if FINALIZER not in (metadata.get("finalizers") or []):
        return DONE
    spec = body.get("spec") or {}
    give_up_freezes(services, body)
    if (metadata.get("annotations") or {}).get(ABANDON) == "true":
        note = f"Annotation {ABANDON}: what the object has in Weaviate was not removed."
        announce(services, body, Reason.DATA_ABANDONED.value, note, warning=True)
    elif spec.get("deletionPolicy") != "Delete":
        note = "Data and aliases stay in Weaviate; a ContextCollection of this name will take them up again."
        announce(services, body, Reason.DATA_RETAINED.value, note)
    elif (obstacle := _held(body) or _delete_data(services, body)) is not None:
        _report(services, body, obstacle)
        return RETRY
    end_jobs(services, body)
    others = [finalizer for finalizer in metadata["finalizers"] if finalizer != FINALIZER]
    services.kubernetes.set_finalizers(
        "ContextCollection", metadata["namespace"], metadata["name"], others, metadata["resourceVersion"]
    )
    return DONE


def _held(body: Json) -> Verdict | None:
    if not body["spec"].get("paused"):
        return None
    message = (
        f"Deletion waits: spec.paused is true, so no data is removed. Set it to false, set spec.deletionPolicy to "
        f'Retain, or give the data up by annotation {ABANDON}: "true".'
    )
    return idle(Reason.PAUSED, message)


def _delete_data(services: Services, body: Json) -> Verdict | None:
    """Remove the object's data; return what stands in the way, or None when nothing of it is left."""
    leaving = Departing(services.instance, body["metadata"]["namespace"], body["metadata"]["name"])
    connection = ((body["spec"].get("weaviate") or {}).get("connection")) or "default"
    way_out = f'set spec.deletionPolicy to Retain, or give the data up by annotation {ABANDON}: "true"'
    try:
        server = services.connections.get(connection)
        if server is None:
            message = f"Deletion waits: connection {connection!r} is not configured; configure it, {way_out}."
            return stalled(Reason.CONNECTION_NOT_FOUND, message)
        end_jobs(services, body)
        _remove(services, body, server, leaving)
        remove_empty_pools(services, connection, server, leaving)
    except OperatorError as error:
        verdict = weaviate_verdict(error)
        return Verdict(verdict.state, verdict.reason, f"Deletion waits: {verdict.message} To go on without: {way_out}.")
    return None


def end_jobs(services: Services, body: Json) -> None:
    """Delete the Jobs that carry or measure its data: in the operator's namespace nobody else collects them."""
    end_measurements(services, body)
    metadata, namespace = body["metadata"], services.jobs_namespace
    if namespace:
        selector = selector_of(metadata["namespace"], metadata["name"])
        jobs = services.kubernetes.all_of("Job", namespace, selector)
        steps = [DeleteChild("Job", namespace, job["metadata"]["name"]) for job in jobs]
        carry_out(services, body, services.kubernetes.apply, steps)


def _remove(services: Services, body: Json, server: WeaviateAdapter, leaving: Departing) -> None:
    collections = server.collections(fresh=True)
    aliases = {alias: server.alias_target(alias) for alias in leaving.aliases}
    tenants = {pool: server.present(pool, leaving.tenants) for pool in leaving.pools(collections)}
    carry_out(services, body, server.apply, plan_deletion(leaving, aliases, collections, tenants))
    noted = (about(leaving.instance, leaving.namespace, leaving.name, level) for level in STORED_LEVELS)
    forget = [ForgetMeasurements(one) for one in noted if server.measurements(one) != NOTHING]
    carry_out(services, body, server.apply, forget)


def _report(services: Services, body: Json, verdict: Verdict) -> None:
    try:
        collection = ContextCollection.from_wire(dict(body))
    except ValidationError as error:
        # The spec is invalid and the object is leaving: conditions need no more than its generation.
        announce(services, body, verdict.reason.value, f"{verdict.message} ({error.error_count()} invalid fields)")
        return
    previous = body.get("status") or {}
    write_status(services, body, status(collection, [], verdict, [], services.now(), previous))
