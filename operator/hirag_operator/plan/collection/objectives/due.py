"""When a level is measured, and what becomes of the Job that does it: decided from its note, its objects and its Jobs.

No status is asked. A measurement is due where none is noted of the index as it is now, where its objects have halved or
doubled since, and after objectives.interval. One that failed is tried again an hour later: until then its Job is kept,
for it is what the failure is known by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from hirag_operator.plan.collection.objectives.notes import Trial
from hirag_operator.plan.collection.objectives.search import still_tells
from hirag_operator.plan.pods.jobruns import result_of
from hirag_operator.plan.pods.podtrouble import worst_trouble
from hirag_operator.plan.pods.trouble import brief, condition

Json = Mapping[str, Any]

LOOK_SECONDS: Final = 3.0  # between two looks at a Job that runs
TURN_SECONDS: Final = 15.0  # until the next look of one that waits for others
RETRY_MS: Final = 3_600_000  # after a failure
STUCK_MS: Final = 600_000  # without a pod that runs: by then a node has an image, if it will
SETTLING_MS: Final = 30_000  # until the note of a Job that is complete is missed
FEWEST: Final = 2  # objects: one alone has no neighbour


@dataclass(frozen=True)
class Turn:
    """What is to be done about measuring a level.

    Args:
        start: Whether its Job is to be made, if there is room.
        end: Names of Jobs that are to be deleted.
        within: Seconds until the next look.
        busy: Whether something goes on, or is about to: no rest until then.
        failed: Why the last one failed, while it is not tried again; empty otherwise.
    """

    start: bool = False
    end: tuple[str, ...] = field(default=())
    within: float | None = None
    busy: bool = False
    failed: str = ""


def left_ms(trial: Trial | None, objects: int | None, interval_ms: int, now_ms: int) -> int:
    """Return in how many milliseconds a measurement is due; 0: now.

    Args:
        trial: The last one at the ef in force; None where there was none.
        objects: That there are now; None: not known, or not what was counted.
        interval_ms: For how long a measurement counts.
        now_ms: The time, in milliseconds since 1970.
    """
    if trial is None or (objects is not None and not still_tells(trial, objects)):
        return 0
    return max(0, trial.at + interval_ms - now_ms)


def turn(left: int, name: str, jobs: Sequence[Json], pods: Sequence[Json], error: str, now_ms: int) -> Turn:
    """Return what is to be done where a level may be measured.

    Args:
        left: In how many milliseconds that is due.
        name: Of the Job that would do it.
        jobs: That measure the level.
        pods: Theirs.
        error: What the program last noted of a failure.
        now_ms: The time, in milliseconds since 1970.
    """
    others = tuple(one for one in _standing(jobs) if one != name or left)
    job = next((one for one in jobs if one["metadata"]["name"] == name), None)
    if left:
        return Turn(end=others, within=left / 1000)
    if job is None or job["metadata"].get("deletionTimestamp"):
        return Turn(start=job is None, end=others, within=TURN_SECONDS, busy=True)
    if (ended := result_of(job)) == "Running":
        trouble = worst_trouble(pods)
        return Turn(end=others, within=LOOK_SECONDS, busy=True, failed=brief(trouble.message) if trouble else "")
    since = now_ms - _ended_ms(job, ended, now_ms)
    if ended == "Complete" and since < SETTLING_MS:
        return Turn(end=others, within=LOOK_SECONDS, busy=True)
    if since >= RETRY_MS:
        return Turn(end=(*others, name), within=LOOK_SECONDS, busy=True)
    why = error or brief(condition(job, "Failed").get("message") or "it ended without a note")
    failed = f"Job {name} failed: {why.rstrip('.')}"
    return Turn(end=others, within=(RETRY_MS - since) / 1000, failed=failed)


def takes_turn(job: Json, now_ms: int) -> bool:
    """Return whether a Job measures, or is about to, so that no other may on its Weaviate.

    One that has waited long for a node or an image searches nothing; should it begin after all, both measure each other
    once, and the next measurement is right again.
    """
    status = job.get("status") or {}
    if result_of(job) != "Running":
        return False
    begun = status.get("startTime")
    return bool(status.get("ready")) or not begun or now_ms - _ms(begun) < STUCK_MS


def none_may(jobs: Sequence[Json]) -> Turn:
    """Return what is to be done where a level may not be measured: no Job of it is left."""
    return Turn(end=tuple(_standing(jobs)))


def _standing(jobs: Sequence[Json]) -> list[str]:
    """Return the names of Jobs that are not being deleted yet."""
    return [str(one["metadata"]["name"]) for one in jobs if not one["metadata"].get("deletionTimestamp")]


def _ended_ms(job: Json, ended: str, now_ms: int) -> int:
    at = condition(job, ended).get("lastTransitionTime")
    return _ms(at) if at else now_ms


def _ms(at: object) -> int:
    return int(datetime.fromisoformat(str(at)).timestamp() * 1000)
