"""What a migration that has not begun would take, whether there is room for it, and what a survey of it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.migration.course import LOOK_SECONDS, Course, Stage
from hirag_operator.plan.collection.migration.estimate import UNDECLARED, Estimate
from hirag_operator.plan.collection.migration.jobstate import SURVEYED, fills, seen_job
from hirag_operator.plan.collection.migration.seen import SeenMigration
from hirag_operator.plan.collection.migration.space import (
    NOTHING,
    Index,
    Promise,
    Space,
    Stored,
    promised,
    room_left,
    shortage,
)
from hirag_operator.plan.collection.migration.survey import Question, Surveyed, needless, survey
from hirag_operator.plan.quantity import in_bytes
from hirag_operator.plan.steps import DeleteChild
from hirag_operator.reconcile.progress import carry_out
from hirag_operator.reconcile.references import Obstacle
from hirag_operator.reconcile.road import Road
from hirag_operator.reconcile.turns import running_copies, running_surveys

Json = Mapping[str, Any]

BEFORE: Final = frozenset({Stage.AWAITING_APPROVAL, Stage.AWAITING_SPACE, Stage.QUEUED, Stage.PREPARING})
WAITING: Final = frozenset({Stage.AWAITING_APPROVAL, Stage.AWAITING_SPACE})  # for a person: so what it takes matters
KEYED: Final = "time is not measured: a survey is not given a provider's key"


@dataclass(frozen=True)
class Need:
    """What a second revision takes, and whether there is room for it.

    Args:
        space: What it takes.
        objects: That it is reckoned from; None: they are not known.
        lacks: What is missing, in words; empty where nothing is, or nobody knows.
        room: What is to be said about the room.
    """

    space: Space = NOTHING
    objects: int | None = None
    lacks: str = ""
    room: str = UNDECLARED

    def to_annotation(self, road: Road) -> str:
        """Return it as the annotation of the Job that fills the revision."""
        return Promise(road.collection.spec.weaviate.connection, self.space).to_annotation()


def need(road: Road, plan: LevelPlan, seen: SeenMigration) -> Need:
    """Return what the declared revision takes beside what is there; nothing that it holds already."""
    objects = seen.serving.count
    space = _space(road, plan, seen, objects)
    if not road.capacity.declared:
        return Need(space, objects)
    stored = road.server.stored()
    if objects is None:  # tenants sleep: those that do not are what the nodes count
        space = _space(road, plan, seen, _awake(seen, stored, plan.seen.live or {}))
    taken = sum((one.space for one in stored), NOTHING)
    coming = _coming(road)
    left = room_left(road.capacity, taken, coming)
    told = [
        f"{in_bytes(size)} of {what}"
        for what, size in (("memory", left.memory), ("disk", left.disk))
        if size is not None
    ]
    lacks = shortage(road.capacity, taken, coming, space)
    room = f"not enough space: {lacks}" if lacks else f"{' and '.join(told)} are left of the declared capacity"
    return Need(space, objects, lacks, room)


def told(road: Road, plan: LevelPlan, seen: SeenMigration, course: Course | None, found: Need) -> Course | None:
    """Return the course with what the migration takes, where it has not begun; see to a survey where it waits."""
    if course is None or course.stage not in BEFORE or plan.pending is None or seen.wanted.job is not None:
        return course
    tenants = seen.serving.tenants
    objects = found.objects if found.objects is not None or tenants is not None else 0
    estimate = Estimate(objects, tenants, found.space, found.room)
    if course.stage not in WAITING:
        return replace(course, estimate=estimate)
    keyed = plan.pending.vectors == "embed" and bool(road.means.provider)
    if keyed:
        estimate = replace(estimate, remarks=(KEYED,))
    owned = road.owned(plan.wanted.level)
    jobs, pods = (road.all_of(kind, owned.selector) for kind in ("Job", "Pod"))
    question = Question(course.source, course.target, plan.pending.vectors, _breadth(plan), pace=not keyed)
    job = seen_job(course.target, jobs, pods, SURVEYED)
    room = job is not None or running_surveys(road) < road.services.migrations
    result = survey(question, road.server.surveyed(course.target), job, owned, road.means, room=room)
    try:
        carry_out(road.services, road.body, road.apply, result.steps)
    except Obstacle as obstacle:  # it is no more than a survey: the migration waits for approval as before
        result = Surveyed(remark=f"{question.about} could not be measured: {obstacle.verdict.message}")
    soon = min(LOOK_SECONDS, course.within or LOOK_SECONDS) if result.running else course.within
    return replace(course, estimate=result.added_to(estimate), within=soon)


def end_surveys(road: Road, plan: LevelPlan, course: Course | None) -> None:
    """Delete Jobs of surveys for what has begun, or is not wanted any more."""
    asked = course.target if course is not None and course.stage in WAITING else None
    jobs = road.all_of("Job", road.owned(plan.wanted.level).selector)
    steps = [DeleteChild("Job", road.means.namespace, name) for name in needless(jobs, asked)]
    carry_out(road.services, road.body, road.apply, steps)


def _space(road: Road, plan: LevelPlan, seen: SeenMigration, objects: int | None) -> Space:
    """Return what the declared revision takes for so many objects, in all replicas, beside what it holds."""
    missing = max(0, (objects or 0) - (seen.wanted.count or 0 if seen.pending else 0))
    if not missing:
        return NOTHING
    schema = plan.wanted.schema
    sample = road.server.sample(seen.serving.holder)
    index = Index(schema["vectorIndexType"], schema["vectorIndexConfig"], road.references.model.spec.dimensions)
    factor = _replicas(schema)
    object_bytes = sample.object_bytes if sample is not None else 0.0
    return Stored(str(seen.wanted.holder), missing * factor, object_bytes, (index,), factor).space


def _awake(seen: SeenMigration, stored: Sequence[Stored], live: Json) -> int:
    """Return how many objects are counted without waking a tenant; of a tenant of a pool that sleeps, none."""
    here = seen.serving.holder
    if here.tenant is not None:
        return 0
    return next((one.objects for one in stored if one.name == here.collection), 0) // _replicas(live)


def _replicas(schema: Json) -> int:
    return int((schema.get("replicationConfig") or {}).get("factor") or 1)


def _coming(road: Road) -> list[Space]:
    """Return what each migration that runs on the same Weaviate will still take: what it has carried is stored."""
    coming = []
    for job in running_copies(road):
        promise = promised(job)
        if promise is None or promise.connection != road.collection.spec.weaviate.connection:
            continue
        shares = road.server.told(*fills(job))
        done, total = sum(one.done for one in shares), sum(one.total or 0 for one in shares)
        coming.append(promise.space.part(1 - min(1.0, done / total) if total else 1.0))
    return coming


def _breadth(plan: LevelPlan) -> int:
    """Return by how many candidates the declared index is built; 0 where it is no graph."""
    settings = plan.wanted.schema["vectorIndexConfig"]
    inner = settings.get("hnsw") or settings
    return 0 if plan.wanted.schema["vectorIndexType"] == "flat" else int(inner.get("efConstruction") or 0)
