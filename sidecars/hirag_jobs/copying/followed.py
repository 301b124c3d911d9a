"""A part that is carried, checked, and followed until it is swapped; each step is told in the notes."""

import time
from contextlib import suppress
from typing import Final

from hirag_jobs.copying.checking import Check
from hirag_jobs.copying.course import Course
from hirag_jobs.copying.following import Follower
from hirag_jobs.copying.notes import Notes
from hirag_jobs.copying.passes import Way
from hirag_jobs.copying.report import PartReport
from hirag_jobs.copying.schemas import Json
from hirag_jobs.copying.settings import MigrateSettings
from hirag_jobs.copying.telling import Telling
from hirag_jobs.copying.tenants import require_unused
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
    telling = Telling(Notes(course.rest, way.channel), way.target, settings.share_name)
    telling.notes.prepare()
    follower = Follower(way, course.rest, telling, report, course.start, course.filtered)
    if not follower.resumes(course.since):
        require_unused(course.rest, target, way.target.tenant)
        follower.begin(*(count(way.channel, part, way.within) for part in (way.source, way.target)))
        follower.go_on_from(course.carry(way, report, lambda: telling.progress(report)))
        telling.all_carried(report)
        if course.verify:
            Check(follower, target, course.began, settings.portion, settings.sample, settings.k).run()
        telling.enter("following")
    while follower.turn():
        time.sleep(_TURN_SECONDS)
    for _ in range(_CLOSING_TURNS):  # what is under way has no sign by which it could be awaited
        follower.close()
        time.sleep(_CLOSING_SECONDS)


def tell_failure(settings: MigrateSettings, rest: Rest, api_key: str | None, why: HiragError) -> None:
    """Tells in the notes why a run of `--follow` ends; if that fails too, the program's own output has to do."""
    target = Part(settings.target, settings.into_tenant or (settings.tenant[0] if len(settings.tenant) == 1 else None))
    with suppress(HiragError), ObjectChannel(settings.grpc, api_key, secure=settings.secure) as channel:
        notes = Notes(rest, channel)
        notes.prepare()
        Telling(notes, target, settings.share_name).fail(why.message)
