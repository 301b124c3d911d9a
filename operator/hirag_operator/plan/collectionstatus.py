"""The status of a ContextCollection, computed whole from what was seen."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hirag_operator.api import ContextCollection
from hirag_operator.plan.contextcollection import LevelPlan
from hirag_operator.plan.stamp import read_stamp
from hirag_operator.plan.verdict import Aspect, State, Verdict, conditions

Json = Mapping[str, Any]

PHASES = {State.READY: "Ready", State.WORKING: "Progressing", State.STALLED: "Stalled", State.IDLE: "Paused"}
_KEPT = ("address", "counts", "objects", "activeRevision", "fingerprint")


def status(
    collection: ContextCollection,
    plans: Sequence[LevelPlan],
    verdict: Verdict,
    aspects: Sequence[Aspect],
    now: datetime,
    previous: Json,
) -> dict[str, Any]:
    """Return the whole status. With no plans Weaviate was not looked at, and what was last seen there stays."""
    generation = collection.metadata.generation
    report: dict[str, Any] = {
        "observedGeneration": generation,
        "phase": PHASES[verdict.state],
        "conditions": conditions(verdict, aspects, previous.get("conditions", []), generation, now),
    }
    kept = {key: previous[key] for key in _KEPT if key in previous}
    return {**report, **(_seen(plans) if plans else kept)}


def _seen(plans: Sequence[LevelPlan]) -> dict[str, Any]:
    stamps = [stamp for plan in plans if plan.seen.live and (stamp := read_stamp(plan.seen.live))]
    counts = {plan.wanted.level: plan.seen.count for plan in plans if plan.seen.count is not None}
    report: dict[str, Any] = {"address": {plan.wanted.level: _address(plan) for plan in plans}}
    if counts:
        report["counts"] = counts
        report["objects"] = sum(counts.values())
    if stamps:
        report["activeRevision"] = ",".join(stamp.revision for stamp in stamps)
        report["fingerprint"] = stamps[0].fingerprint
    return report


def _address(plan: LevelPlan) -> dict[str, str]:
    place = plan.wanted.place
    parts = {"alias": place.alias, "tenant": place.tenant, "collection": plan.seen.target}
    return {name: value for name, value in parts.items() if value is not None}
