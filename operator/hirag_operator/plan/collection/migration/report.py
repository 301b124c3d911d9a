"""What status tells of migrations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hirag_operator.plan.collection.levelplan import LevelPlan, Pending
from hirag_operator.plan.collection.levels import RolledBack, WantedLevel
from hirag_operator.plan.collection.migration.causes import told
from hirag_operator.plan.collection.migration.course import Course, Stage
from hirag_operator.plan.collection.migration.estimate import together
from hirag_operator.plan.collection.migration.notes import Told
from hirag_operator.plan.quantity import in_time

Json = Mapping[str, Any]

_MOST_CHANGES: Final = 64
_LONGEST_CHANGE: Final = 400  # characters
_LONGEST_ESTIMATE: Final = 512
# The stage that speaks for all levels: what waits for a person first, then what is least far.
_ORDER: Final = tuple(
    Stage(one)
    for one in (
        "Failed",
        "AwaitingApproval",
        "AwaitingSpace",
        "AwaitingRemoval",
        "AwaitingCutOver",
        "Queued",
        "Preparing",
        "Copying",
        "Checking",
        "CatchingUp",
        "Swapping",
        "Aborting",
        "Removing",
        "RolledBack",
        "Adopted",
        "Soaking",
        "Kept",
    )
)
_AFTER: Final = frozenset({Stage.SOAKING, Stage.KEPT, Stage.REMOVING, Stage.ADOPTED, Stage.ROLLED_BACK})


def migration(plans: Iterable[LevelPlan], name: str, soak: timedelta) -> dict[str, Any] | None:
    """Return status.migration; None where no migration goes on, and nothing is left of one."""
    moving = [plan for plan in plans if plan.course is not None]
    courses = [plan.course for plan in moving if plan.course is not None]
    if not courses:
        return None
    report: dict[str, Any] = {"phase": min((one.stage for one in courses), key=_ORDER.index).value}
    report["plan"] = name
    if found := [(plan.wanted, one) for plan in moving if (one := _change(plan)) is not None]:
        report |= {
            "changeClass": "embed" if "embed" in {one.change_class for _, one in found} else "build",
            "changes": _changes(found),
            "estimate": _estimate(courses),
            "estimated": _estimated(courses),
        }
    going_on = [one for one in courses if one.stage not in _AFTER]
    totals = [one.total for one in going_on if one.total is not None]
    if going_on and len(totals) == len(going_on):
        report |= {"done": sum(one.done for one in going_on), "total": sum(totals)}
    levels = {plan.wanted.level: _level(plan.course, soak) for plan in moving if plan.course is not None}
    report["levels"] = levels
    return {key: value for key, value in report.items() if value not in (None, "")}


def _change(plan: LevelPlan) -> Pending | RolledBack | None:
    """Return what is to change, or is not to."""
    return plan.pending or plan.wanted.rolled_back


def _changes(found: Iterable[tuple[WantedLevel, Pending | RolledBack]]) -> list[str]:
    changes = [f"{wanted.level}: {told(change, wanted.origins)}" for wanted, one in found for change in one.changes]
    return [change[:_LONGEST_CHANGE] for change in changes[:_MOST_CHANGES]]


def _estimate(courses: Sequence[Course]) -> str:
    """Return what it takes, and once it goes on when the copying ends by what was measured so far."""
    if estimates := [one.estimate for one in courses if one.estimate is not None]:
        return str(together(estimates))[:_LONGEST_ESTIMATE]
    seconds = [
        (one.total - one.done) / one.rate
        for one in courses
        if one.stage is Stage.COPYING and one.total is not None and one.rate > 0
    ]
    return f"about {in_time(max(seconds))} of copying left" if seconds else ""


def _estimated(courses: Sequence[Course]) -> dict[str, int] | None:
    """Return the figures of the same; None where there are none."""
    estimates = [one.estimate for one in courses if one.estimate is not None]
    return (together(estimates).to_wire() or None) if estimates else None


def _level(course: Course, soak: timedelta) -> dict[str, Any]:
    checked = course.checked
    level: dict[str, Any] = {"phase": course.stage.value, "source": str(course.source), "target": str(course.target)}
    level["plan"] = course.plan
    if course.told and course.stage not in _AFTER:
        level |= {"done": course.done, "total": course.total, "perSecond": round(course.rate)}
    if course.tenants:
        level |= {"tenants": course.tenants, "tenantsDone": course.tenants_done}
    if checked is not None:
        level |= {
            "alike": checked.equal,
            "checksum": checked.checksum,
            "recall": checked.recall,
            "goldenRecall": checked.golden,
        }
    if course.stage in _AFTER and any(one.sealed for one in course.told):
        level |= _behind_the_seal(course.told)
    if course.stage in {Stage.SOAKING, Stage.ROLLED_BACK} and course.since_ms:
        until = datetime.fromtimestamp(course.since_ms / 1000, UTC) + soak
        level["previousUntil"] = until.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {key: value for key, value in level.items() if value not in (None, "")}


def _behind_the_seal(shares: Sequence[Told]) -> dict[str, int | None]:
    """Return what could not be done in the freeze, of all shares together."""
    left = sum(one.left for one in shares)
    known = all(one.left_ms for one in shares if one.left)
    return {
        "cameBack": left,
        "cameBackMilliseconds": max(one.left_ms for one in shares) if left and known else None,
        "carriedLate": sum(one.late for one in shares),
    }
