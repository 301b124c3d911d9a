"""What begins a migration: none is begun without approval, out of turn, without space, or into unknown data."""

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.migration.course import Course, Stage, Terms, do, stopped, under_way
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenMigration
from hirag_operator.plan.moves import BeginMigration, ClearNote
from hirag_operator.plan.steps import Step

PATIENT_SECONDS = 5.0  # until the next look of one that waits for others
CRAMPED_SECONDS = 30.0  # of one that waits for space


def begin(seen: SeenMigration, terms: Terms) -> Course:
    """Return what begins the way to the declared holder: to a new one, or back to the previous."""
    here, there = seen.serving, seen.wanted
    if there.exists and here.note.over and here.note.source == str(there.holder):
        return _back(here, there, terms)
    held = _unknown(seen, terms) or _unapproved(here, there, terms) or held_back(here, there, terms)
    if held is not None:
        return held
    gone = here.note.source and seen.previous is None
    forgotten: tuple[Step, ...] = (ClearNote(here.holder, Freeze().to_wire()),) if gone else ()
    first = BeginMigration(there.holder, Freeze(source=str(here.holder), plan=terms.plan).to_wire())
    making = () if there.exists else terms.making
    return do(Stage.PREPARING, here, there, f"Making {there.holder}.", (*forgotten, first, *making))


def _back(here: SeenHolder, there: SeenHolder, terms: Terms) -> Course:
    """Return what begins the way back to the previous holder, which holds all but what was written since the swap."""
    plan = terms.plan if terms.undone is None else ""  # none leads there
    note = Freeze(source=str(here.holder), since_ms=here.note.since_ms, plan=plan)
    begin_back = BeginMigration(there.holder, note.to_wire())
    return do(Stage.PREPARING, here, there, f"Going back to {there.holder}.", (begin_back,))


def _unknown(seen: SeenMigration, terms: Terms) -> Course | None:
    """Return what a holder comes to that is there, and neither empty nor told to have served: no guess is made."""
    here, there = seen.serving, seen.wanted
    served = any(one.note.over and one.note.source == str(there.holder) for one in seen.beside)
    if not there.exists or there.count == 0 or served:
        return None
    objects = "objects" if there.count is None else f"{there.count} objects"
    message = (
        f"{terms.level} is to be carried into {there.holder}, which holds {objects} and nothing says what they are; "
        f"remove it from Weaviate, or point alias {terms.alias} at it if it is the right one."
    )
    return stopped(Stage.FAILED, Reason.REVISION_AMBIGUOUS, here, there, message)


def _unapproved(here: SeenHolder, there: SeenHolder, terms: Terms) -> Course | None:
    if terms.approved:
        return None
    message = (
        f"{terms.level} serves from {here.holder} and waits to be carried into a new revision: migration.approval is "
        f"Manual. See status.migration, then set spec.migration.approvedPlan, or annotation hirag.dev/approve, to "
        f"{terms.plan}."
    )
    return stopped(Stage.AWAITING_APPROVAL, Reason.MIGRATION_PENDING_APPROVAL, here, there, message)


def held_back(here: SeenHolder, there: SeenHolder, terms: Terms) -> Course | None:
    """Return what a level comes to that is to wait before it is filled: for its turn, or for space; None: it may go."""
    return out_of_turn(here, there, terms) or cramped(here, there, terms)


def cramped(here: SeenHolder, there: SeenHolder, terms: Terms) -> Course | None:
    """Return what a level comes to whose new revision has no room. One that is partly filled goes on."""
    if not terms.shortage or there.count:
        return None
    message = (
        f"{terms.level} serves from {here.holder} and is not carried into a new revision: {terms.shortage}. It begins "
        f"by itself once there is room: give Weaviate more and say so (capacity of its connection), set "
        f"migration.keepPrevious to false where a previous revision is kept, choose a quantization, or take the "
        f"change back."
    )
    return stopped(Stage.AWAITING_SPACE, Reason.NOT_ENOUGH_SPACE, here, there, message, within=CRAMPED_SECONDS)


def out_of_turn(here: SeenHolder, there: SeenHolder, terms: Terms) -> Course | None:
    """Return what a level comes to that others go before; None where it may go."""
    if terms.first is None and terms.room:
        return None
    others = "other migrations to end" if terms.first is None else f"{terms.first}, which is migrated first"
    message = f"{terms.level} waits for {others}; it serves from {here.holder}."
    return under_way(Stage.QUEUED, here, there, message, within=PATIENT_SECONDS)
