"""Writing what was found: status when it changed, and an Event for what happened."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog
from pydantic import ValidationError

from hirag_operator.api.conditions import Reason
from hirag_operator.errors import OperatorError
from hirag_operator.plan.events import event
from hirag_operator.plan.invalid import complaints
from hirag_operator.plan.merge import merge_patch
from hirag_operator.plan.verdict import conditions, stalled
from hirag_operator.reconcile.services import Services

Json = Mapping[str, Any]

log = structlog.get_logger(__name__)


def write_status(services: Services, body: Json, status: Json) -> None:
    """Write `status` if it says anything else than the object's present one, and tell of a change of Ready."""
    kind, metadata = body["kind"], body["metadata"]
    present = body.get("status") or {}
    after = _condition(status, "Ready")
    patch = merge_patch(present, status)
    if not patch:
        return
    services.kubernetes.patch_status(kind, metadata["namespace"], metadata["name"], patch)
    if _condition(present, "Ready").get("reason") != after.get("reason"):
        announce(
            services,
            body,
            after["reason"],
            after["message"],
            warning=_condition(status, "Stalled").get("status") == "True",
        )


def write_invalid(services: Services, body: Json, error: ValidationError) -> None:
    """Report a spec that breaks a rule; nothing is done until its author changes it."""
    verdict = stalled(Reason.INVALID_SPEC, f"{complaints(error)}.")
    generation = body["metadata"].get("generation", 0)
    present = body.get("status") or {}
    found = conditions(verdict, [], present.get("conditions", []), generation, services.now())
    write_status(services, body, {**present, "observedGeneration": generation, "conditions": found})


def announce(services: Services, body: Json, reason: str, note: str, *, warning: bool = False) -> None:
    """Post an Event about an object. An Event that cannot be posted is logged; the work it tells of is done."""
    now: datetime = services.now()
    try:
        services.kubernetes.create(event(body, reason, note, now, warning=warning))
    except OperatorError as error:
        log.warning("event_not_posted", reason=reason, error=str(error))


def _condition(status: Json, type_: str) -> Json:
    return next((c for c in status.get("conditions") or [] if c["type"] == type_), {})
