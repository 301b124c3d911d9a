"""The way from a collection of others to a level: begin, make, copy, check, then seal, and make the alias.

It is the way of a migration but for its ends. The collection serves clients by its own name, which no alias of ours can
take, so nothing is swapped: the alias is made when the copy is whole, and the collection is never removed by us. As it
is seen here the collection serves, and the level's own is wanted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.migration.backward import resumed_job, tidy, unfreeze, without_job
from hirag_operator.plan.collection.migration.beginning import cramped, out_of_turn
from hirag_operator.plan.collection.migration.course import Course, Stage, Terms, do, stopped, under_way
from hirag_operator.plan.collection.migration.forward import READY_SECONDS, by_job
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenJob, SeenMigration
from hirag_operator.plan.moves import (
    AnnounceFreeze,
    AwaitSeals,
    BeginMigration,
    ClearNote,
    CompleteSwap,
    FreezeWrites,
    OpenAlias,
)
from hirag_operator.plan.steps import DeleteCollection, Step

CLOSE_SECONDS: Final = 1.0  # until the next look where a person's or a Job's next act ends what clients wait for
SWEEP_MS: Final = 600_000  # nobody waits for the seal but the level itself, so all that was deleted may be removed


@dataclass(frozen=True)
class Manner:
    """How a level is to be filled.

    Args:
        freeze: Whether the source takes no writes from the seal on.
        hold: Whether it is followed until a person says otherwise.
        clash: Whether the source has the name of the level's alias.
    """

    freeze: bool = False
    hold: bool = False
    clash: bool = False


def adopt(seen: SeenMigration, terms: Terms, manner: Manner) -> Course:
    """Return what brings a level closer to being served from a copy of a collection of others."""
    source, copy = seen.serving, seen.wanted
    if not copy.filled_from(source.holder):
        return _begin(source, copy, terms)
    if not source.exists:
        return _without_source(source, copy, terms)
    if not copy.exists:
        return do(Stage.PREPARING, source, copy, f"Making {copy.holder}.", terms.making)
    if copy.note.begun:
        return _seal(source, copy, terms, manner)

    def cut_over(course: Course, job: SeenJob) -> Course:
        return _cut_over(course, (source, copy), job, terms, manner)

    return by_job(seen, terms, cut_over)


def taken_back(source: SeenHolder, copies: Iterable[SeenHolder], terms: Terms, serving: str | None) -> Course | None:
    """Return what takes back copies of a collection of others that nobody wants any more; None where there are none.

    Where the collection is gone a copy may be all that is left of it, and where another hand has made the alias of it
    (`serving` is what that leads to) clients may have written to it: it is kept, and becomes the level's data.
    """
    for copy in copies:
        if copy.note.begun:
            return under_way(Stage.ABORTING, source, copy, "Giving up a freeze.", steps=unfreeze(source, copy))
        if copy.job is not None and (copy.job.state == "Running" or copy.job.pods):
            message = f"{copy.holder} is not to be filled from {source.holder} any more."
            ending = () if copy.job.deleted else without_job(copy, terms)
            return under_way(Stage.ABORTING, source, copy, message, steps=ending)
        goes = source.exists and copy.holder.collection != serving
        removal: tuple[Step, ...] = (DeleteCollection(copy.holder.collection),) if goes else ()
        message = f"{copy.holder} is removed; {source.holder} is as it was." if removal else f"{copy.holder} is kept."
        steps = (*without_job(copy, terms), *removal, ClearNote(copy.holder, Freeze().to_wire()))
        return do(Stage.ABORTING, source, copy, message, steps)
    return None


def served(source: SeenHolder, copy: SeenHolder, terms: Terms) -> Course | None:
    """Return what is left to be done once the alias leads to a copy; None where nothing is."""
    if not copy.note.over:
        if copy.sealed:
            return do(Stage.SWAPPING, source, copy, "Completing an adoption.", (_complete(copy),))
        return _astray(source, copy, terms)
    if source.exists and copy.job is not None and copy.job.state == "Running":  # it carries what was written late
        steps = resumed_job(copy, terms)
        return Course(Stage.ADOPTED, source.holder, copy.holder, steps, within=CLOSE_SECONDS, told=copy.told)
    return tidy(copy, terms, Stage.ADOPTED)


def _begin(source: SeenHolder, copy: SeenHolder, terms: Terms) -> Course:
    if copy.job is not None:
        ending = () if copy.job.deleted else without_job(copy, terms)
        return do(Stage.PREPARING, source, copy, f"Ending an earlier Job that fills {copy.holder}.", ending)
    if copy.exists and copy.count != 0:
        message = (
            f"{terms.level} is to be filled from {source.holder}, but {copy.holder} holds objects and nothing says "
            f"whether it is whole. Point alias {terms.alias} at it if it is, or remove it from Weaviate."
        )
        return stopped(Stage.FAILED, Reason.REVISION_AMBIGUOUS, source, copy, message)
    if not terms.approved:
        message = (
            f"{terms.level} waits to be filled from {source.holder}: migration.approval is Manual. See "
            f"status.migration, then set spec.migration.approvedPlan, or annotation hirag.dev/approve, to {terms.plan}."
        )
        return stopped(Stage.AWAITING_APPROVAL, Reason.MIGRATION_PENDING_APPROVAL, source, copy, message)
    if (held := cramped(source, copy, terms) or out_of_turn(source, copy, terms)) is not None:
        return held
    first = BeginMigration(copy.holder, Freeze(source=str(source.holder)).to_wire())
    return do(Stage.PREPARING, source, copy, f"Making {copy.holder}.", (first, *(() if copy.exists else terms.making)))


def _without_source(source: SeenHolder, copy: SeenHolder, terms: Terms) -> Course:
    """Return what becomes of a copy whose source is gone: sealed it is whole, and otherwise nobody knows."""
    if copy.exists and copy.sealed:
        return do(
            Stage.SWAPPING, source, copy, f"Making alias {terms.alias}.", _open(source, copy, terms, frozen=False)
        )
    if not copy.exists:
        message = (
            f"{source.holder}, which {terms.level} is to be filled from, is gone. Restore it, or remove adoptFrom."
        )
        return stopped(Stage.FAILED, Reason.MIGRATION_FAILED, source, copy, message)
    message = (
        f"{source.holder} was removed before {copy.holder} was known to hold all of it. Restore it, and it is copied "
        f"on; or remove adoptFrom, and {terms.level} serves what was carried."
    )
    return stopped(Stage.FAILED, Reason.MIGRATION_FAILED, source, copy, message)


def _cut_over(
    course: Course, ends: tuple[SeenHolder, SeenHolder], job: SeenJob, terms: Terms, manner: Manner
) -> Course:
    source, copy = ends
    if manner.hold:
        message = (
            f"{copy.holder} holds all of {source.holder}, was verified, and follows what changes. Set "
            f"spec.levels.{terms.level}.adoptFrom.cutOver to Auto to have {terms.level} served from it."
        )
        return stopped(Stage.AWAITING_CUT_OVER, Reason.ADOPTION_HELD, source, copy, message, within=5.0)
    by_us = manner.freeze and not source.frozen  # frozen by others it stays as it is, whatever comes
    note = replace(copy.note, freezing=by_us, announced=terms.token if by_us else "")
    asked = replace(note, token=terms.token, shares=job.shares, budget_ms=SWEEP_MS)
    seconds = terms.max_freeze / timedelta(seconds=1)
    announced = AnnounceFreeze(copy.holder, note.to_wire(), job.shares, *READY_SECONDS)
    freeze = (announced, FreezeWrites(source.holder)) if by_us else ()
    steps = (*freeze, AwaitSeals(copy.holder, asked.to_wire(), job.shares, seconds))
    return replace(do(Stage.SWAPPING, source, copy, f"Sealing {copy.holder}.", steps), told=course.told)


def _seal(source: SeenHolder, copy: SeenHolder, terms: Terms, manner: Manner) -> Course:
    """Return what a seal comes to that was asked for: it is waited for, used, or given up and asked for anew."""
    job = copy.job
    alive = copy.sealed or (job is not None and job.state == "Running" and not job.deleted and not job.held)
    opened = not source.frozen if manner.freeze else copy.note.freezing
    if not copy.note.token or manner.hold or opened or not alive:
        return do(Stage.CATCHING_UP, source, copy, "Giving up a seal.", unfreeze(source, copy))
    if not copy.sealed:
        message = f"{copy.holder} is about to be sealed: the last of {source.holder} is carried."
        return under_way(Stage.SWAPPING, source, copy, message, within=CLOSE_SECONDS)
    if manner.clash:
        message = (
            f"{copy.holder} holds all of {source.holder}, which takes no writes any more and has the name of the "
            f"level's alias. Remove it (DELETE /v1/schema/{source.holder} of Weaviate): the alias takes its place "
            "within seconds, in which requests to it fail. Or remove adoptFrom, and all is as it was."
        )
        return stopped(
            Stage.AWAITING_REMOVAL, Reason.ADOPTION_AWAITS_REMOVAL, source, copy, message, within=CLOSE_SECONDS
        )
    return do(
        Stage.SWAPPING, source, copy, f"Making alias {terms.alias}.", _open(source, copy, terms, frozen=manner.freeze)
    )


def _open(source: SeenHolder, copy: SeenHolder, terms: Terms, *, frozen: bool) -> tuple[Step, ...]:
    return (OpenAlias(terms.alias, source.holder, copy.holder, frozen), _complete(copy))


def _complete(copy: SeenHolder) -> CompleteSwap:
    since = min((one.sealed_at or one.at for one in copy.told), default=0)
    return CompleteSwap(copy.holder, replace(copy.note, over=True, since_ms=since).to_wire())


def _astray(source: SeenHolder, copy: SeenHolder, terms: Terms) -> Course:
    """Return what an alias comes to that another hand has made of a copy which is not known to be whole."""
    if copy.note.begun:
        return do(Stage.CATCHING_UP, source, copy, "Giving up a seal.", unfreeze(source, copy))
    message = (
        f"Alias {terms.alias} was made by another hand, of {copy.holder}, which may lack some of {source.holder}. "
        f"Remove the alias, and {terms.level} is filled on; or remove adoptFrom, and it serves what it has."
    )
    steps = () if copy.job is None or copy.job.deleted else without_job(copy, terms)
    return stopped(Stage.FAILED, Reason.CONFLICT, source, copy, message, steps=steps)
