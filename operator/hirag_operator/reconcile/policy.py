"""HNSWIndexPolicy: nothing to make, but its status tells which levels use it and whether they comply."""

from pydantic import ValidationError

from hirag_operator.api import ContextCollection, HNSWIndexPolicy
from hirag_operator.plan import policy as plan
from hirag_operator.reconcile.loading import load
from hirag_operator.reconcile.outcome import DONE, Outcome
from hirag_operator.reconcile.report import write_status
from hirag_operator.reconcile.services import Services


def reconcile(services: Services, namespace: str, name: str) -> Outcome:
    """Report where one policy is used."""
    loaded = load(services, HNSWIndexPolicy, namespace, name)
    if isinstance(loaded, Outcome):
        return loaded
    found = plan.bindings(loaded.model, _collections(services))
    write_status(services, loaded.body, plan.status(loaded.model, found, services.now(), loaded.previous))
    return DONE


def _collections(services: Services) -> list[ContextCollection]:
    """Return all valid collections that the operator watches; an invalid one uses nothing until it is corrected."""
    scopes: tuple[str | None, ...] = services.namespaces or (None,)
    found: list[ContextCollection] = []
    for scope in scopes:
        for body in services.kubernetes.all_of("ContextCollection", scope):
            try:
                found.append(ContextCollection.from_wire(body))
            except ValidationError:  # its own reconcile reports what is wrong with it
                continue
    return found
