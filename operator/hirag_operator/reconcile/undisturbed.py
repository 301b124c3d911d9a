"""Telling that nothing has changed since a ContextCollection was found at rest.

Thousands of collections at rest are looked at every few minutes. What a reconcile comes to follows from what it looks
at: the object, what it refers to, its children, and Weaviate. If all of that is as it was when nothing was to be done,
nothing is to be done again. This is no state: without it, after a restart say, the same is found in the long way.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hirag_operator.api import ContextCollection
from hirag_operator.api.references import ObjectReference
from hirag_operator.errors import NotAuthorized, OperatorError
from hirag_operator.plan.children.owned import Owner
from hirag_operator.reconcile.rest import Version
from hirag_operator.reconcile.services import Services

CHILDREN = ("CronJob", "ConfigMap", "Job", "Pod")


def undisturbed(services: Services, collection: ContextCollection, now: tuple[Version, ...]) -> bool:
    """Return whether everything is as it was at the collection's last rest; `now` is what `versions` tells."""
    known = services.rests.known(collection)
    if known is None or known.versions != now or (known.until is not None and services.now() >= known.until):
        return False
    try:
        name = collection.spec.weaviate.connection
        server, health = services.connections.get(name), services.connections.health(name)
        if server is None or health != known.health:
            return False
        looks = zip(known.levels, known.seen, strict=True)
        seen = tuple(server.observe_level(level, before.made) for level, before in looks)
    except OperatorError:  # the long way tells of it
        return False
    if seen == known.seen:
        services.rests.note(collection, replace(known, seen=seen))  # what was seen of old looks may go
        return True
    return False


def versions(services: Services, collection: ContextCollection) -> tuple[Version, ...]:
    """Return the versions of all Kubernetes objects that a reconcile goes by: from the store, without a call."""
    return tuple(sorted(_version(body) for body in _looked_at(services, collection)))


def _looked_at(services: Services, collection: ContextCollection) -> Iterator[dict[str, Any] | None]:
    metadata, spec, get = collection.metadata, collection.spec, services.kubernetes.get
    home = metadata.namespace
    policies = [level.index_policy_ref for level in spec.levels.stored().values() if level.index_policy_ref]
    yield get("ContextCollection", home, metadata.name)
    yield _referred(services, "EmbeddingModel", home, spec.embedding_model_ref)
    for policy in policies:
        yield _referred(services, "HNSWIndexPolicy", home, policy)
    if any((reference.namespace or home) != home for reference in (spec.embedding_model_ref, *policies)):
        yield get("Namespace", None, home)  # its labels decide who admits it
    selector = Owner("ContextCollection", home, metadata.name, metadata.uid).selector
    for kind in CHILDREN:
        yield from services.kubernetes.all_of(kind, home, selector)
    if spec.multi_tenancy.tenants_from is not None:
        yield from services.kubernetes.all_of("Namespace")


def _referred(services: Services, kind: str, home: str, reference: ObjectReference) -> dict[str, Any] | None:
    """Return what a reference leads to; None also where the operator may not look, which the long way tells of."""
    try:
        return services.kubernetes.get(kind, reference.namespace or home, reference.name)
    except NotAuthorized:
        return None


def _version(body: dict[str, Any] | None) -> Version:
    if body is None:
        return ("", "", "")
    metadata = body["metadata"]
    return (str(body.get("kind", "")), str(metadata["uid"]), str(metadata["resourceVersion"]))
