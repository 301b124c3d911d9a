"""The way from the holder that serves to the one that is declared: begin, make, copy, check, freeze, swap."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.migration.backward import remove_earlier, resumed_job, unfreeze, without_job
from hirag_operator.plan.collection.migration.beginning import begin, held_back, out_of_turn
from hirag_operator.plan.collection.migration.course import Course, Stage, Terms, do, stopped, under_way
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenJob, SeenMigration
from hirag_operator.plan.moves import (
    AllowWrites,
    AnnounceFreeze,
    AwaitSeals,
    CompleteSwap,
    FreezeWrites,
    SwapAlias,
)
from hirag_operator.plan.steps import ApplyChild, Step

SWAP_SHARE: Final = 0.2  # of the longest freeze: what is kept for the swap itself
SWEEP_SHARE: Final = 0.5  # of the longest freeze: what removing missed deletions may take
READY_SECONDS: Final = (10.0, 60.0)
"""That a freeze is put off for those who copy to get ready for it: while they say nothing, and at most."""


def advance(seen: SeenMigration, terms: Terms) -> Course:
    """Return what brings the declared holder closer to serving."""
    here, there = seen.serving, seen.wanted
    if not there.filled_from(here.holder):
        return _after_earlier(seen, terms) or begin(seen, terms)
    if not there.exists:
        return do(Stage.PREPARING, here, there, f"Making {there.holder}.", terms.making)
    if there.note.begun:
        return _out_of_freeze(here, there, terms)
    return by_job(seen, terms, lambda course, job: _swapping(course, here, there, job, terms))


def _after_earlier(seen: SeenMigration, terms: Terms) -> Course | None:
    """Return what is left of earlier migrations to be ended before one begins; None where nothing is.

    A Job of the declared holder fills it from elsewhere. That of the serving one may still bring what was late, unless
    there is nothing any more that it could bring it from. What the note of the declared holder says is about to be
    overwritten, and with it goes what is known of those that it was swapped for.
    """
    here, there = seen.serving, seen.wanted
    if there.job is not None:
        ended = () if there.job.deleted else without_job(there, terms)
        return do(Stage.PREPARING, here, there, f"Ending an earlier Job that fills {there.holder}.", ended)
    if here.job is not None and seen.previous is None:
        ended = () if here.job.deleted else without_job(here, terms)
        return do(Stage.PREPARING, here, there, f"Ending the Job that filled {here.holder}.", ended)
    if here.job is not None and here.job.state == "Running":
        message = f"Carrying {terms.level} into {there.holder}, once the Job that filled {here.holder} has ended."
        return under_way(Stage.PREPARING, here, there, message)
    if (terms.approved or there.exists) and (steps := remove_earlier(seen, terms)):
        return do(Stage.REMOVING, here, there, f"Removing what served before {there.holder}.", steps)
    return None


def by_job(seen: SeenMigration, terms: Terms, caught_up: Callable[[Course, SeenJob], Course]) -> Course:
    """Return what the Job comes to that fills the declared holder, or what makes it.

    `caught_up` tells what comes next where all is carried and found to be alike, and followed by a Job that is alive.
    """
    here, there = seen.serving, seen.wanted
    job = there.job
    if job is None:
        # Several may have begun before one had a Job, by which it takes a place. On the way back none is needed.
        if not there.note.since_ms and (held := held_back(here, there, terms)) is not None:
            return held
        made = ApplyChild(terms.job(here.holder, there.holder, there.note.since_ms))
        return do(Stage.PREPARING, here, there, f"Starting the Job that fills {there.holder}.", (*_opened(there), made))
    if job.deleted:
        message = f"{job.pods} pods of a Job that was deleted still run; a new one is made when they have ended."
        return under_way(Stage.PREPARING, here, there, message)
    if job.state != "Running":
        return _ended(here, there, job, terms)
    if job.held:
        return _go_on(here, there, terms)
    return _copying(here, there, job, terms, caught_up)


def _opened(there: SeenHolder) -> tuple[Step, ...]:
    """Return what lets the holder to be filled take writes; none where it does.

    On the way back some of its tenants may be frozen, and others not: those that were put to sleep since. What the
    server does with them by itself stays as it is until the holder serves.
    """
    half_open = there.tenants and there.note.since_ms
    return (AllowWrites(there.holder, there.auto),) if there.frozen or half_open else ()


def _out_of_freeze(here: SeenHolder, there: SeenHolder, terms: Terms) -> Course:
    """Return what ends a freeze that a crash left behind: the swap, where both sides are sealed, else writing again."""
    if there.sealed and here.frozen:
        return do(Stage.SWAPPING, here, there, "Swapping.", _swap(here, there, terms))
    return do(Stage.CATCHING_UP, here, there, "Giving up a freeze.", unfreeze(here, there))


def _go_on(here: SeenHolder, there: SeenHolder, terms: Terms) -> Course:
    """Return what has a Job go on that was held while its object was paused: others may have its place by now."""
    if not there.note.since_ms and (waits := out_of_turn(here, there, terms)) is not None:
        return waits
    message = f"Having the Job that fills {there.holder} go on."
    return do(Stage.PREPARING, here, there, message, resumed_job(there, terms))


def _ended(here: SeenHolder, there: SeenHolder, job: SeenJob, terms: Terms) -> Course:
    """Return what a Job comes to that ended before the swap; it is made anew when the declaration changes."""
    if job.state == "Complete" or job.generation != terms.generation:
        message = f"Starting the Job that fills {there.holder} anew."
        return do(Stage.PREPARING, here, there, message, without_job(there, terms))
    error = next((one.error for one in there.told if one.error), job.message) or "see its pods' logs"
    message = (
        f"Job {terms.jobs_namespace}/{job.name}, which carries {terms.level} into {there.holder}, failed: {error}. "
        f"{here.holder} serves on. Change the spec, or delete that Job, to have it tried again."
    )
    return stopped(Stage.FAILED, Reason.MIGRATION_FAILED, here, there, message)


def _copying(
    here: SeenHolder, there: SeenHolder, job: SeenJob, terms: Terms, caught_up: Callable[[Course, SeenJob], Course]
) -> Course:
    """Return what a Job that runs comes to: it copies, it was found wanting, or both sides can be swapped."""
    course = under_way(_stage(there), here, there, "")
    if course.stage is Stage.COPYING and job.rate != terms.rate:
        message = f"Starting the Job that fills {there.holder} anew, for another migration.objectsPerSecond."
        return do(Stage.COPYING, here, there, message, without_job(there, terms))
    if (failing := _found_wanting(course, here, there, terms)) is not None:
        return failing
    if course.stage is Stage.CATCHING_UP and there.heard:
        return caught_up(course, job)
    return under_way(course.stage, here, there, _progress(course.stage, here, there, job, terms))


def _swapping(course: Course, here: SeenHolder, there: SeenHolder, job: SeenJob, terms: Terms) -> Course:
    freeze = _freeze(here, there, job, terms)
    return replace(do(Stage.SWAPPING, here, there, "Swapping.", freeze), told=course.told)


def _stage(there: SeenHolder) -> Stage:
    phases = {one.phase for one in there.told}
    if not phases or "copying" in phases:
        return Stage.COPYING
    return Stage.CHECKING if "checking" in phases else Stage.CATCHING_UP


def _found_wanting(course: Course, here: SeenHolder, there: SeenHolder, terms: Terms) -> Course | None:
    checked = course.checked
    if checked is None:
        return None
    why = ""
    if checked.unlike:
        why = f"{checked.unlike} objects are not alike on both sides ({', '.join(checked.named)})"
    elif checked.recall is not None and checked.recall < terms.min_recall:
        why = (
            f"recall@{checked.k} of the new index is {checked.recall:.3f} over {checked.queries} queries, and "
            f"spec.migration.verify.minRecall is {terms.min_recall:g}"
        )
    elif checked.golden is not None and checked.golden < terms.min_recall:
        why = (
            f"recall@{checked.k} of the new index is {checked.golden:.3f} over the {checked.questions} questions of "
            f"spec.migration.verify.goldenQueries, and minRecall is {terms.min_recall:g}"
        )
    if not why:
        return None
    message = (
        f"{terms.level} was carried into {there.holder} and did not verify: {why}. {here.holder} serves on. Take the "
        f"change back, or change what the message names."
    )
    return stopped(Stage.FAILED, Reason.MIGRATION_FAILED, here, there, message, within=5.0)


def _progress(stage: Stage, here: SeenHolder, there: SeenHolder, job: SeenJob, terms: Terms) -> str:
    """Return what goes on, without figures: they change with every look, and are in status.migration."""
    trouble = next((one.error for one in there.told if one.error), job.message)
    doing = {
        Stage.COPYING: "objects are carried",
        Stage.CHECKING: "both sides are compared",
    }.get(stage, "all is carried, and what changes is followed")
    held = f" Held up: {trouble}." if trouble else " See status.migration for how far."
    return f"Carrying {terms.level} from {here.holder} into {there.holder}: {doing}.{held}"


def _freeze(here: SeenHolder, there: SeenHolder, job: SeenJob, terms: Terms) -> tuple[Step, ...]:
    announced = replace(there.note, freezing=True, announced=terms.token, auto=there.note.auto or here.auto)
    longest = terms.max_freeze / timedelta(milliseconds=1)
    asked = replace(announced, token=terms.token, shares=job.shares, budget_ms=int(longest * SWEEP_SHARE))
    seconds = longest * (1 - SWAP_SHARE) / 1000
    return (
        AnnounceFreeze(there.holder, announced.to_wire(), job.shares, *READY_SECONDS),
        FreezeWrites(here.holder),
        AwaitSeals(there.holder, asked.to_wire(), job.shares, seconds),
        *_swap(here, replace(there, note=asked), terms),
    )


def _swap(here: SeenHolder, there: SeenHolder, terms: Terms) -> tuple[Step, ...]:
    sealed_at = min((one.sealed_at or one.at for one in there.told), default=0)
    note = replace(there.note, over=True, since_ms=sealed_at, auto="")
    return (SwapAlias(terms.alias, here.holder, there.holder), CompleteSwap(there.holder, note.to_wire()))
