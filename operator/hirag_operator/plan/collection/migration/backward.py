"""What remains beside the holder that serves: the previous one in its soak, a copy that nobody wants any more."""

from datetime import timedelta

from hirag_operator.plan.collection.migration.course import Course, Stage, Terms, under_way
from hirag_operator.plan.collection.migration.forward import unfreeze
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenMigration
from hirag_operator.plan.moves import ClearNote, CompleteSwap, Holder
from hirag_operator.plan.steps import DeleteChild, DeleteCollection, DeleteTenants, MoveAlias, Step

FAR = 60.0  # seconds until the next look at something that lasts


def alias_moved(seen: SeenMigration, terms: Terms) -> Course | None:
    """Return what an alias comes to that leads to a copy which is not told to be swapped.

    The copy is whole where its seal says so, or the record, which is written after a swap. Otherwise another hand has
    moved the alias, and data would be missing.
    """
    here, previous = seen.serving, seen.previous
    if previous is None or here.note.over:
        return None
    if here.sealed or terms.recorded == here.holder.collection:
        since = min((one.sealed_at or one.at for one in here.told), default=0)
        note = Freeze(source=here.note.source, since_ms=since, token=here.note.token, over=True)
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
        return _tidy(here, terms)
    until = here.note.at + int(terms.soak / timedelta(milliseconds=1))
    left = (until - terms.now_ms) / 1000
    if terms.keep_previous:
        return Course(Stage.KEPT, previous.holder, here.holder, within=FAR, told=here.told, since_ms=here.note.at)
    if left > 0 or (here.job is not None and here.job.state == "Running"):
        within = min(max(left, 2.0), FAR)
        return Course(Stage.SOAKING, previous.holder, here.holder, within=within, told=here.told, since_ms=here.note.at)
    steps = (_removal(previous.holder), *_forget(here, terms))
    return Course(Stage.REMOVING, previous.holder, here.holder, steps, within=2.0, since_ms=here.note.at)


def outlived(seen: SeenMigration, terms: Terms) -> Course | None:
    """Return what removes the holder that one was swapped for which was swapped for another since."""
    if terms.keep_previous:
        return None
    for newer in seen.beside:
        for older in seen.others:
            if not newer.note.over or newer.note.source != str(older.holder):
                continue
            if terms.now_ms >= newer.note.at + int(terms.soak / timedelta(milliseconds=1)):
                steps = (_removal(older.holder), *_forget(newer, terms))
                return under_way(Stage.REMOVING, older, newer, f"Removing {older.holder}.", steps=steps)
    return None


def _take_back(here: SeenHolder, copy: SeenHolder, terms: Terms, *, keep: bool) -> Course:
    if copy.note.freezing or copy.note.token:
        return under_way(Stage.ABORTING, here, copy, "Giving up a freeze.", steps=unfreeze(here, copy))
    message = f"{copy.holder} is not wanted any more and is taken back; {here.holder} serves as before."
    if copy.job is not None and (copy.job.state == "Running" or copy.job.pods):
        if copy.job.deleted:
            return under_way(Stage.ABORTING, here, copy, f"{message} {copy.job.pods} pods of its Job still run.")
        steps: tuple[Step, ...] = (DeleteChild("Job", terms.jobs_namespace, copy.job.name),)
        return under_way(Stage.ABORTING, here, copy, message, steps=steps)
    removal: tuple[Step, ...] = () if keep else (_removal(copy.holder),)
    return under_way(Stage.ABORTING, here, copy, message, steps=(*removal, *_forget(copy, terms)))


def _tidy(here: SeenHolder, terms: Terms) -> Course | None:
    """Return what forgets a migration whose previous holder is gone."""
    if not here.note.source and here.job is None:
        return None
    return Course(Stage.REMOVING, Holder(here.note.source), here.holder, _forget(here, terms), within=2.0)


def _forget(copy: SeenHolder, terms: Terms) -> tuple[Step, ...]:
    job = () if copy.job is None else (DeleteChild("Job", terms.jobs_namespace, copy.job.name),)
    note = (ClearNote(copy.holder, Freeze().to_wire()),) if copy.note.source else ()
    return (*job, *note)


def _removal(holder: Holder) -> Step:
    if holder.tenant is None:
        return DeleteCollection(holder.collection)
    return DeleteTenants(holder.collection, (holder.tenant,))
