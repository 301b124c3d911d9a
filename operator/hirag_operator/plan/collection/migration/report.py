"""What status tells of migrations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hirag_operator.plan.collection.levelplan import LevelPlan, Pending
from hirag_operator.plan.collection.levels import RolledBack
from hirag_operator.plan.collection.migration.course import Course, Stage

Json = Mapping[str, Any]

_MOST_CHANGES: Final = 64
_LONGEST_CHANGE: Final = 400  # characters
_LONGEST_ESTIMATE: Final = 256
# The stage that speaks for all levels: what waits for a person first, then what is least far.
_ORDER: Final = tuple(
    Stage(one)
    for one in (
        "Failed",
        "AwaitingApproval",
        "Queued",
        "Preparing",
        "Copying",
        "Checking",
        "CatchingUp",
        "Swapping",
        "Aborting",
        "Removing",
        "RolledBack",
        "Soaking",
        "Kept",
    )
)
_AFTER: Final = frozenset({Stage.SOAKING, Stage.KEPT, Stage.REMOVING, Stage.ROLLED_BACK})


def migration(plans: Iterable[LevelPlan], name: str, soak: timedelta) -> dict[str, Any] | None:
    """Return status.migration; None where no migration goes on, and nothing is left of one."""
    moving = [plan for plan in plans if plan.course is not None]
    courses = [plan.course for plan in moving if plan.course is not None]
    if not courses:
        return None
    report: dict[str, Any] = {"phase": min((one.stage for one in courses), key=_ORDER.index).value}
    report["plan"] = name
    if told := [(plan.wanted.level, one) for plan in moving if (one := _change(plan)) is not None]:
        report |= {
            "changeClass": "embed" if "embed" in {one.change_class for _, one in told} else "build",
            "changes": _changes(told),
            "estimate": _estimate(courses),
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


def _changes(told: Iterable[tuple[str, Pending | RolledBack]]) -> list[str]:
    changes = [f"{level}: {change}" for level, one in told for change in one.changes]
    return [change[:_LONGEST_CHANGE] for change in changes[:_MOST_CHANGES]]


def _estimate(courses: Sequence[Course]) -> str:
    """Return what it takes, and once it goes on when the copying ends by what was measured so far."""
    if weights := [one.weight for one in courses if one.weight]:
        return "; ".join(dict.fromkeys(weights))[:_LONGEST_ESTIMATE]
    seconds = [
        (one.total - one.done) / one.rate
        for one in courses
        if one.stage is Stage.COPYING and one.total is not None and one.rate > 0
    ]
    return f"about {_length(max(seconds))} of copying left" if seconds else ""


def _length(seconds: float) -> str:
    if seconds < 90:  # noqa: PLR2004  beyond that, minutes are near enough
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"  # noqa: PLR2004  as above


def _level(course: Course, soak: timedelta) -> dict[str, Any]:
    checked = course.checked
    told: dict[str, Any] = {"phase": course.stage.value, "source": str(course.source), "target": str(course.target)}
    told["plan"] = course.plan
    if course.told and course.stage not in _AFTER:
        told |= {"done": course.done, "total": course.total, "perSecond": round(course.rate)}
    if course.tenants:
        told |= {"tenants": course.tenants, "tenantsDone": course.tenants_done}
    if checked is not None:
        told |= {
            "alike": checked.equal,
            "checksum": checked.checksum,
            "recall": checked.recall,
            "goldenRecall": checked.golden,
        }
    if course.stage in {Stage.SOAKING, Stage.ROLLED_BACK} and course.since_ms:
        until = datetime.fromtimestamp(course.since_ms / 1000, UTC) + soak
        told["previousUntil"] = until.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {key: value for key, value in told.items() if value not in (None, "")}
