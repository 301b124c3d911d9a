"""The way from the holder that serves to the one that is declared: begin, make, copy, check, freeze, swap."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.migration.course import Course, Stage, Terms, stopped, under_way
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenJob, SeenMigration
from hirag_operator.plan.moves import (
    AllowWrites,
    AnnounceFreeze,
    AwaitSeals,
    BeginMigration,
    ClearNote,
    CompleteSwap,
    EndFreeze,
    FreezeWrites,
    SwapAlias,
)
from hirag_operator.plan.steps import ApplyChild, DeleteChild, Step

SWAP_SHARE: Final = 0.2  # of the longest freeze: what is kept for the swap itself
SWEEP_SHARE: Final = 0.4  # of the longest freeze: what removing missed deletions may take


def advance(seen: SeenMigration, terms: Terms) -> Course:
    """Return what brings the declared holder closer to serving."""
    here, there = seen.serving, seen.wanted
    if not there.filled_from(here.holder):
        return _begin(seen, terms)
    if not there.exists:
        return _do(Stage.PREPARING, here, there, f"Making {there.holder}.", terms.making)
    if there.note.freezing or there.note.token:
        return _out_of_freeze(here, there, terms)
    return _by_job(seen, terms)


def _by_job(seen: SeenMigration, terms: Terms) -> Course:
    here, there = seen.serving, seen.wanted
    job = there.job
    if job is None:
        opened: tuple[Step, ...] = (AllowWrites(there.holder),) if there.frozen else ()
        made = ApplyChild(terms.job(here.holder, there.holder, there.note.since_ms))
        return _do(Stage.PREPARING, here, there, f"Starting the Job that fills {there.holder}.", (*opened, made))
    if job.deleted:
        message = f"{job.pods} pods of a Job that was deleted still run; a new one is made when they have ended."
        return under_way(Stage.PREPARING, here, there, message)
    if job.state != "Running":
        return _ended(here, there, job, terms)
    return _copying(here, there, job, terms)


def _begin(seen: SeenMigration, terms: Terms) -> Course:
    """Return what begins a migration: none is begun without approval, nor into data of which nothing is known.

    The serving holder's own Job ends first: it may still bring what was late.
    """
    here, there = seen.serving, seen.wanted
    if here.job is not None and here.job.state == "Running" and seen.previous is not None:
        message = f"Carrying {terms.level} into {there.holder}, once the Job that filled {here.holder} has ended."
        return under_way(Stage.PREPARING, here, there, message)
    if there.exists and here.note.over and here.note.source == str(there.holder):
        return _begin_back(here, there, terms)
    served = any(one.note.over and one.note.source == str(there.holder) for one in seen.beside)
    if there.exists and there.count != 0 and not served:
        message = (
            f"{terms.level} is to be carried into {there.holder}, which holds {_objects(there.count)} and nothing says "
            f"what they are; remove it from Weaviate, or point alias {terms.alias} at it if it is the right one."
        )
        return stopped(Stage.FAILED, Reason.REVISION_AMBIGUOUS, here, there, message)
    if not terms.approved:
        message = (
            f"{terms.level} serves from {here.holder} and waits to be carried into a new revision: migration.approval "
            f"is Manual. See status.migration, then set spec.migration.approvedPlan, or annotation hirag.dev/approve, "
            f"to {terms.plan}."
        )
        return stopped(Stage.AWAITING_APPROVAL, Reason.MIGRATION_PENDING_APPROVAL, here, there, message)
    if not terms.room:
        message = f"{terms.level} waits for other migrations to end; it serves from {here.holder}."
        return under_way(Stage.QUEUED, here, there, message, within=5.0)
    gone = here.note.source and seen.previous is None
    forgotten: tuple[Step, ...] = (ClearNote(here.holder, Freeze().to_wire()),) if gone else ()
    if gone and here.job is not None:
        forgotten = (_without(here.job, terms), *forgotten)
    begin = BeginMigration(there.holder, Freeze(source=str(here.holder)).to_wire())
    making = () if there.exists else terms.making
    return _do(Stage.PREPARING, here, there, f"Making {there.holder}.", (*forgotten, begin, *making))


def _begin_back(here: SeenHolder, there: SeenHolder, terms: Terms) -> Course:
    """Return what begins the way back to the previous holder, which holds all but what was written since the swap."""
    ended = () if here.job is None else (_without(here.job, terms),)
    note = Freeze(source=str(here.holder), since_ms=here.note.since_ms)
    steps = (*ended, BeginMigration(there.holder, note.to_wire()))
    return _do(Stage.PREPARING, here, there, f"Going back to {there.holder}.", steps)


def _out_of_freeze(here: SeenHolder, there: SeenHolder, terms: Terms) -> Course:
    """Return what ends a freeze that a crash left behind: the swap, where both sides are sealed, else writing again."""
    if there.sealed and here.frozen:
        return _do(Stage.SWAPPING, here, there, "Swapping.", _swap(here, there, terms))
    return _do(Stage.CATCHING_UP, here, there, "Giving up a freeze.", unfreeze(here, there))


def unfreeze(here: SeenHolder, there: SeenHolder) -> tuple[Step, ...]:
    """Return the steps that give up a freeze of what serves."""
    note = replace(there.note, freezing=False, token="", budget_ms=0)
    return (EndFreeze(there.holder, note.to_wire()), AllowWrites(here.holder))


def _ended(here: SeenHolder, there: SeenHolder, job: SeenJob, terms: Terms) -> Course:
    """Return what a Job comes to that ended before the swap; it is made anew when the declaration changes."""
    if job.state == "Complete" or job.generation != terms.generation:
        message = f"Starting the Job that fills {there.holder} anew."
        return _do(Stage.PREPARING, here, there, message, (_without(job, terms),))
    error = next((one.error for one in there.told if one.error), job.message) or "see its pods' logs"
    message = (
        f"Job {terms.jobs_namespace}/{job.name}, which carries {terms.level} into {there.holder}, failed: {error}. "
        f"{here.holder} serves on. Change the spec, or delete that Job, to have it tried again."
    )
    return stopped(Stage.FAILED, Reason.MIGRATION_FAILED, here, there, message)


def _copying(here: SeenHolder, there: SeenHolder, job: SeenJob, terms: Terms) -> Course:
    """Return what a Job that runs comes to: it copies, it was found wanting, or both sides can be swapped."""
    course = under_way(_stage(there), here, there, "")
    if (failing := _found_wanting(course, here, there, terms)) is not None:
        return failing
    if course.stage is Stage.CATCHING_UP and there.heard:
        freeze = _freeze(here, there, job, terms)
        return replace(_do(Stage.SWAPPING, here, there, "Swapping.", freeze), told=there.told)
    return under_way(course.stage, here, there, _progress(course.stage, here, there, job, terms))


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
    announced = replace(there.note, freezing=True)
    longest = terms.max_freeze / timedelta(milliseconds=1)
    asked = replace(announced, token=terms.token, budget_ms=int(longest * SWEEP_SHARE))
    seconds = longest * (1 - SWAP_SHARE) / 1000
    return (
        AnnounceFreeze(there.holder, announced.to_wire()),
        FreezeWrites(here.holder),
        AwaitSeals(there.holder, asked.to_wire(), job.shares, seconds),
        *_swap(here, replace(there, note=asked), terms),
    )


def _swap(here: SeenHolder, there: SeenHolder, terms: Terms) -> tuple[Step, ...]:
    sealed_at = min((one.sealed_at or one.at for one in there.told), default=0)
    note = replace(there.note, over=True, since_ms=sealed_at)
    return (SwapAlias(terms.alias, here.holder, there.holder), CompleteSwap(there.holder, note.to_wire()))


def _without(job: SeenJob, terms: Terms) -> Step:
    return DeleteChild("Job", terms.jobs_namespace, job.name)


def _do(stage: Stage, here: SeenHolder, there: SeenHolder, message: str, steps: tuple[Step, ...]) -> Course:
    return under_way(stage, here, there, message, steps=steps)


def _objects(count: int | None) -> str:
    return "objects" if count is None else f"{count} objects"
