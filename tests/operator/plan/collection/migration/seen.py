"""What is seen of a migration from A to B, and its terms, by the fields in which a test differs from the least."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from hirag_operator.plan.collection.migration.course import Course, Terms
from hirag_operator.plan.collection.migration.decide import decide
from hirag_operator.plan.collection.migration.notes import Freeze, Told
from hirag_operator.plan.collection.migration.seen import SeenHolder, SeenJob, SeenMigration
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.steps import CreateCollection

HOUR: Final = 3_600_000
NOW: Final = 1_000 * HOUR
FROZE: Final = "t"  # names the freeze that is on
NEXT: Final = "new"  # names the next one

FOLLOWING: Final = Told(phase="following", done=5, total=5, at=NOW)


def job(name: str = "migrate-b", **others: Any) -> SeenJob:
    return SeenJob(name, **{"generation": 3, **others})


def holder(name: str, **others: Any) -> SeenHolder:
    return SeenHolder(Holder(name), **others)


def copy(*told: Told, **others: Any) -> SeenHolder:
    """B, which is filled from A by a Job whose share tells something."""
    least: dict[str, Any] = {"note": Freeze(source="A", at=NOW - 1), "told": told or (Told(),), "job": job()}
    return holder("B", **{**least, **others})


def swapped(**others: Any) -> SeenHolder:
    """B, which serves since an hour, and was filled from A."""
    note = Freeze(source="A", since_ms=NOW - HOUR - 9, token=FROZE, over=True, at=NOW - HOUR)
    return holder("B", **{"note": note, **others})


def forward(there: SeenHolder, *others: SeenHolder, here: SeenHolder | None = None) -> SeenMigration:
    return SeenMigration(here or holder("A"), there, others)


def at_rest(here: SeenHolder, *others: SeenHolder) -> SeenMigration:
    return SeenMigration(here, here, others)


def terms(**others: Any) -> Terms:
    least = Terms(
        level="longTerm",
        alias="Handbook",
        approved=True,
        plan="abc",
        room=True,
        first=None,
        min_recall=0.9,
        max_freeze=timedelta(seconds=5),
        soak=timedelta(hours=24),
        keep_previous=False,
        generation=3,
        now_ms=NOW,
        token=NEXT,
        jobs_namespace="hirag-system",
        making=(CreateCollection({"class": "B"}),),
        job=lambda source, target, since_ms: {
            "kind": "Job",
            "metadata": {"name": f"{source} to {target} since {since_ms}"},
        },
    )
    return replace(least, **others)


def come_to(seen: SeenMigration, agreed: Terms | None = None) -> Course:
    """What a migration comes to, where there is something to do."""
    course = decide(seen, agreed or terms())
    assert course is not None
    return course


FROZEN = Freeze(source="A", freezing=True, token=FROZE, budget_ms=9, at=NOW - 1)
ANNOUNCED = Freeze(source="A", freezing=True, at=NOW - 1)
SEALED = replace(FOLLOWING, sealed=FROZE)
RUNNING, COMPLETE = job(), job(state="Complete", pods=0)
DAYS = {"soak": timedelta(minutes=30)}  # over, an hour after the swap
BACK = Freeze(source="B", since_ms=NOW - HOUR - 9, at=NOW - 5)
PREVIOUS = holder("A", frozen=True, count=5)
C_FROM_B = Freeze(source="B", over=True, at=NOW - 10)
GIVEN_UP = ["FreezeEnded", "WritesAllowed", "FreezeEnded"]
FREEZE = ["FreezeAnnounced", "WritesFrozen", "CopySealed", "AliasSwapped", "MigrationSwapped"]


def reasons(course: Course) -> list[str]:
    return [step.reason for step in course.steps]
