"""What comes next on the way from A, a collection of others, to B, and what A and B come to when it is taken back."""

from dataclasses import replace
from typing import Any

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.migration.adopt import Manner, adopt, served, taken_back
from hirag_operator.plan.collection.migration.course import Course
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenMigration
from hirag_operator.plan.moves import AwaitSeals
from hirag_operator.plan.verdict import State
from tests.operator.plan.collection.migration.seen import FOLLOWING, FROZE, NOW, copy, holder, job, terms

SEALED = replace(FOLLOWING, sealed=FROZE)
ASKED = Freeze(source="A", token=FROZE, at=NOW - 1)
FROZEN = replace(ASKED, freezing=True)
BEGUN = Freeze(source="A", at=NOW - 1)
FREEZE = Manner(freeze=True)
CLASH = Manner(freeze=True, clash=True)
A, GONE, READ_ONLY = holder("A"), holder("A", exists=False), holder("A", frozen=True)


def reasons(course: Course | None) -> tuple[str, ...]:
    return () if course is None else tuple(step.reason for step in course.steps)


@pytest.mark.parametrize(
    ("source", "there", "manner", "stage", "steps"),
    [
        pytest.param(
            A, holder("B", exists=False), Manner(), "Preparing", ("MigrationBegun", "CollectionCreated"), id="begun"
        ),
        pytest.param(
            A, holder("B", count=0), Manner(), "Preparing", ("MigrationBegun",), id="an empty one is taken up"
        ),
        pytest.param(
            A,
            holder("B", exists=False, note=BEGUN),
            Manner(),
            "Preparing",
            ("CollectionCreated",),
            id="a crash behind the note",
        ),
        pytest.param(A, copy(job=None), Manner(), "Preparing", ("ChildApplied",), id="its Job is made"),
        pytest.param(A, copy(), Manner(), "Copying", (), id="objects are carried"),
        pytest.param(A, copy(FOLLOWING), Manner(), "Swapping", ("CopySealed",), id="a seal without a freeze"),
        pytest.param(
            A,
            copy(FOLLOWING),
            FREEZE,
            "Swapping",
            ("FreezeAnnounced", "WritesFrozen", "CopySealed"),
            id="a seal under a freeze",
        ),
        pytest.param(READ_ONLY, copy(FOLLOWING), FREEZE, "Swapping", ("CopySealed",), id="frozen by others already"),
        pytest.param(A, copy(FOLLOWING), Manner(hold=True), "AwaitingCutOver", (), id="it is held"),
        pytest.param(READ_ONLY, copy(note=FROZEN), FREEZE, "Swapping", (), id="the seal is waited for"),
        pytest.param(
            READ_ONLY,
            copy(SEALED, note=FROZEN),
            FREEZE,
            "Swapping",
            ("AdoptionServed", "MigrationSwapped"),
            id="sealed: served",
        ),
        pytest.param(
            A,
            copy(SEALED, note=ASKED),
            Manner(),
            "Swapping",
            ("AdoptionServed", "MigrationSwapped"),
            id="sealed without a freeze",
        ),
        pytest.param(
            A,
            copy(SEALED, note=FROZEN),
            FREEZE,
            "CatchingUp",
            ("FreezeEnded", "WritesAllowed", "FreezeEnded"),
            id="opened since by a restart: sealed anew",
        ),
        pytest.param(
            READ_ONLY,
            copy(note=replace(FROZEN, token="")),
            FREEZE,
            "CatchingUp",
            ("FreezeEnded", "WritesAllowed", "FreezeEnded"),
            id="a crash in freezing",
        ),
        pytest.param(
            READ_ONLY,
            copy(note=FROZEN, job=None),
            FREEZE,
            "CatchingUp",
            ("FreezeEnded", "WritesAllowed", "FreezeEnded"),
            id="no Job",
        ),
        pytest.param(
            READ_ONLY,
            copy(note=ASKED, job=None),
            FREEZE,
            "CatchingUp",
            ("FreezeEnded",),
            id="what others froze stays frozen",
        ),
        pytest.param(
            READ_ONLY,
            copy(SEALED, note=FROZEN),
            Manner(freeze=True, hold=True),
            "CatchingUp",
            ("FreezeEnded", "WritesAllowed", "FreezeEnded"),
            id="held again",
        ),
        pytest.param(
            READ_ONLY,
            copy(SEALED, note=FROZEN),
            Manner(),
            "CatchingUp",
            ("FreezeEnded", "WritesAllowed", "FreezeEnded"),
            id="it is not to be frozen any more",
        ),
        pytest.param(READ_ONLY, copy(SEALED, note=FROZEN), CLASH, "AwaitingRemoval", (), id="its name is the alias's"),
        pytest.param(
            GONE,
            copy(SEALED, note=FROZEN),
            CLASH,
            "Swapping",
            ("AdoptionServed", "MigrationSwapped"),
            id="removed: served",
        ),
        pytest.param(GONE, copy(FOLLOWING), Manner(), "Failed", (), id="removed too early"),
        pytest.param(GONE, copy(note=FROZEN), CLASH, "Failed", (), id="removed before the seal"),
        pytest.param(
            GONE, holder("B", exists=False, note=BEGUN), Manner(), "Failed", (), id="gone before anything was made"
        ),
    ],
)
def test_what_comes_next(
    source: SeenHolder, there: SeenHolder, manner: Manner, stage: str, steps: tuple[str, ...]
) -> None:
    course = adopt(SeenMigration(source, there), terms(), manner)
    assert (course.stage, reasons(course)) == (stage, steps)
    assert course.verdict is not None


@pytest.mark.parametrize(
    ("there", "others", "reason", "told"),
    [
        pytest.param(
            holder("B", exists=False), {"approved": False}, Reason.MIGRATION_PENDING_APPROVAL, "to abc", id="unapproved"
        ),
        pytest.param(
            holder("B", count=3), {}, Reason.REVISION_AMBIGUOUS, "nothing says whether it is whole", id="unknown"
        ),
        pytest.param(
            holder("B", exists=False), {"room": False}, Reason.MIGRATING, "waits for other migrations", id="no room"
        ),
    ],
)
def test_what_is_waited_for_before_it_begins(
    there: SeenHolder, others: dict[str, Any], reason: Reason, told: str
) -> None:
    course = adopt(SeenMigration(A, there), terms(**others), Manner())
    assert course.verdict is not None
    assert (course.verdict.reason, course.steps) == (reason, ())
    assert told in course.verdict.message


def test_what_awaits_a_persons_act_says_which() -> None:
    for there, manner, reason, told in (
        (copy(FOLLOWING), Manner(hold=True), Reason.ADOPTION_HELD, "adoptFrom.cutOver to Auto"),
        (copy(SEALED, note=FROZEN), CLASH, Reason.ADOPTION_AWAITS_REMOVAL, "DELETE /v1/schema/A"),
    ):
        course = adopt(SeenMigration(READ_ONLY, there), terms(), manner)
        assert course.verdict is not None
        assert (course.verdict.state, course.verdict.reason) == (State.STALLED, reason)
        assert told in course.verdict.message


ENDED = job(state="Complete")


@pytest.mark.parametrize(
    ("source", "there", "serving", "steps"),
    [
        pytest.param(
            READ_ONLY,
            copy(note=FROZEN),
            None,
            ("FreezeEnded", "WritesAllowed", "FreezeEnded"),
            id="writes are allowed first",
        ),
        pytest.param(READ_ONLY, copy(note=ASKED), None, ("FreezeEnded",), id="but not where others froze it"),
        pytest.param(A, copy(), None, ("ChildDeleted",), id="then the Job ends"),
        pytest.param(A, copy(job=job(deleted=True, pods=1)), None, (), id="and its pods"),
        pytest.param(
            A, copy(job=None), None, ("CollectionDeleted", "NoteCleared"), id="then the copy goes, the note last"
        ),
        pytest.param(A, copy(job=ENDED), None, ("ChildDeleted", "CollectionDeleted", "NoteCleared"), id="with its Job"),
        pytest.param(GONE, copy(job=None), None, ("NoteCleared",), id="it may be all that is left: it is kept"),
        pytest.param(A, copy(job=None), "B", ("NoteCleared",), id="an alias leads to it: it is kept"),
    ],
)
def test_taking_back(source: SeenHolder, there: SeenHolder, serving: str | None, steps: tuple[str, ...]) -> None:
    course = taken_back(source, [there], terms(), serving)
    assert reasons(course) == steps


def over(**others: Any) -> SeenHolder:
    return copy(SEALED, note=replace(FROZEN, over=True), **others)


@pytest.mark.parametrize(
    ("source", "there", "stage", "steps"),
    [
        pytest.param(A, copy(SEALED, note=FROZEN), "Swapping", ("MigrationSwapped",), id="a crash behind the alias"),
        pytest.param(A, over(), "Adopted", (), id="the Job looks once more"),
        pytest.param(A, over(job=ENDED), "Adopted", ("NoteCleared", "ChildDeleted"), id="all is over"),
        pytest.param(
            GONE, over(), "Adopted", ("NoteCleared", "ChildDeleted"), id="there is nothing to look at any more"
        ),
        pytest.param(
            A, copy(FOLLOWING), "Failed", ("ChildDeleted",), id="another hand made the alias: nothing is swept"
        ),
        pytest.param(
            A,
            copy(FOLLOWING, note=FROZEN),
            "CatchingUp",
            ("FreezeEnded", "WritesAllowed", "FreezeEnded"),
            id="in a freeze",
        ),
        pytest.param(A, copy(FOLLOWING, job=None), "Failed", (), id="and nothing is done until a person acts"),
    ],
)
def test_once_the_alias_is_there(source: SeenHolder, there: SeenHolder, stage: str, steps: tuple[str, ...]) -> None:
    course = served(source, there, terms())
    assert course is not None
    assert (course.stage, reasons(course)) == (stage, steps)


def test_the_seal_asks_for_no_freeze_that_is_not_ours() -> None:
    (asked,) = adopt(SeenMigration(READ_ONLY, copy(FOLLOWING)), terms(), FREEZE).steps
    assert isinstance(asked, AwaitSeals)
    assert (asked.said["freezing"], asked.said["announced"], asked.said["token"]) == (False, "", "new")
