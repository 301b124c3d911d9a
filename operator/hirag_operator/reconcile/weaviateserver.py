"""The Weaviate server that a ContextCollection lives on: found, fit, and what is to be said of it."""

from collections.abc import Sequence

from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.api import ContextCollection, Reason
from hirag_operator.errors import OperatorError
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.serverhealth import ServerSeen, server_fit, unsupported, writable
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.verdict import Aspect, stalled
from hirag_operator.reconcile.outcome import weaviate_verdict
from hirag_operator.reconcile.references import Obstacle
from hirag_operator.reconcile.services import Services


def server_of(services: Services, collection: ContextCollection) -> tuple[WeaviateAdapter, ServerSeen]:
    """Return the server of `spec.weaviate.connection`, and what it says of itself.

    Raises:
        Obstacle: there is no such connection, or its server does not answer, does not let us in, or is too old.
    """
    name = collection.spec.weaviate.connection
    try:
        server, seen = services.connections.get(name), services.connections.health(name)
    except OperatorError as error:
        raise Obstacle(weaviate_verdict(error)) from error
    if server is None or seen is None:
        known = ", ".join(services.connections.names()) or "none"
        message = f"spec.weaviate.connection {name!r} is not configured with the operator; it knows: {known}."
        raise Obstacle(stalled(Reason.CONNECTION_NOT_FOUND, message))
    if (verdict := unsupported(name, seen)) is not None:
        raise Obstacle(verdict)
    return server, seen


def server_aspects(collection: ContextCollection, seen: ServerSeen, plans: Sequence[LevelPlan]) -> tuple[Aspect, ...]:
    """Return the conditions ServerFit and, where the server tells, Writable."""
    stored = [
        (plan.wanted.level, plan.seen.target, plan.wanted.tenant_of_pool if _in_pool(plan) else None)
        for plan in plans
        if plan.seen.target is not None
    ]
    can_write = writable(stored, seen)
    fit = server_fit(collection.spec.weaviate.connection, seen)
    return (fit,) if can_write is None else (fit, can_write)


def _in_pool(plan: LevelPlan) -> bool:
    stamp = read_stamp(plan.seen.live or {})
    return stamp is not None and stamp.of_pool
