"""HNSWIndexPolicy: nothing to make, but its status tells which levels use it and whether they comply.

It carries no finalizer of ours: a policy can be deleted while it is in use. Who used it keeps its index and says so.
"""

from collections.abc import Callable
from functools import cache

from hirag_operator.api import HNSWIndexPolicy
from hirag_operator.plan import policy as plan
from hirag_operator.plan.references import admits
from hirag_operator.reconcile.loading import load
from hirag_operator.reconcile.outcome import DONE, Outcome
from hirag_operator.reconcile.references import labels_of
from hirag_operator.reconcile.report import write_status
from hirag_operator.reconcile.services import Services


def reconcile(services: Services, namespace: str, name: str) -> Outcome:
    """Report where one policy is used."""
    loaded = load(services, HNSWIndexPolicy, namespace, name)
    if isinstance(loaded, Outcome):
        return loaded
    found = plan.users(loaded.model, services.collections(), _admitted(services, loaded.model))
    write_status(services, loaded.body, plan.status(loaded.model, found, services.now(), loaded.previous))
    return DONE


def _admitted(services: Services, policy: HNSWIndexPolicy) -> Callable[[str], bool]:
    home, allowed = policy.metadata.namespace, policy.spec.allowed_namespaces

    @cache
    def admitted(guest: str) -> bool:
        labels = labels_of(services, guest) if allowed.from_ == "Selector" and guest != home else {}
        return admits(allowed, home, guest, labels)

    return admitted
