"""What remains beside the holder that serves: the previous one in its soak, a copy that nobody wants any more."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.migration.course import Course, Stage, Terms, stopped, under_way
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenMigration
from hirag_operator.plan.moves import AllowWrites, ClearNote, CompleteSwap, EndFreeze, Holder
from hirag_operator.plan.steps import DeleteChild, DeleteCollection, DeleteTenants, MoveAlias, ResumeJob, Step

FAR = 60.0  # seconds until the next look at something that lasts


def alias_moved(seen: SeenMigration, terms: Terms) -> Course | None:
    """Return what an alias comes to that leads to a copy which is not told to be swapped.

    The copy is whole where its seal says so. Otherwise another hand has moved the alias, and data would be missing. The
    record does not tell: it is written of whatever the alias was seen to lead to, by another hand too.
    """
    here, previous = seen.serving, seen.previous
    if previous is None or here.note.over:
        return None
    if here.sealed:
        since = min((one.sealed_at or one.at for one in here.told), default=0)
        note = Freeze(source=here.note.source, since_ms=since, token=here.note.token, over=True, plan=here.note.plan)
        steps: tuple[Step, ...] = (CompleteSwap(here.holder, note.to_wire()),)
        return under_way(Stage.SWAPPING, previous, here, "Completing a swap.", steps=steps)
    back = MoveAlias(terms.alias, previous.holder.collection)
    return under_way(
        Stage.COPYING, previous, here, f"Alias {terms.alias} was moved by another hand to a copy.", steps=(back,)
    )


def abandoned(seen: SeenMigration, terms: Terms) -> Course | None:
    """Return what takes back a copy of what serves that is not wanted any more; None where there is none."""
    here = seen.serving
    for copy in seen.beside:
        if copy.holder != seen.wanted.holder and copy.filled_from(here.holder):
            return _take_back(here, copy, terms, keep=seen.previous == copy and here.note.over)
    return None


def soak(seen: SeenMigration, terms: Terms) -> Course | None:
    """Return how long the previous holder is kept, and what removes it; None where there is none."""
    here, previous = seen.serving, seen.previous
    if previous is None:
        return tidy(here, terms)
    left = (_soaked_at(here, terms) - terms.now_ms) / 1000
    kept = Course(Stage.KEPT, previous.holder, here.holder, within=FAR, told=here.told, since_ms=here.note.at)
    kept = replace(kept, plan=here.note.plan, steps=resumed_job(here, terms))  # it may have to carry what came late
    if terms.keep_previous:
        return kept
    if left > 0 or (here.job is not None and here.job.state == "Running"):
        return replace(kept, stage=Stage.SOAKING, within=min(max(left, 2.0), FAR))
    steps = (*_remove(previous, terms), *_unnoted(here))
    return Course(Stage.REMOVING, previous.holder, here.holder, steps, within=2.0, since_ms=here.note.at)


def rolled_back(after: Course | None, seen: SeenMigration, terms: Terms, undone: Holder) -> Course:
    """Return what a level comes to that serves as before a plan that is not wanted: it stays so until somebody decides.

    `after` is what is left of the way back: the other holder is kept for a soak of its own, and removed.
    """
    here = seen.serving
    message = (
        f"{terms.level} serves from {here.holder}, for annotation hirag.dev/rollback says that plan {terms.plan} is "
        f"not wanted. Change the spec; or take the annotation away, and it migrates to {undone}."
    )
    stays = stopped(Stage.ROLLED_BACK, Reason.ROLLED_BACK, here, here, message)
    if after is None:
        return replace(stays, target=undone, told=())
    if after.stage is Stage.REMOVING:
        return replace(after, verdict=stays.verdict)
    since = after.since_ms if after.stage is Stage.SOAKING else 0
    return replace(stays, target=undone, within=after.within, since_ms=since)


def outlived(seen: SeenMigration, terms: Terms) -> Course | None:
    """Return what removes the oldest holder that one was swapped for which was swapped for another since.

    One to which the level is to return is kept, and so is what tells where it comes from.
    """
    if terms.keep_previous:
        return None
    for newer, older in reversed(_line(seen.previous, seen.beside)):
        if older.holder == seen.wanted.holder:
            return None
        if terms.now_ms >= _soaked_at(newer, terms):
            steps = (*_remove(older, terms), *_forget(newer, terms))
            return under_way(Stage.REMOVING, older, newer, f"Removing {older.holder}.", steps=steps)
    return None


def unfreeze(here: SeenHolder, there: SeenHolder) -> tuple[EndFreeze | AllowWrites, ...]:
    """Return the steps that give up a freeze of what serves: whose doing it is stays noted until writes are allowed.

    So does what the server did with tenants by itself, for a crash may come in between. A seal that was asked for
    without a freeze of ours is given up by the note alone.
    """
    given_up = replace(there.note, announced="", token="", budget_ms=0)
    if not there.note.freezing:
        return (EndFreeze(there.holder, given_up.to_wire()),)
    forgotten = replace(given_up, freezing=False, auto="")
    return (
        EndFreeze(there.holder, given_up.to_wire()),
        AllowWrites(here.holder, there.note.auto),
        EndFreeze(there.holder, forgotten.to_wire()),
    )


def remove_earlier(seen: SeenMigration, terms: Terms) -> tuple[Step, ...]:
    """Return what removes those that the wanted holder was swapped for when it served before.

    Its note is about to say something else, and with it goes what is known of them.
    """
    if terms.keep_previous:
        return ()
    line = _line(seen.wanted, [one for one in seen.others if one != seen.previous])
    return tuple(step for _, older in reversed(line) for step in _remove(older, terms))


def _line(newer: SeenHolder | None, others: Iterable[SeenHolder]) -> list[tuple[SeenHolder, SeenHolder]]:
    """Return a holder beside the one that it was swapped for, that one beside the one before, and so on.

    Notes may lead in a circle: on the way back one of the way there is left.
    """
    line: list[tuple[SeenHolder, SeenHolder]] = []
    rest = [one for one in others if one != newer]
    while newer is not None and newer.note.over:
        older = next((one for one in rest if str(one.holder) == newer.note.source), None)
        if older is not None:
            rest.remove(older)
            line.append((newer, older))
        newer = older
    return line


def _soaked_at(holder: SeenHolder, terms: Terms) -> int:
    """Return when the soak ends of what a holder was swapped for, in milliseconds since 1970."""
    return holder.note.at + int(terms.soak / timedelta(milliseconds=1))


def _take_back(here: SeenHolder, copy: SeenHolder, terms: Terms, *, keep: bool) -> Course:
    if copy.note.begun:
        return under_way(Stage.ABORTING, here, copy, "Giving up a freeze.", steps=unfreeze(here, copy))
    message = f"{copy.holder} is not wanted any more and is taken back; {here.holder} serves as before."
    if copy.job is not None and (copy.job.state == "Running" or copy.job.pods):
        if copy.job.deleted:
            return under_way(Stage.ABORTING, here, copy, f"{message} {copy.job.pods} pods of its Job still run.")
        return under_way(Stage.ABORTING, here, copy, message, steps=without_job(copy, terms))
    removal: tuple[Step, ...] = () if keep else (_removal(copy.holder),)
    steps = (*without_job(copy, terms), *removal, *_unnoted(copy))  # the note last: by it the copy is known
    return under_way(Stage.ABORTING, here, copy, message, steps=steps)


def tidy(here: SeenHolder, terms: Terms, stage: Stage = Stage.REMOVING) -> Course | None:
    """Return what forgets a migration whose previous holder is gone; the Job goes last, for it has us look here."""
    steps = (*_unnoted(here), *without_job(here, terms))
    return Course(stage, Holder(here.note.source), here.holder, steps, within=2.0) if steps else None


def _forget(holder: SeenHolder, terms: Terms) -> tuple[Step, ...]:
    """Return the steps that forget how a holder was filled."""
    return (*without_job(holder, terms), *_unnoted(holder))


def without_job(holder: SeenHolder, terms: Terms) -> tuple[Step, ...]:
    """Return the step that deletes the Job that fills a holder; none where there is none."""
    return () if holder.job is None else (DeleteChild("Job", terms.jobs_namespace, holder.job.name),)


def resumed_job(holder: SeenHolder, terms: Terms) -> tuple[Step, ...]:
    """Return the step that has the Job go on that fills a holder; none where it was not held, or has ended."""
    job = holder.job
    if job is None or not job.held or job.state != "Running":
        return ()
    return (ResumeJob(terms.jobs_namespace, job.name),)


def _unnoted(holder: SeenHolder) -> tuple[Step, ...]:
    return (ClearNote(holder.holder, Freeze().to_wire()),) if holder.note.source else ()


def _remove(old: SeenHolder, terms: Terms) -> tuple[Step, ...]:
    """Return the steps that remove a holder with all that is known of it: first that, for nobody looks for it later."""
    return (*_forget(old, terms), _removal(old.holder))


def _removal(holder: Holder) -> Step:
    if holder.tenant is None:
        return DeleteCollection(holder.collection)
    return DeleteTenants(holder.collection, (holder.tenant,))
