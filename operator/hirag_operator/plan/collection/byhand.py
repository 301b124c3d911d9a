"""A level that meets its declaration no more although nobody changed that: put back, reported, or lost data."""

from collections.abc import Sequence

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.levelplan import LevelPlan, News, Stance
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.tenants import tenants_differ
from hirag_operator.plan.steps import CreateTenants, SchemaStep
from hirag_operator.plan.verdict import Verdict, stalled

_NAMED = 3  # tenants that a message names


def changed_by_hand(wanted: WantedLevel, seen: SeenLevel) -> bool:
    """Return whether the record says that this very declaration was met: what differs now is another hand's work."""
    return seen.made is not None and seen.made.settings == wanted.settings


def after_another_hand(
    wanted: WantedLevel,
    seen: SeenLevel,
    steps: Sequence[SchemaStep],
    settings: Sequence[str],
    held: Verdict | None,
    stance: Stance,
) -> LevelPlan:
    """Return what `steps` come to that would undo what another hand did.

    `settings` names the changed settings, `held` is what already stands in the way of some. Tenants that are gone took
    their data along: they are made anew, empty, only where lossPolicy says so.
    """
    lost = next((step for step in steps if isinstance(step, CreateTenants)), None)
    others = [step for step in steps if step is not lost]
    differs = (*settings, *tenants_differ(others))
    news = _put_back(wanted, differs) if differs else None
    if stance.on_drift == "Warn":
        others, news = [], None
    drift = tuple(f"{wanted.level}: {one}" for one in differs) if stance.on_drift == "Warn" else ()
    if lost is None:
        return LevelPlan(wanted, seen, tuple(others), problem=held, drift=drift, news=news)
    message = f"{_named(lost)} of {wanted.level} were deleted behind the operator's back, with their data"
    if stance.on_loss == "Report":
        remedy = "restore them from a backup, or set spec.lossPolicy to Recreate to have empty ones made"
        problem = stalled(Reason.COLLECTION_MISSING, f"{message}; {remedy}.")
        return LevelPlan(wanted, seen, tuple(others), problem=problem, drift=drift, news=news)
    news = News(Reason.COLLECTION_RECREATED, f"{message}. Empty ones are made, as spec.lossPolicy says.")
    return LevelPlan(wanted, seen, (lost, *others), problem=held, drift=drift, news=news)


def _put_back(wanted: WantedLevel, differs: Sequence[str]) -> News:
    note = f"Put back on {wanted.level} what another hand had changed: {', '.join(differs)}."
    return News(Reason.DRIFT_CORRECTED, note)


def _named(lost: CreateTenants) -> str:
    names = sorted(lost.tenants)
    more = ", …" if len(names) > _NAMED else ""
    return f"{len(names)} tenants ({', '.join(names[:_NAMED])}{more})"
