"""The wanted state of a collection's levels in a world, by the operator's own plan."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hirag_operator.api import ContextCollection, EmbeddingModel, Reason
from hirag_operator.plan.collection.levels import Embedding, Indexing, WantedLevel, wanted_level
from hirag_operator.plan.collection.misfit import misfit
from hirag_operator.plan.collection.placement import place
from hirag_operator.plan.collection.tenants import named_twice, wanted_tenants
from hirag_operator.plan.model.fingerprint import declaration, describes_itself
from hirag_operator.plan.verdict import stalled
from hirag_operator.plugin.plan.world import Cluster, World
from hirag_operator.reconcile.references import Obstacle, follow

Json = Mapping[str, Any]

NOT_LEARNT = "learnt when the model is probed"


def wanted_levels(world: World, body: Json, instance: str) -> dict[str, WantedLevel]:
    """Return the wanted levels of a valid ContextCollection; `instance` is the name that the operator goes by.

    Raises:
        Obstacle: what it refers to is missing, not allowed, invalid or not ready, or settings do not go together.
    """
    collection = ContextCollection.from_wire(dict(body))
    references = follow(world, collection)
    tenants = _tenants(world.cluster, collection)
    embedding = _embedding(references.model)
    found: dict[str, WantedLevel] = {}
    for level, indexing in references.policies.items():
        if (why := misfit(indexing.spec, references.model)) is not None:
            raise Obstacle(stalled(Reason.INVALID_SPEC, f"spec.levels.{level}: {why}."))
        address = place(collection, level)
        tuned = _as_tuned(collection, level, indexing)
        found[level] = wanted_level(collection, level, address, tuned, embedding, instance, tenants)
    return found


def _as_tuned(collection: ContextCollection, level: str, indexing: Indexing) -> Indexing:
    """Return how a level is indexed, with the ef that status tells where one is looked for and its bounds allow it."""
    measured = collection.status.measurements.get(level)
    tuning = indexing.spec.objectives.tuning if indexing.spec.objectives is not None else None
    if measured is None or measured.ef is None or tuning is None or collection.spec.placement == "Shared":
        return indexing
    return replace(indexing, ef=min(max(measured.ef, tuning.ef.min), tuning.ef.max))


def foreseen_model(before: Json, after: Json) -> dict[str, Any]:
    """Return a changed EmbeddingModel as it will be once it is proved: its vectors are known as long as they stay.

    A change of what it declares about its vectors is taken for other vectors; which, the probe will tell.
    """
    status = dict(before.get("status") or {})
    if declaration(_model(before)) != declaration(_model(after)):
        status = {**status, "fingerprint": NOT_LEARNT, "sketch": ""}
    metadata = {**after["metadata"], "generation": before["metadata"].get("generation")}
    return {**after, "metadata": metadata, "status": status}


def _embedding(model: EmbeddingModel) -> Embedding:
    """Return what levels need to know of a model; where it is served its status tells, for the operator decides it."""
    address = model.spec.external.url if model.spec.external else model.status.endpoint or ""
    root = address.rstrip("/").removesuffix("/v1") if describes_itself(model) else None
    return Embedding(model.status.fingerprint or "", root, model.status.sketch or "")


def _tenants(cluster: Cluster, collection: ContextCollection) -> dict[str, str]:
    tenancy = collection.spec.multi_tenancy
    if twice := named_twice(tenancy):
        message = f"spec.multiTenancy.tenants names {', '.join(twice[:3])} more than once; keep one of each."
        raise Obstacle(stalled(Reason.INVALID_SPEC, message))
    namespaces = cluster.all_of("Namespace") if tenancy.tenants_from is not None else []
    return wanted_tenants(tenancy, collection.metadata.namespace, namespaces or [])


def _model(body: Json) -> EmbeddingModel:
    return EmbeddingModel.from_wire(dict(body))
