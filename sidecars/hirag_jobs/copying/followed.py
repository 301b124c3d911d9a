"""What is carried, checked, and followed until it is swapped; each step is told in the notes."""

import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Final

from hirag_jobs.copying.checking import Check, checked
from hirag_jobs.copying.comparison import compare_followed
from hirag_jobs.copying.course import Course
from hirag_jobs.copying.following import Follower
from hirag_jobs.copying.manytenants import Tenants
from hirag_jobs.copying.notes import Notes
from hirag_jobs.copying.passes import Way
from hirag_jobs.copying.report import MigrationReport, PartReport
from hirag_jobs.copying.schemas import Json, has_tenants
from hirag_jobs.copying.settings import MigrateSettings
from hirag_jobs.copying.tail import Tail
from hirag_jobs.copying.telling import Telling
from hirag_jobs.copying.tenants import awake, require_unused
from hirag_jobs.measure.exact import Queries
from hirag_jobs.measure.golden import embedded
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import count
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest
from hirag_kit.errors import HiragError

_TURN_SECONDS: Final = 0.05  # between two looks at what changed
_CLOSING_TURNS, _CLOSING_SECONDS = 3, 1.0


def follow(course: Course, way: Way, target: Json, settings: MigrateSettings, report: PartReport) -> None:
    """Carries a part and goes on with it until it is said that this is over.

    Args:
        course: how it is carried.
        way: from where to where.
        target: the target's class.
        settings: which share it is, and how it is checked.
        report: what is done is added to it.
    """
    telling = _telling(course, way.channel, way.target, settings)
    tail = Tail(way, course.rest, report, course.start, course.filtered)
    sources = frozenset({str(way.source), way.source.collection})
    follower = Follower(tail, sources, telling, report, lambda: way.channel.stumbles)
    if not follower.resumes(course.since):
        require_unused(course.rest, target, way.target.tenant)
        way.carried.begin(course.began)
        follower.begin(*(count(way.channel, part, way.within) for part in (way.source, way.target)))
        tail.go_on_from(course.carry(way, report, lambda: telling.progress(report)))
        telling.all_carried(report)
        if course.verify:
            telling.enter("checking")
            found = compare_followed(way, follower.follow)
            report.take(found)
            _check(course, way.channel, follower, target, settings).run(checked([("", found)]), way.target)
        telling.enter("following")
    _until_over(follower)


def follow_tenants(
    course: Course,
    channel: ObjectChannel,
    way: Callable[[str], Way],
    target: Json,
    settings: MigrateSettings,
    report: MigrationReport,
) -> None:
    """Carries the tenants of a share and goes on with them, as of `follow`.

    Args:
        course: how each is carried.
        channel: to the Weaviate that has both collections.
        way: from where to where the objects of a tenant go.
        target: the target's class.
        settings: which share it is, and how it is checked.
        report: what is done is added to it.
    """
    into = Part(str(target["class"]))
    telling = _telling(course, channel, into, settings)
    tenants = Tenants(course, way, settings.source, settings.portion, telling, report)
    follower = Follower(tenants, frozenset({settings.source}), telling, report, lambda: channel.stumbles)
    if not follower.resumes(course.since):
        require_unused(course.rest, target, None)
        follower.begin(None, 0)
        tenants.carry_all()
        telling.all_carried(report)
        if course.verify:
            telling.enter("checking")
            measured = into.of_tenant(name) if (name := tenants.largest()) is not None else None
            with awake(course.rest, [measured]) if measured is not None else nullcontext():
                _check(course, channel, follower, target, settings).run(checked(tenants.compared), measured)
        telling.enter("following")
    _until_over(follower)


def tell_failure(settings: MigrateSettings, rest: Rest, api_key: str | None, why: HiragError) -> None:
    """Tells in the notes why a run of `--follow` ends; if that fails too, the program's own output has to do."""
    with suppress(HiragError), ObjectChannel(settings.grpc, api_key, secure=settings.secure) as channel:
        schema = rest.schema(settings.target)
        named = settings.into_tenant or (settings.tenant[0] if len(settings.tenant) == 1 else None)
        target = Part(settings.target, named if schema is not None and has_tenants(schema) else None)
        notes = Notes(rest, channel)
        notes.prepare()
        Telling(notes, target, settings.share_name).fail(why.message)


def _telling(course: Course, channel: ObjectChannel, target: Part, settings: MigrateSettings) -> Telling:
    telling = Telling(Notes(course.rest, channel), target, settings.share_name)
    telling.notes.prepare()
    return telling


def _check(
    course: Course, channel: ObjectChannel, follower: Follower, target: Json, settings: MigrateSettings
) -> Check:
    asked = settings.question

    def questions() -> Queries | None:
        return embedded(asked, settings)[0] if asked else None

    return Check(
        follower, course.rest, channel, target, course.began, settings.portion, settings.sample, settings.k, questions
    )


def _until_over(follower: Follower) -> None:
    while follower.turn():
        time.sleep(_TURN_SECONDS)
    for _ in range(_CLOSING_TURNS):  # what is under way has no sign by which it could be awaited
        follower.close()
        time.sleep(_CLOSING_SECONDS)
    follower.finish()
