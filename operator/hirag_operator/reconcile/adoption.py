"""Filling a level from a collection of others: look, decide, do, until nothing is left to do at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import structlog

from hirag_operator.api import Reason
from hirag_operator.api.collection_adoption import AdoptFrom
from hirag_operator.errors import NotSealed, Refused
from hirag_operator.plan.collection.adoption import fills_as_declared, making
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.migration.adopt import Manner, adopt, served, taken_back
from hirag_operator.plan.collection.migration.course import Course, Stage, Terms
from hirag_operator.plan.collection.migration.foreign import carried_properties, forbidden, other_dimensions, unfit
from hirag_operator.plan.collection.migration.jobstate import seen_job
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenMigration
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.moves import Holder, OpenAlias
from hirag_operator.plan.steps import DeleteChild
from hirag_operator.plan.verdict import stalled
from hirag_operator.reconcile.keys import give_keys
from hirag_operator.reconcile.outcome import weaviate_verdict
from hirag_operator.reconcile.outlook import BEFORE, Need, end_surveys, need, told
from hirag_operator.reconcile.progress import carry_out
from hirag_operator.reconcile.road import Road
from hirag_operator.reconcile.terms import terms_of
from hirag_operator.reconcile.turns import has_room

Json = Mapping[str, Any]

MOST_PASSES = 8  # looks within one reconcile

log = structlog.get_logger(__name__)


def adopt_level(road: Road, plan: LevelPlan) -> LevelPlan:
    """Return the plan of a level that is filled from a collection of others, after all that could be done at once."""
    course: Course | None = None
    refusal: Refused | None = None
    for _ in range(MOST_PASSES):
        if plan.seen.target is None and (why := _refusal(road, plan)):
            return _refused(road, plan, why)
        with road.services.beginning:
            course = _course(road, plan)
            if course is None or not course.steps:
                break
            tried = _try(road, course)
        if tried is not None and refusal is not None:
            return replace(plan, problem=weaviate_verdict(tried), course=course)
        refusal = tried
        if refusal is None and _may_be_served(course):
            return replace(plan, course=replace(course, within=0.0))  # the level is looked at anew
    return replace(plan, course=_foretold(road, plan, course))


def _try(road: Road, course: Course) -> Refused | None:
    """Carry out the steps of a course; return what was refused, which is looked at once more."""
    try:
        carry_out(road.services, road.body, road.apply, course.steps)
    except NotSealed as error:  # it is waited for, or given up, at the next look
        log.warning("not_sealed", target=str(course.target), error=str(error))
    except Refused as error:
        return error
    return None


def _foretold(road: Road, plan: LevelPlan, course: Course | None) -> Course | None:
    """Return the course with what the adoption takes, where it has not begun."""
    end_surveys(road, plan, course)
    if course is None or course.stage not in BEFORE or plan.pending is None or plan.wanted.adopt_from is None:
        return course
    seen = SeenMigration(road.server.observe_holder(course.source), _look(road, plan, course.target.collection))
    return told(road, plan, seen, course, need(road, plan, seen))


def _may_be_served(course: Course) -> bool:
    return course.stage is Stage.ABORTING or any(isinstance(step, OpenAlias) for step in course.steps)


def _refused(road: Road, plan: LevelPlan, why: str) -> LevelPlan:
    """Return the plan of a level that is not filled, after what reads its source any more was ended."""
    _end_jobs(road, plan)
    message = f"{plan.wanted.level} is not filled: spec.levels.{plan.wanted.level}.adoptFrom: {why}."
    return replace(plan, problem=stalled(Reason.ADOPTION_REFUSED, message), pending=None)


def close_adoption(road: Road, plan: LevelPlan, copy: SeenHolder) -> Course | None:
    """Return what is left of the adoption by which what serves was made; None where nothing is, or it was not."""
    stamp = read_stamp(plan.seen.live or {})
    if stamp is None or not stamp.adopted or copy.note.source != stamp.adopted:
        return None
    exists = road.server.collection(stamp.adopted, fresh=True) is not None
    source = SeenHolder(Holder(stamp.adopted), exists=exists)
    return served(source, copy, terms_of(road, plan, room=True))


def _course(road: Road, plan: LevelPlan) -> Course | None:
    wanted, declared = plan.wanted, plan.wanted.adopt_from
    unwanted: dict[str, list[SeenHolder]] = {}
    for name in plan.seen.filling:
        if not fills_as_declared(wanted, road.server.collection(name) or {"class": name}):
            copy = _look(road, plan, name)
            unwanted.setdefault(copy.note.source, []).append(copy)
    for source, copies_of in unwanted.items():
        terms = terms_of(road, plan, room=True)
        seen = road.server.observe_holder(Holder(source))
        if (course := taken_back(seen, copies_of, terms, plan.seen.target)) is not None:
            return course
    if declared is None:
        return None
    source_seen = road.server.observe_holder(Holder(declared.collection))
    copy = _look(road, plan, wanted.collection)
    give_keys(road, wanted.level, (copy.job,))
    if plan.seen.target is not None:
        return served(source_seen, copy, terms_of(road, plan, room=True))
    manner = Manner(
        freeze=declared.freeze_source,
        hold=declared.cut_over == "Hold",
        clash=declared.collection == wanted.place.alias,
    )
    return adopt(SeenMigration(source_seen, copy), _terms(road, plan, declared, source_seen, copy), manner)


def _look(road: Road, plan: LevelPlan, name: str) -> SeenHolder:
    owned = road.owned(plan.wanted.level)
    jobs, pods = (road.all_of(kind, owned.selector) for kind in ("Job", "Pod"))
    return road.server.observe_holder(Holder(name), seen_job(Holder(name), jobs, pods))


def _terms(road: Road, plan: LevelPlan, declared: AdoptFrom, source: SeenHolder, copy: SeenHolder) -> Terms:
    foreign = road.server.collection(source.holder.collection, fresh=True) or {}
    room = copy.has_place or has_room(road)
    takes = need(road, plan, SeenMigration(source, copy)) if copy.job is None else Need()
    terms = terms_of(road, plan, room=room, objects=source.count, takes=takes)
    return replace(terms, making=making(plan.wanted, declared, carried_properties(plan.wanted, foreign)))


def _refusal(road: Road, plan: LevelPlan) -> str:
    """Return why a level is not to be filled from what it declares; empty where it is, or nothing is declared."""
    declared = plan.wanted.adopt_from
    return "" if declared is None else next((why for why in _refusals(road, plan, declared) if why), "")


def _refusals(road: Road, plan: LevelPlan, declared: AdoptFrom) -> Iterator[str]:
    """Yield what may stand in the way, each empty where it does not.

    First whether the namespace may have the collection: else nothing of it is told. What has become of what was carried
    is another question, so a collection that goes meanwhile refuses nothing.
    """
    wanted, name = plan.wanted, declared.collection
    yield forbidden(wanted, declared, road.adoptable, road.collection.spec.weaviate.connection)
    foreign = road.server.collection(name, fresh=True)
    begun = wanted.collection in plan.seen.filling
    if begun and foreign is None:
        return
    yield unfit(wanted, declared, foreign, clash=name == wanted.place.alias)
    yield road.beyond
    if declared.vectors == "Copy" and not begun:
        yield other_dimensions(declared, road.server.dimensions(name), road.references.model.spec.dimensions)


def _end_jobs(road: Road, plan: LevelPlan) -> None:
    """End what reads a collection that is not to be read any more."""
    jobs: Iterable[Json] = road.all_of("Job", road.owned(plan.wanted.level).selector)
    steps = [DeleteChild("Job", road.means.namespace, str(job["metadata"]["name"])) for job in jobs]
    carry_out(road.services, road.body, road.apply, steps)
