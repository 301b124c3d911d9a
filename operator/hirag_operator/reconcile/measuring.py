"""Measuring the indexes of levels whose policy has objectives, and looking for the ef that meets them.

A Job measures, and notes in Weaviate what it found; from the notes follow the ef that is wanted (`found_ef`, before a
level is looked at) and whether another Job is due (`measure`, once it is as declared).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.api import ContextCollection, Reason
from hirag_operator.api.durations import to_timedelta
from hirag_operator.api.index_objectives import Objectives
from hirag_operator.errors import OperatorError
from hirag_operator.plan.children.owned import selector
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.levels import Indexing
from hirag_operator.plan.collection.migration.course import Stage
from hirag_operator.plan.collection.objectives.due import (
    FEWEST,
    LOOK_SECONDS,
    Turn,
    left_ms,
    none_may,
    takes_turn,
    turn,
)
from hirag_operator.plan.collection.objectives.job import (
    CONNECTION,
    LABELS,
    OF_LEVEL,
    Measuring,
    render_measurement,
    selector_of,
)
from hirag_operator.plan.collection.objectives.judging import Judged, judge, limit_bytes
from hirag_operator.plan.collection.objectives.measured import Measured
from hirag_operator.plan.collection.objectives.notes import NOTHING, Noted, Trial, about, ef_of, key_of
from hirag_operator.plan.collection.objectives.search import COUNTS_AT_LEAST_MS, Found, search
from hirag_operator.plan.collection.placement import place
from hirag_operator.plan.collection.vectorindex import vector_index
from hirag_operator.plan.dig import dig
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.steps import ApplyChild, DeleteChild
from hirag_operator.reconcile.outcome import weaviate_verdict
from hirag_operator.reconcile.progress import carry_out
from hirag_operator.reconcile.references import Obstacle, References
from hirag_operator.reconcile.road import Road
from hirag_operator.reconcile.services import Services

Json = Mapping[str, Any]

HINDERED_SECONDS: Final = 60.0  # until the next look where Kubernetes forbids a Job
NO_NAMESPACE: Final = "the operator has no namespace to run Jobs in; set HIRAG_OPERATOR_JOBS_NAMESPACE"


@dataclass(frozen=True)
class Known:
    """What is noted of a level, and where the search for its ef is; None where none is looked for."""

    noted: Noted = NOTHING
    found: Found | None = None


def known_of(
    services: Services, collection: ContextCollection, references: References, server: WeaviateAdapter
) -> dict[str, Known]:
    """Return what is known of each level whose policy has objectives.

    Raises:
        Obstacle: Weaviate does not tell.
    """
    levels = {level: one for level, one in references.policies.items() if one.spec.objectives is not None}
    try:
        return {level: _known(services, collection, level, indexing, server) for level, indexing in levels.items()}
    except OperatorError as error:
        raise Obstacle(weaviate_verdict(error)) from error


def _known(
    services: Services, collection: ContextCollection, level: str, indexing: Indexing, server: WeaviateAdapter
) -> Known:
    metadata, objectives = collection.metadata, indexing.spec.objectives or Objectives()
    noted = server.measurements(about(services.instance, metadata.namespace, metadata.name, level))
    if noted.key:
        target = server.alias_target(place(collection, level).alias) or ""
        noted = noted.of(key_of(target, *vector_index(indexing.spec), objectives))
    tuned = objectives.tuning is not None and objectives.recall is not None and collection.spec.placement != "Shared"
    if not tuned or objectives.tuning is None or objectives.recall is None:
        return Known(noted)
    counts_ms = max(_interval_ms(objectives), COUNTS_AT_LEAST_MS)
    return Known(noted, search(noted.trials, objectives.tuning.ef, objectives.recall.target, counts_ms))


def with_ef(references: References, known: Mapping[str, Known]) -> References:
    """Return the references with the ef that was found for each level, or is to be tried next."""
    policies = {
        level: replace(indexing, ef=one.found.ef) if (one := known.get(level)) and one.found else indexing
        for level, indexing in references.policies.items()
    }
    return replace(references, policies=policies)


def measure(road: Road, plans: Sequence[LevelPlan], known: Mapping[str, Known]) -> list[LevelPlan]:
    """Return the plans with what is known of their indexes, after Jobs were made or deleted where that was due.

    That Kubernetes forbids a Job is told of the measurement alone: the index serves all the same.

    Raises:
        Obstacle: Weaviate does not answer.
    """
    try:
        return _with_measurements(road, plans, known)
    except Obstacle as obstacle:
        hindered = Judged(False, Reason.MEASUREMENT_FAILED, obstacle.verdict.message)
        return [
            replace(plan, measured=Measured(hindered, within=HINDERED_SECONDS, busy=True))
            if plan.wanted.level in known
            else plan
            for plan in plans
        ]
    except OperatorError as error:
        raise Obstacle(weaviate_verdict(error)) from error


def _with_measurements(road: Road, plans: Sequence[LevelPlan], known: Mapping[str, Known]) -> list[LevelPlan]:
    metadata = road.collection.metadata
    jobs = road.all_of("Job", selector_of(metadata.namespace, metadata.name))
    pods = road.all_of("Pod", selector_of(metadata.namespace, metadata.name)) if jobs else []
    _end(road, none_may([job for job in jobs if _level(job) not in known]).end)
    return [_measured(road, plan, known, jobs, pods) for plan in plans]


def _measured(
    road: Road, plan: LevelPlan, known: Mapping[str, Known], jobs: Sequence[Json], pods: Sequence[Json]
) -> LevelPlan:
    level = plan.wanted.level
    if level not in known:
        return plan
    one = known[level]
    own, theirs = [job for job in jobs if _level(job) == level], [pod for pod in pods if _level(pod) == level]
    ef = ef_of((plan.seen.live or {}).get("vectorIndexConfig") or {})
    trial = one.noted.at(ef)
    if (why := _not_now(road, plan)) is not None:
        _end(road, none_may(own).end)
        return replace(plan, measured=_told(road, plan, one, why))
    spec = road.references.policies[level].spec
    objectives = spec.objectives or Objectives()
    now_ms = int(road.services.now().timestamp() * 1000)
    left = left_ms(trial, _objects(plan), _interval_ms(objectives), now_ms)
    what = _what(road, plan, one, ef)
    if isinstance(what, Judged):
        _end(road, none_may(own).end)
        return replace(plan, measured=_told(road, plan, one, what))
    comes = turn(left, what.job_name, own, theirs, one.noted.error, now_ms)
    _end(road, comes.end)
    waits = comes.start and not _start(road, what)
    return replace(plan, measured=_result(road, plan, one, comes, waits=waits))


def _not_now(road: Road, plan: LevelPlan) -> Judged | None:
    """Return why a level is not measured as it stands; None where it may be."""
    if not plan.may_move or plan.drift or plan.wanted.rolled_back is not None or _is_moved(plan):
        return Judged(False, Reason.NOT_MEASURED, "It is measured once it is as declared, and no migration goes on.")
    if why := NO_NAMESPACE if not road.means.namespace else road.beyond:
        return Judged(False, Reason.NOT_MEASURED, f"It cannot be measured: {why}.")
    objects = plan.seen.count
    if objects is not None and objects < FEWEST:
        message = f"It holds {objects} objects: there are no neighbours to find."
        return Judged(True, Reason.NOTHING_TO_MEASURE, message)
    return None


def _is_moved(plan: LevelPlan) -> bool:
    """Return whether a migration goes on; a previous revision that is kept as long as somebody wants is none."""
    if plan.course is not None:
        return plan.course.stage is not Stage.KEPT
    return plan.pending is not None or bool(plan.seen.beside)


def _objects(plan: LevelPlan) -> int | None:
    """Return the objects of what is measured; None where a tenant of several is, or it cannot be told."""
    return None if plan.wanted.tenancy.enabled else plan.seen.count


def _what(road: Road, plan: LevelPlan, one: Known, ef: int) -> Measuring | Judged:
    """Return what is measured: all of a collection, the level's tenant of a pool, or the largest of its own tenants."""
    collection, wanted, spec = road.collection, plan.wanted, road.references.policies[plan.wanted.level].spec
    target, tenant = str(plan.seen.target), wanted.place.tenant
    if wanted.tenancy.enabled and (tenant := road.server.largest_tenant(target)) is None:
        return Judged(True, Reason.NOTHING_TO_MEASURE, "No tenant is in use that holds two objects or more.")
    objectives = spec.objectives or Objectives()
    metadata, latest = collection.metadata, one.noted.latest
    return Measuring(
        namespace=metadata.namespace,
        name=metadata.name,
        level=wanted.level,
        connection=collection.spec.weaviate.connection,
        holder=Holder(target, tenant),
        recall=objectives.effective_recall,
        about=about(road.services.instance, metadata.namespace, metadata.name, wanted.level),
        key=key_of(target, *vector_index(spec), objectives),
        ef=ef,
        since=latest.at if latest is not None else 0,
    )


def _start(road: Road, what: Measuring) -> bool:
    """Make the Job, if none measures on this Weaviate: none is to slow another's searches."""
    with road.services.beginning:
        others = road.all_of("Job", selector(LABELS))
        now_ms = int(road.services.now().timestamp() * 1000)
        if any(takes_turn(job, now_ms) and _connection(job) == what.connection for job in others):
            return False
        carry_out(road.services, road.body, road.apply, [ApplyChild(render_measurement(what, road.means))])
        return True


def _result(road: Road, plan: LevelPlan, one: Known, comes: Turn, *, waits: bool) -> Measured:
    measured = _told(road, plan, one, None)
    if comes.failed and (measured.trial is None or not comes.busy):
        measured = replace(measured, judged=Judged(False, Reason.MEASUREMENT_FAILED, f"{comes.failed}."))
    within = LOOK_SECONDS if comes.start and not waits else comes.within
    return replace(measured, within=within, busy=comes.busy or bool(comes.failed))


def _told(road: Road, plan: LevelPlan, one: Known, otherwise: Judged | None) -> Measured:
    """Return what is known of a level; `otherwise` is said where nothing is, and where nothing can be measured."""
    spec = road.references.policies[plan.wanted.level].spec
    objectives = spec.objectives or Objectives()
    ef = ef_of((plan.seen.live or {}).get("vectorIndexConfig") or {})
    trial = one.noted.at(ef) or (one.noted.latest if one.found is not None else None)
    limit = limit_bytes(objectives)
    if trial is None or (otherwise is not None and otherwise.met):
        judged = otherwise or Judged(False, Reason.NOT_MEASURED, "Its index as it is now is being measured.")
        return Measured(judged, limit_bytes=limit)
    trial = _of_all_tenants(road, plan, trial)
    return Measured(judge(spec, objectives, trial, one.found), trial, limit)


def _of_all_tenants(road: Road, plan: LevelPlan, trial: Trial) -> Trial:
    """Return a trial of one of a level's own tenants with the memory of all that are in use: others take none."""
    if not plan.wanted.tenancy.enabled or trial.memory_bytes is None or not trial.objects:
        return trial
    objects = max(trial.objects, road.server.objects_in_use(str(plan.seen.target)))
    return replace(trial, memory_bytes=trial.memory_bytes * objects // trial.objects)


def _end(road: Road, names: Sequence[str]) -> None:
    steps = [DeleteChild("Job", road.means.namespace, name) for name in names]
    carry_out(road.services, road.body, road.apply, steps)


def end_measurements(services: Services, body: Json) -> None:
    """Delete the Jobs that measure levels of an object: it is paused, or goes."""
    metadata, namespace = body["metadata"], services.jobs_namespace
    if not namespace:
        return
    jobs = services.kubernetes.all_of("Job", namespace, selector_of(metadata["namespace"], metadata["name"]))
    steps = [DeleteChild("Job", namespace, str(job["metadata"]["name"])) for job in jobs]
    carry_out(services, body, services.kubernetes.apply, steps)


def soonest_measurement(plans: Sequence[LevelPlan]) -> float | None:
    """Return in how many seconds a measurement is to be looked at, or falls due; None where none is."""
    withins = [one.measured.within for one in plans if one.measured is not None and one.measured.within is not None]
    return min(withins, default=None)


def _interval_ms(objectives: Objectives) -> int:
    return int(to_timedelta(objectives.interval) / timedelta(milliseconds=1))


def _level(body: Json) -> str:
    return str(dig(body, "metadata", "labels", OF_LEVEL) or "")


def _connection(job: Json) -> str:
    return str(dig(job, "metadata", "annotations", CONNECTION) or "")
