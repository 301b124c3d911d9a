"""At which stage a level's migration is, and what comes next: decided from what is seen, never from a status.

    begin → make the new holder → Job copies, checks, follows → freeze → seal → swap → soak → remove the previous one

A migration that nobody wants any more is taken back; going back to the previous holder is the same road the other way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.migration.estimate import Estimate
from hirag_operator.plan.collection.migration.notes import Checked, Told
from hirag_operator.plan.collection.migration.seen import SeenHolder
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.steps import Step
from hirag_operator.plan.verdict import Verdict, stalled, working

Json = Mapping[str, Any]

LOOK_SECONDS: Final = 3.0  # between two looks at what goes on by itself: no oftener is a status written


class Stage(StrEnum):
    """Where a migration is."""

    AWAITING_APPROVAL = "AwaitingApproval"
    AWAITING_SPACE = "AwaitingSpace"
    QUEUED = "Queued"
    PREPARING = "Preparing"
    COPYING = "Copying"
    CHECKING = "Checking"
    CATCHING_UP = "CatchingUp"
    AWAITING_CUT_OVER = "AwaitingCutOver"
    AWAITING_REMOVAL = "AwaitingRemoval"
    SWAPPING = "Swapping"
    ADOPTED = "Adopted"
    SOAKING = "Soaking"
    KEPT = "Kept"
    REMOVING = "Removing"
    ABORTING = "Aborting"
    ROLLED_BACK = "RolledBack"
    FAILED = "Failed"


@dataclass(frozen=True)
class Terms:
    """By what rules a level is migrated, and at which moment.

    Args:
        level: Its name, for messages.
        alias: That leads to what serves.
        approved: Whether a migration may begin.
        plan: What an approval has to name.
        room: Whether one more may run beside those that do.
        first: What goes first and is waited for, in words; None where nothing is.
        min_recall: The least recall of the new index.
        max_freeze: How long writes may be refused.
        soak: How long the previous holder is kept.
        keep_previous: Whether it is kept beyond that.
        generation: Of the ContextCollection.
        now_ms: The time, in milliseconds since 1970.
        token: A word that no freeze had before.
        jobs_namespace: Where Jobs run.
        making: Steps that make the new holder, where it is not there.
        job: Renders the Job that fills `target` from `source`, given what the target held and when.
        undone: The holder that the plan leads to, where the plan is not wanted; None where it is.
        rate: The most objects that may be carried a second; 0: as many as can be.
        shortage: What a second revision lacks of memory or disk, in words; empty where there is room, or nobody knows.
    """

    level: str
    alias: str
    approved: bool
    plan: str
    room: bool
    first: str | None
    min_recall: float
    max_freeze: timedelta
    soak: timedelta
    keep_previous: bool
    generation: int
    now_ms: int
    token: str
    jobs_namespace: str
    making: tuple[Step, ...]
    job: Callable[[Holder, Holder, int], Json]
    undone: Holder | None = None
    rate: int = 0
    shortage: str = ""


@dataclass(frozen=True)
class Course:
    """What a migration comes to at one look.

    Args:
        stage: Where it is.
        source: What serves, or served.
        target: What is to serve, or serves by now.
        steps: What is to be done now.
        verdict: What it says about the object; None where it is no obstacle to being ready.
        within: Seconds until the next look.
        told: What the shares of the copy say.
        since_ms: When the soak began; 0 before.
        estimate: What it takes, before it has begun.
        plan: By which plan what serves came to serve, while the way back is short; empty: not known.
    """

    stage: Stage
    source: Holder
    target: Holder
    steps: tuple[Step, ...] = ()
    verdict: Verdict | None = None
    within: float | None = None
    told: tuple[Told, ...] = ()
    since_ms: int = 0
    estimate: Estimate | None = None
    plan: str = ""

    @property
    def done(self) -> int:
        """Return how many objects are on the target."""
        return sum(one.done for one in self.told)

    @property
    def total(self) -> int | None:
        """Return how many are to be; None while that is not known."""
        totals = [one.total for one in self.told if one.total is not None]
        return sum(totals) if totals and len(totals) == len(self.told) else None

    @property
    def tenants(self) -> int:
        """Return how many tenants are to be carried; 0 where none are, or it is not known yet."""
        return sum(one.tenants for one in self.told)

    @property
    def tenants_done(self) -> int:
        """Return how many tenants were carried and compared."""
        return sum(one.tenants_done for one in self.told)

    @property
    def rate(self) -> float:
        """Return how many objects are carried a second."""
        return sum(one.rate for one in self.told)

    @property
    def checked(self) -> Checked | None:
        """Return what comparing came to over all shares; None until all have compared."""
        found = [one.checked for one in self.told if one.checked is not None]
        if not found or len(found) < len(self.told):
            return None
        measured = next((one for one in found if one.recall is not None), found[0])
        return replace(
            measured,
            equal=sum(one.equal for one in found),
            unlike=sum(one.unlike for one in found),
            named=tuple(name for one in found for name in one.named)[:5],
        )


def under_way(stage: Stage, source: SeenHolder, target: SeenHolder, message: str, **more: Any) -> Course:
    """Return the course of a migration that goes on by itself."""
    verdict = working(Reason.MIGRATING, message)
    return Course(
        stage, source.holder, target.holder, verdict=verdict, told=target.told, **{"within": LOOK_SECONDS, **more}
    )


def stopped(stage: Stage, reason: Reason, source: SeenHolder, target: SeenHolder, message: str, **more: Any) -> Course:
    """Return the course of a migration that waits for a person."""
    verdict = stalled(reason, message)
    return Course(stage, source.holder, target.holder, verdict=verdict, told=target.told, **more)


def do(stage: Stage, source: SeenHolder, target: SeenHolder, message: str, steps: tuple[Step, ...]) -> Course:
    """Return the course of a migration that has something to be done at once."""
    return under_way(stage, source, target, message, steps=steps)
