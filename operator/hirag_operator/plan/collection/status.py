"""The status of a ContextCollection, computed whole from what was seen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from hirag_operator.api import ContextCollection, JobRun
from hirag_operator.api.collection_status import PENDING_LIMIT
from hirag_operator.api.conditions import Reason
from hirag_operator.api.durations import to_timedelta
from hirag_operator.plan.collection.address import address_of
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.migration.report import migration
from hirag_operator.plan.collection.migration.target import declared, plan_name
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.collection.tenants import tenant_counts
from hirag_operator.plan.verdict import Aspect, State, Verdict, conditions

Json = Mapping[str, Any]

NO_RUNS: Final[Mapping[str, JobRun]] = {}
PHASES = {State.READY: "Ready", State.WORKING: "Progressing", State.STALLED: "Stalled", State.IDLE: "Paused"}
_KEPT = ("address", "counts", "objects", "tenants", "activeRevision", "fingerprint", "migration", "measurements")


def status(
    collection: ContextCollection,
    plans: Sequence[LevelPlan],
    verdict: Verdict,
    aspects: Sequence[Aspect],
    now: datetime,
    previous: Json,
    runs: Mapping[str, JobRun] = NO_RUNS,
) -> dict[str, Any]:
    """Return the whole status; `runs` are the last runs of schedules by section.

    With no plans Weaviate was not looked at, and what was last seen there stays.
    """
    generation = collection.metadata.generation
    report: dict[str, Any] = {
        "observedGeneration": generation,
        "phase": PHASES[verdict.state],
        "conditions": conditions(verdict, aspects, previous.get("conditions", []), generation, now),
    }
    kept = {key: previous[key] for key in _KEPT if key in previous}
    report |= {f"last{section[0].upper()}{section[1:]}": run.to_wire() for section, run in runs.items()}
    if not plans:
        return {**report, **kept}
    moving = migration(
        plans, plan_name([declared(plan.wanted) for plan in plans]), to_timedelta(collection.spec.migration.soak)
    )
    if moving is not None:
        report["migration"] = moving
    return {**report, **_seen(plans, previous.get("counts") or {})}


def _seen(plans: Sequence[LevelPlan], counted: Mapping[str, int]) -> dict[str, Any]:
    stamps = [stamp for plan in plans if plan.seen.live and (stamp := read_stamp(plan.seen.live))]
    counts = {
        level: count for plan in plans if (count := _count(plan, counted.get(level := plan.wanted.level))) is not None
    }
    tenants = {plan.wanted.level: _tenants(plan) for plan in plans if plan.wanted.tenancy.enabled and plan.seen.tenants}
    report: dict[str, Any] = {"address": {plan.wanted.level: _address(plan) for plan in plans}}
    if counts:
        report["counts"] = counts
        report["objects"] = sum(counts.values())
    if tenants:
        report["tenants"] = tenants
    if measured := {plan.wanted.level: plan.measured.to_wire() for plan in plans if plan.measured is not None}:
        report["measurements"] = measured
    if stamps:
        report["activeRevision"] = ",".join(dict.fromkeys(stamp.revision for stamp in stamps))
        report["fingerprint"] = stamps[0].fingerprint
    return report


def _count(plan: LevelPlan, before: int | None) -> int | None:
    """Return the objects of a level; as they were last counted where they cannot be told and the data is there."""
    return before if plan.seen.count is None and plan.seen.live is not None else plan.seen.count


def _tenants(plan: LevelPlan) -> dict[str, int]:
    return tenant_counts(plan.wanted.tenants, plan.seen.tenants or {})


def _address(plan: LevelPlan) -> dict[str, str]:
    """Return where the level is reached; where its alias leads to nothing of ours, what the alias points at."""
    found = address_of(plan)
    parts: dict[str, str | None] = {"alias": plan.wanted.place.alias, "collection": plan.seen.target}
    if found is not None:
        parts |= {"tenant": found.tenant, "revision": found.revision}
    undone = plan.wanted.rolled_back
    if _index_is_told(plan):
        parts["indexSettings"] = (plan.wanted if undone is None else undone.declared).index_settings
    if plan.pending is not None:
        parts |= {"pending": str(plan.pending)[:PENDING_LIMIT], "changeClass": plan.pending.change_class}
    elif undone is not None:
        parts |= {"pending": "; ".join(undone.changes)[:PENDING_LIMIT], "changeClass": undone.change_class}
    return {name: value for name, value in parts.items() if value is not None}


def _index_is_told(plan: LevelPlan) -> bool:
    """Return whether the index has its wanted settings, or what differs is told: nothing else stands in their way."""
    other_trouble = plan.problem is not None and plan.problem.reason is not Reason.TENANT_REMOVAL_HELD
    return (
        plan.pending is not None
        or plan.wanted.rolled_back is not None
        or not (plan.steps or plan.drift or other_trouble)
    )
