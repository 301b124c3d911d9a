"""Which tenants a ContextCollection is to have: those it declares, and those that its selector finds."""

from typing import Any

from hirag_operator.api import ContextCollection, Reason
from hirag_operator.errors import OperatorError
from hirag_operator.plan.collection.tenants import named_twice, wanted_tenants
from hirag_operator.plan.verdict import stalled
from hirag_operator.reconcile.outcome import kubernetes_verdict
from hirag_operator.reconcile.references import Obstacle
from hirag_operator.reconcile.services import Services


def tenants_of(services: Services, collection: ContextCollection) -> dict[str, str]:
    """Return the tenants, name → state as Weaviate writes it.

    Raises:
        Obstacle: a name is declared twice, or the namespaces cannot be listed, which is not to be taken for none.
    """
    tenancy = collection.spec.multi_tenancy
    if twice := named_twice(tenancy):
        message = f"spec.multiTenancy.tenants names {', '.join(twice[:3])} more than once; keep one of each."
        raise Obstacle(stalled(Reason.INVALID_SPEC, message))
    namespaces = _namespaces(services) if tenancy.tenants_from is not None else []
    return wanted_tenants(tenancy, collection.metadata.namespace, namespaces)


def _namespaces(services: Services) -> list[dict[str, Any]]:
    """Return the namespaces that the operator watches: of others it may not even have the right to know."""
    try:
        if not services.namespaces:
            return services.kubernetes.all_of("Namespace")
        found = (services.kubernetes.get("Namespace", None, name) for name in services.namespaces)
        return [namespace for namespace in found if namespace is not None]
    except OperatorError as error:
        raise Obstacle(kubernetes_verdict(error)) from error
