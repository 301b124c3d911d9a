"""ContextCollection: its levels in Weaviate behind aliases; CronJobs and the ConfigMap of its address beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Any

from hirag_operator.api import ContextCollection, JobRun, Reason
from hirag_operator.errors import OperatorError
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.collection.address import Reach, address_map, address_name
from hirag_operator.plan.collection.adoption import of_no_effect
from hirag_operator.plan.collection.contextcollection import judge
from hirag_operator.plan.collection.cronjobs import cronjob_name, cronjobs, schedules, schedules_active
from hirag_operator.plan.collection.levelplan import LevelPlan, Stance
from hirag_operator.plan.collection.levels import Embedding, WantedLevel, wanted_level
from hirag_operator.plan.collection.made import Made, read_made
from hirag_operator.plan.collection.misfit import misfit
from hirag_operator.plan.collection.objectives.measured import objectives_met
from hirag_operator.plan.collection.passages import passages_fit
from hirag_operator.plan.collection.placement import place
from hirag_operator.plan.collection.rollback import ROLLBACK
from hirag_operator.plan.collection.serverhealth import ServerSeen
from hirag_operator.plan.collection.status import status
from hirag_operator.plan.insync import in_sync
from hirag_operator.plan.model.embedderprocess import served_name
from hirag_operator.plan.model.embeddingmodel import endpoint, transformers_root
from hirag_operator.plan.pods.jobruns import last_run
from hirag_operator.plan.unacted import honored, unacted_fields
from hirag_operator.plan.verdict import Aspect, Verdict, idle, stalled
from hirag_operator.reconcile.adoption import adopt_level
from hirag_operator.reconcile.children import keep_children
from hirag_operator.reconcile.deletion import FINALIZER, let_go
from hirag_operator.reconcile.holding import hold_copies
from hirag_operator.reconcile.levels import Ground, converge
from hirag_operator.reconcile.loading import load
from hirag_operator.reconcile.measuring import end_measurements, known_of, measure, soonest_measurement, with_ef
from hirag_operator.reconcile.migration import migrate, soonest
from hirag_operator.reconcile.outcome import DONE, Outcome, kubernetes_verdict, outcome
from hirag_operator.reconcile.references import Obstacle, References, follow
from hirag_operator.reconcile.report import write_status
from hirag_operator.reconcile.rest import rest_of
from hirag_operator.reconcile.road import road_of
from hirag_operator.reconcile.rollback import Wish, wish
from hirag_operator.reconcile.services import Services
from hirag_operator.reconcile.tenants import tenants_of
from hirag_operator.reconcile.thaw import give_up_freezes
from hirag_operator.reconcile.undisturbed import undisturbed, versions
from hirag_operator.reconcile.weaviateserver import server_aspects, server_of

Json = Mapping[str, Any]

CHILDREN = ("CronJob", "ConfigMap")


@dataclass(frozen=True)
class Found:
    """What a reconcile came to."""

    verdict: Verdict
    plans: Sequence[LevelPlan] = ()
    aspects: tuple[Aspect, ...] = ()
    health: ServerSeen | None = None


def reconcile(services: Services, namespace: str, name: str) -> Outcome:
    """Bring one ContextCollection to its spec."""
    loaded = load(services, ContextCollection, namespace, name, farewell=let_go)
    if isinstance(loaded, Outcome):
        services.rests.forget(namespace, name)
        return loaded
    collection = loaded.model
    before = versions(services, collection)
    if undisturbed(services, collection, before):
        return DONE
    _hold(services, collection)
    found = _bring_about(services, loaded.body, collection)
    runs = _runs(services, collection)
    aspects = [
        honored([*unacted_fields(collection.spec.to_wire(), "ContextCollection"), *_vain(found.plans)]),
        *schedules_active(collection, runs),
        *found.aspects,
    ]
    report = status(collection, found.plans, found.verdict, aspects, services.now(), loaded.previous, runs)
    write_status(services, loaded.body, report)
    came_to, due = _next_look(found), soonest_measurement(found.plans)
    rest = rest_of(before, versions(services, collection), found.health, found.plans) if came_to == DONE else None
    if rest is not None and due is not None:
        rest = replace(rest, until=services.now() + timedelta(seconds=due))
    services.rests.note(collection, rest)
    return _no_later(came_to, due)


def _no_later(came_to: Outcome, within: float | None) -> Outcome:
    """Return an outcome with a next look in so many seconds at the latest."""
    if within is None or (came_to.within is not None and came_to.within <= within):
        return came_to
    return replace(came_to, within=within)


def _next_look(found: Found) -> Outcome:
    """Return when to look again: of a migration that goes on, no event tells."""
    within = soonest(found.plans)
    if within is not None and found.verdict.reason is Reason.MIGRATING:
        return Outcome(within=within)
    return outcome(found.verdict, within)


def _vain(plans: Sequence[LevelPlan]) -> list[str]:
    """Return a sentence for each declared adoption that does nothing."""
    return [why for plan in plans if (why := of_no_effect(plan))]


def _hold(services: Services, collection: ContextCollection) -> None:
    """Make sure that our finalizer is on the object before anything exists that a deletion would have to remove."""
    metadata = collection.metadata
    if FINALIZER not in metadata.finalizers:
        finalizers = [*metadata.finalizers, FINALIZER]
        version = metadata.resource_version or ""
        services.kubernetes.set_finalizers("ContextCollection", metadata.namespace, metadata.name, finalizers, version)


def _bring_about(services: Services, body: Json, collection: ContextCollection) -> Found:
    if collection.spec.paused:
        return _pause(services, body)
    metadata = collection.metadata
    owner = Owner("ContextCollection", metadata.namespace, metadata.name, metadata.uid)
    made = _record(services, owner)
    try:
        references = follow(services, collection, made, known=ROLLBACK in metadata.annotations)
        server, seen = server_of(services, collection)
        known = known_of(services, collection, references, server)
        references = with_ef(references, known)
        ground = Ground(
            services,
            body,
            collection.spec.weaviate.connection,
            server,
            made,
            Stance(collection.spec.drift_policy, collection.spec.loss_policy),
            counted=collection.status.counts,
        )
        wished = wish(services, collection, references, server, _wanted(services, collection, references))
        wanted, references = wished.levels, wished.references
        _require_ready(wished)
        road = road_of(services, body, collection, references, server, wanted)
        ground = replace(
            ground, migrated=lambda plan: (adopt_level if plan.adopting else migrate)(road, plan), left=cache(road.left)
        )
        plans = measure(road, converge(ground, wanted), known)
    except Obstacle as obstacle:
        if not obstacle.verdict.reason.startswith("Weaviate"):  # that of one that cannot be asked
            give_up_freezes(services, body)
        return Found(obstacle.verdict)
    if any(plan.problem is not None for plan in plans):
        give_up_freezes(services, body)
    measured = {plan.wanted.level: plan.measured for plan in plans if plan.measured is not None}
    aspects = (
        passages_fit(collection, references.model),
        *server_aspects(collection, seen, plans),
        *objectives_met(measured),
    )
    left_behind = {level: one for level, one in made.items() if level not in collection.spec.levels.stored()}
    children = [
        *cronjobs(collection, owner, services.jobs_image),
        *address_map(collection, owner, plans, _reach(services, collection, wished, plans), made),
    ]
    trouble, drifted = _keep(services, body, collection, owner, children)
    drifted = [path for plan in plans for path in plan.drift] + drifted
    verdict = trouble or _not_refused(judge(plans, left_behind), wished)
    return Found(verdict, plans, (*aspects, in_sync(drifted)), seen)


def _pause(services: Services, body: Json) -> Found:
    """Have all that is under way stand still, and leave the rest as it is."""
    give_up_freezes(services, body)
    end_measurements(services, body)
    hold_copies(services, body)
    return Found(idle(Reason.PAUSED, "spec.paused is true: nothing is changed until it is false."))


def _require_ready(wished: Wish) -> None:
    """Raise Obstacle where the model is not ready; to go back, nothing is asked of the one that the spec names."""
    if wished.references.not_ready is not None and not wished.goes_back:
        raise Obstacle(wished.references.not_ready)


def _not_refused(verdict: Verdict, wished: Wish) -> Verdict:
    """Return the verdict, or, where a way back is asked for and there is none, that."""
    if not wished.refused:
        return verdict
    return stalled(Reason.ROLLBACK_REFUSED, f"{wished.refused} {verdict.message}")


def _record(services: Services, owner: Owner) -> dict[str, Made]:
    """Return what was made for this very object, not for a namesake before it."""
    found = services.kubernetes.get("ConfigMap", owner.namespace, address_name(owner.name))
    return read_made(found) if found is not None and owner.owns(found) else {}


def _keep(
    services: Services, body: Json, collection: ContextCollection, owner: Owner, wanted: Sequence[Json]
) -> tuple[Verdict | None, list[str]]:
    """Keep what stands in Kubernetes; return what forbids it, and what was changed by hand and is left so."""
    try:
        kept = keep_children(services, body, owner, wanted, CHILDREN, drift_policy=collection.spec.drift_policy)
    except OperatorError as error:
        return kubernetes_verdict(error), []
    if kept.taken:
        message = f"{', '.join(kept.taken)} belongs to somebody else; remove it, or rename this ContextCollection."
        return stalled(Reason.CONFLICT, message), list(kept.drifted)
    return None, list(kept.drifted)


def _runs(services: Services, collection: ContextCollection) -> dict[str, JobRun]:
    """Return the last run of each declared schedule that has run."""
    declared = schedules(collection)
    if not declared:
        return {}
    metadata = collection.metadata
    owner = Owner("ContextCollection", metadata.namespace, metadata.name, metadata.uid)
    jobs, pods = (services.kubernetes.all_of(kind, owner.namespace, owner.selector) for kind in ("Job", "Pod"))
    found = {section: last_run(cronjob_name(collection, section), jobs, pods) for section in declared}
    return {section: run for section, run in found.items() if run is not None}


def _reach(services: Services, collection: ContextCollection, wished: Wish, plans: Sequence[LevelPlan]) -> Reach:
    """Return how the servers are reached. Until another model's vectors serve, writers go on with those that do."""
    target = services.connections.target(collection.spec.weaviate.connection)
    reach = Reach(
        http_url=target.url.rstrip("/") if target else "",
        grpc_address=target.grpc_address if target else "",
        embedding_url=endpoint(wished.references.model, services.service_url),
        embedding_model=served_name(wished.references.model),
    )
    served = [plan for plan in plans if not plan.adopting]
    if wished.keeps_address or any(plan.pending is not None and plan.pending.vectors == "embed" for plan in served):
        metadata = collection.metadata
        found = services.kubernetes.get("ConfigMap", metadata.namespace, address_name(metadata.name))
        return reach.with_embedding_of((found or {}).get("data") or {})
    return reach


def _wanted(services: Services, collection: ContextCollection, references: References) -> list[WantedLevel]:
    model = references.model
    root = transformers_root(model, services.service_url)
    reference = f"{model.metadata.namespace}/{model.metadata.name}"
    embedding = Embedding(model.status.fingerprint or "", root, model.status.sketch or "", reference)
    tenants = tenants_of(services, collection)
    wanted: list[WantedLevel] = []
    for level, indexing in references.policies.items():
        if (why := misfit(indexing.spec, model)) is not None:
            raise Obstacle(stalled(Reason.INVALID_SPEC, f"spec.levels.{level}: {why}."))
        address = place(collection, level)
        wanted.append(wanted_level(collection, level, address, indexing, embedding, services.instance, tenants))
    return wanted
