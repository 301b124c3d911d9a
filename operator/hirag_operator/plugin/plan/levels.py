"""What a change comes to for the levels of one ContextCollection."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from hirag_operator.api import ContextCollection, Reason
from hirag_operator.api.change_classes import ChangeClass
from hirag_operator.api.collection_levels import STORED_LEVELS
from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.levelplan import LevelPlan, Stance
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.dig import dig
from hirag_operator.plan.invalid import complaints
from hirag_operator.plan.verdict import State
from hirag_operator.plugin.plan.report import EffectReport, Takes
from hirag_operator.plugin.plan.seen import Sight, Weaviate, instance_of, sight
from hirag_operator.plugin.plan.steps import in_words
from hirag_operator.plugin.plan.wanted import wanted_levels
from hirag_operator.plugin.plan.world import World
from hirag_operator.reconcile.references import Obstacle

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Turn:
    """A ContextCollection from one world to the next: as it is (None: it is new), and as it would be.

    `table` is the most that the changes can take by the table of change classes.
    """

    before: Json | None
    after: Json
    table: ChangeClass


@dataclass(frozen=True)
class Ground:
    """What all turns go by: the worlds before and after, a Weaviate where one is reached, the operator's name."""

    now: World
    then: World
    weaviate: Weaviate | None = None
    instance: str | None = None


def level_effects(ground: Ground, turn: Turn) -> Iterator[EffectReport]:
    """Yield what a turn comes to for each level."""
    try:
        collection = ContextCollection.from_wire(dict(turn.after))
    except ValidationError as error:
        if turn.before is not turn.after:
            yield _effect(turn, "", "held", waits=f"{Reason.INVALID_SPEC}: {complaints(error)}")
        return
    if collection.spec.paused:
        yield _effect(turn, "", "nothing", waits="spec.paused is true: nothing is changed until it is false")
        return
    instance = instance_of(ground.weaviate, turn.after, ground.instance)
    try:
        wanted = wanted_levels(ground.then, turn.after, instance)
    except Obstacle as obstacle:
        waits = f"{obstacle.verdict.reason}: {obstacle.verdict.message}"
        if _stood_in_the_way(ground.now, turn.before, instance, obstacle):
            yield _effect(turn, "", _by_table(turn), "table", waits=f"it waits already, {waits}")
        else:
            stalls = obstacle.verdict.state is State.STALLED
            yield _effect(turn, "", "held" if stalls else _by_table(turn), "table", waits=waits)
        return
    was = _until_now(ground.now, turn.before, instance)
    stance = Stance(collection.spec.drift_policy, collection.spec.loss_policy)
    for level, one in wanted.items():
        known = sight(ground.now.cluster, ground.weaviate, turn.before, turn.after, was.get(level), one)
        yield _of_level(turn, level, one, known, stance)
    yield from _left_behind(turn, wanted)


def by_table(change: ChangeClass) -> Takes:
    """Return the most that a change of a class takes."""
    match change:
        case ChangeClass.HOT:
            return "hot"
        case ChangeClass.BUILD:
            return "build"
        case ChangeClass.EMBED:
            return "embed"
        case ChangeClass.FORBIDDEN:
            return "forbidden"


def _until_now(now: World, before: Json | None, instance: str) -> dict[str, WantedLevel]:
    if before is None:
        return {}
    try:
        return wanted_levels(now, before, instance)
    except (Obstacle, ValidationError):
        return {}


def _stood_in_the_way(now: World, before: Json | None, instance: str, obstacle: Obstacle) -> bool:
    """Return whether a collection waits for the same already, whatever is applied."""
    if before is None:
        return False
    try:
        wanted_levels(now, before, instance)
    except Obstacle as present:
        return present.verdict == obstacle.verdict
    except ValidationError:
        return False
    return False


def _of_level(turn: Turn, level: str, wanted: WantedLevel, known: Sight, stance: Stance) -> EffectReport:
    if known.seen is None:
        pending = dig(turn.before, "status", "address", level, "pending")
        waits = f"pending already: {pending}" if pending else "its status does not say that all is as declared now"
        return _effect(turn, level, _by_table(turn), "table", waits=waits)
    plan = plan_level(wanted, known.seen, stance)
    waits = plan.problem.message if plan.problem is not None and plan.pending is None else ""
    return EffectReport(
        **_whose(turn),
        level=level,
        takes=_takes(plan, new=level not in (dig(turn.before, "spec", "levels") or {})),
        basis=known.basis,
        steps=[in_words(step) for step in plan.steps],
        pending=list(plan.pending.changes) if plan.pending is not None else [],
        waits=waits,
        objects=known.seen.count if plan.pending is not None else None,
    )


def _takes(plan: LevelPlan, *, new: bool) -> Takes:
    if plan.pending is not None:
        return plan.pending.change_class
    if plan.problem is not None:
        return "held"
    if not plan.steps:
        return "nothing"
    return "new" if new else "hot"


def _by_table(turn: Turn) -> Takes:
    """Return the most that the change can take where nothing is known of what is live; nothing exists of a new one."""
    return "nothing" if turn.before is None else by_table(turn.table)


def _left_behind(turn: Turn, wanted: Mapping[str, WantedLevel]) -> Iterator[EffectReport]:
    for level in dig(turn.before, "spec", "levels") or {}:
        if level in STORED_LEVELS and level not in wanted:
            where = dig(turn.before, "status", "address", level, "collection") or "Weaviate"
            waits = f"it is no longer declared; its data stays in {where} until the object is deleted with Delete"
            yield _effect(turn, level, "hot", "status", waits=waits)


def _effect(turn: Turn, level: str, takes: Takes, basis: Any = "status", *, waits: str) -> EffectReport:
    return EffectReport(**_whose(turn), level=level, takes=takes, basis=basis, waits=waits)


def _whose(turn: Turn) -> dict[str, str]:
    metadata = turn.after["metadata"]
    return {"kind": "ContextCollection", "namespace": metadata["namespace"], "name": metadata["name"]}
