"""ContextCollection: each stored level as a physical Weaviate collection behind its alias, and CronJobs beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.api import ContextCollection, Reason
from hirag_operator.errors import OperatorError, Refused
from hirag_operator.plan.collectionstatus import status
from hirag_operator.plan.contextcollection import LevelPlan, judge, plan_level
from hirag_operator.plan.cronjobs import cronjobs, schedules_active
from hirag_operator.plan.embeddingmodel import transformers_root
from hirag_operator.plan.fingerprint import fingerprint
from hirag_operator.plan.levels import Embedding, WantedLevel, wanted_level
from hirag_operator.plan.misfit import misfit
from hirag_operator.plan.owned import Owner
from hirag_operator.plan.passages import passages_fit
from hirag_operator.plan.placement import place
from hirag_operator.plan.unacted import honored, unacted_fields
from hirag_operator.plan.verdict import Aspect, State, Verdict, idle, stalled
from hirag_operator.reconcile.children import keep_children
from hirag_operator.reconcile.deletion import FINALIZER, let_go
from hirag_operator.reconcile.loading import load
from hirag_operator.reconcile.outcome import Outcome, kubernetes_verdict, outcome, weaviate_verdict
from hirag_operator.reconcile.progress import carry_out
from hirag_operator.reconcile.references import Obstacle, References, follow
from hirag_operator.reconcile.report import write_status
from hirag_operator.reconcile.services import Services

Json = Mapping[str, Any]

MOST_PASSES = 5  # looks at Weaviate within one reconcile: what a pass makes, the next sees


@dataclass(frozen=True)
class Found:
    """What a reconcile came to."""

    verdict: Verdict
    plans: Sequence[LevelPlan] = ()
    aspects: tuple[Aspect, ...] = ()


def reconcile(services: Services, namespace: str, name: str) -> Outcome:
    """Bring one ContextCollection to its spec."""
    loaded = load(services, ContextCollection, namespace, name, farewell=let_go)
    if isinstance(loaded, Outcome):
        return loaded
    collection = loaded.model
    _hold(services, collection)
    found = _bring_about(services, loaded.body, collection)
    aspects = [
        honored(unacted_fields(collection.spec.to_wire(), "ContextCollection")),
        *schedules_active(collection),
        *found.aspects,
    ]
    report = status(collection, found.plans, found.verdict, aspects, services.now(), loaded.previous)
    write_status(services, loaded.body, report)
    return outcome(found.verdict)


def _hold(services: Services, collection: ContextCollection) -> None:
    """Make sure that our finalizer is on the object before anything exists that a deletion would have to remove."""
    metadata = collection.metadata
    if FINALIZER not in metadata.finalizers:
        finalizers = [*metadata.finalizers, FINALIZER]
        version = metadata.resource_version or ""
        services.kubernetes.set_finalizers("ContextCollection", metadata.namespace, metadata.name, finalizers, version)


def _bring_about(services: Services, body: Json, collection: ContextCollection) -> Found:
    if collection.spec.paused:
        return Found(idle(Reason.PAUSED, "spec.paused is true: nothing is changed until it is false."))
    metadata = collection.metadata
    owner = Owner("ContextCollection", metadata.namespace, metadata.name, metadata.uid)
    try:
        references = follow(services, collection)
        server = _server(services, collection)
        wanted = _wanted(services, collection, references)
        plans = _converge(services, body, server, wanted)
    except Obstacle as obstacle:
        return Found(obstacle.verdict)
    aspects = (passages_fit(collection, references.model),)
    verdict = judge(plans)
    if verdict.state is not State.READY:
        return Found(verdict, plans, aspects)
    return Found(_children(services, body, collection, owner) or verdict, plans, aspects)


def _children(services: Services, body: Json, collection: ContextCollection, owner: Owner) -> Verdict | None:
    try:
        made = keep_children(services, body, owner, cronjobs(collection, owner, services.jobs_image), ("CronJob",))
    except OperatorError as error:
        return kubernetes_verdict(error)
    if made.taken:
        message = f"{', '.join(made.taken)} belongs to somebody else; remove it, or rename this ContextCollection."
        return stalled(Reason.CONFLICT, message)
    return None


def _server(services: Services, collection: ContextCollection) -> WeaviateAdapter:
    name = collection.spec.weaviate.connection
    try:
        server = services.connections.get(name)
    except OperatorError as error:
        raise Obstacle(weaviate_verdict(error)) from error
    if server is None:
        known = ", ".join(services.connections.names()) or "none"
        message = f"spec.weaviate.connection {name!r} is not configured with the operator; it knows: {known}."
        raise Obstacle(stalled(Reason.CONNECTION_NOT_FOUND, message))
    return server


def _wanted(services: Services, collection: ContextCollection, references: References) -> list[WantedLevel]:
    embedding = Embedding(fingerprint(references.model), transformers_root(references.model, services.service_url))
    wanted: list[WantedLevel] = []
    for level, policy in references.policies.items():
        address = place(collection, level)
        if address is None:
            message = f"spec.placement {collection.spec.placement} is not part of this release; set it to Dedicated."
            raise Obstacle(stalled(Reason.PLACEMENT_NOT_AVAILABLE, message))
        if (why := misfit(policy, references.model)) is not None:
            raise Obstacle(stalled(Reason.INVALID_SPEC, f"spec.levels.{level}: {why}."))
        wanted.append(wanted_level(collection, level, address, policy, embedding, services.instance))
    return wanted


def _converge(
    services: Services, body: Json, server: WeaviateAdapter, wanted: Sequence[WantedLevel]
) -> list[LevelPlan]:
    """Bring every level as far as it goes.

    Raises:
        Obstacle: the server does not answer or does not let us in, which concerns all levels alike.
    """
    try:
        return [_converge_level(services, body, server, level) for level in wanted]
    except OperatorError as error:
        raise Obstacle(weaviate_verdict(error)) from error


def _converge_level(services: Services, body: Json, server: WeaviateAdapter, wanted: WantedLevel) -> LevelPlan:
    """Look, plan and apply until nothing remains; a refused step is the problem of its level alone."""
    plan = plan_level(wanted, server.observe_level(wanted))
    for _ in range(MOST_PASSES):
        if not plan.steps:
            break
        try:
            carry_out(services, body, server.apply, plan.steps)
        except Refused as error:
            return LevelPlan(wanted, plan.seen, problem=weaviate_verdict(error))
        plan = plan_level(wanted, server.observe_level(wanted))
    return plan
