"""Carrying a level's data into a new revision: look, decide, do, until nothing is left to do at once."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import structlog

from hirag_operator.errors import NotSealed, Refused
from hirag_operator.plan.collection.contextcollection import not_migrated
from hirag_operator.plan.collection.deletion import Departing
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.migration.course import Course, Stage, Terms
from hirag_operator.plan.collection.migration.decide import decide
from hirag_operator.plan.collection.migration.jobstate import carries, fills, seen_job
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenMigration
from hirag_operator.plan.collection.migration.target import holder_of, making, target_of
from hirag_operator.plan.moves import Holder, SwapAlias
from hirag_operator.plan.steps import DeleteChild, MoveAlias
from hirag_operator.reconcile.adoption import close_adoption
from hirag_operator.reconcile.emptypools import remove_empty_pools
from hirag_operator.reconcile.keys import give_keys
from hirag_operator.reconcile.outcome import weaviate_verdict
from hirag_operator.reconcile.outlook import Need, end_surveys, need, told
from hirag_operator.reconcile.progress import carry_out
from hirag_operator.reconcile.road import Road
from hirag_operator.reconcile.terms import terms_of
from hirag_operator.reconcile.turns import first, has_room

Json = Mapping[str, Any]

MOST_PASSES: Final = 8  # looks within one reconcile

log = structlog.get_logger(__name__)


def migrate(road: Road, plan: LevelPlan) -> LevelPlan:
    """Return the plan of a level with the course of its migration, after all that could be done at once.

    The plan is one of a level whose alias leads to data of its own.
    """
    if plan.pending is not None and road.beyond:
        return not_migrated(plan, road.beyond)
    course, refusal = None, None
    for _ in range(MOST_PASSES):
        with _turn(road, plan):
            seen = _look(road, plan)
            give_keys(road, plan.wanted.level, (seen.wanted.job, seen.serving.job))
            takes = need(road, plan, seen) if _begins(seen) else Need()
            course = _decide(road, plan, seen, takes)
            if course is None or not course.steps:
                break
            if course.stage is Stage.REMOVING:
                _sweep_up(road)
            try:
                carry_out(road.services, road.body, road.apply, course.steps)
            except NotSealed as error:  # the freeze is given up at the next look
                log.warning("not_sealed", target=str(course.target), error=str(error))
                continue
            except Refused as error:  # looked at once more: another may have made what was to be made
                if refusal is not None:
                    return replace(plan, problem=weaviate_verdict(error), course=course)
                refusal = error
                continue
            refusal = None
        if _may_serve_another(course):  # so all of it is looked at anew
            return replace(plan, course=replace(course, within=0.0))
    if plan.seen.beside:
        _sweep_up(road)
    _end_orphans(road, plan, seen)
    end_surveys(road, plan, course)
    return replace(plan, course=told(road, plan, seen, course, takes))


def _decide(road: Road, plan: LevelPlan, seen: SeenMigration, takes: Need) -> Course | None:
    """Return what comes next: what is left of an adoption while no migration is wanted, else that."""
    left = close_adoption(road, plan, seen.serving) if plan.pending is None else None
    return left or decide(seen, _terms(road, plan, seen, takes))


def _may_serve_another(course: Course) -> bool:
    return any(isinstance(step, SwapAlias | MoveAlias) for step in course.steps)


@contextlib.contextmanager
def _turn(road: Road, plan: LevelPlan) -> Iterator[None]:
    """Have one level at a time look whether there is room for it, and take it."""
    with road.services.beginning if plan.pending is not None else contextlib.nullcontext():
        yield


def _look(road: Road, plan: LevelPlan) -> SeenMigration:
    owned = road.owned(plan.wanted.level)
    jobs, pods = (road.all_of(kind, owned.selector) for kind in ("Job", "Pod"))

    def look(holder: Holder) -> SeenHolder:
        return road.server.observe_holder(holder, seen_job(holder, jobs, pods), count_tenants=not jobs)

    beside = [schema for name in plan.seen.beside if (schema := road.server.collection(name)) is not None]
    serving = holder_of(plan.wanted, plan.seen.live or {})
    wanted = serving if plan.pending is None else target_of(plan.wanted, beside)
    others = {holder_of(plan.wanted, schema) for schema in beside} - {serving, wanted}
    return SeenMigration(
        serving=(here := look(serving)),
        wanted=here if wanted == serving else look(wanted),
        others=tuple(one for one in map(look, others) if one.exists),
    )


def _begins(seen: SeenMigration) -> bool:
    """Return whether a level may be about to begin, or to go on after a pause; else it needs no room, and no turn."""
    return seen.pending and not seen.wanted.has_place


def _terms(road: Road, plan: LevelPlan, seen: SeenMigration, takes: Need) -> Terms:
    target, source = seen.wanted.holder, seen.serving
    exists = seen.wanted.exists or road.server.collection(target.collection, fresh=True) is not None
    room = has_room(road) if _begins(seen) else True
    return replace(
        terms_of(road, plan, room=room, objects=source.count, tenants=source.tenants or 0, takes=takes),
        first=first(road, plan) if _begins(seen) else None,
        making=making(plan.wanted, target, plan.seen.live or {}, exists=exists) if seen.pending else (),
        undone=_undone(plan),
    )


def _undone(plan: LevelPlan) -> Holder | None:
    """Return the holder that the plan leads to where the plan is not wanted."""
    undone = plan.wanted.rolled_back
    return None if undone is None else Holder(undone.declared.collection, undone.declared.place.tenant)


def _end_orphans(road: Road, plan: LevelPlan, seen: SeenMigration) -> None:
    """Delete Jobs that fill what is not there and not wanted: copies that another hand has deleted."""
    known = {one.holder for one in (seen.serving, seen.wanted, *seen.others)}
    jobs = road.all_of("Job", road.owned(plan.wanted.level).selector)
    names = [str(job["metadata"]["name"]) for job in jobs if carries(job) and fills(job)[0] not in known]
    steps = [DeleteChild("Job", road.means.namespace, name) for name in names]
    carry_out(road.services, road.body, road.apply, steps)


def _sweep_up(road: Road) -> None:
    """Remove pools that a level was the last to leave."""
    metadata = road.collection.metadata
    leaving = Departing(road.services.instance, metadata.namespace, metadata.name)
    remove_empty_pools(road.services, road.collection.spec.weaviate.connection, road.server, leaving)


def soonest(plans: Sequence[LevelPlan]) -> float | None:
    """Return in how many seconds a migration is to be looked at again; None where none is."""
    withins = [plan.course.within for plan in plans if plan.course is not None and plan.course.within is not None]
    return min(withins, default=None)
