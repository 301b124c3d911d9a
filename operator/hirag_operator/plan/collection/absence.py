"""A level that its alias does not lead to: never made, half made, retained, lost, or taken by somebody else.

What is left is looked for before anything is made, so that data is taken up again and never shadowed by an empty
collection. What the record says was made and is nowhere to be found was deleted behind our back: that is told, and an
empty one is made in its place only where lossPolicy says so.
"""

from collections.abc import Sequence
from typing import Any

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.levelplan import LevelPlan, News, Stance, refused
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.seenlevel import Json, SeenLevel
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.collection.tenants import tenant_steps
from hirag_operator.plan.steps import CreateAlias, CreateCollection, CreateTenants, MoveAlias, SchemaStep


def without_alias(wanted: WantedLevel, seen: SeenLevel, stance: Stance) -> LevelPlan:
    """Return what an address without an alias comes to."""
    if seen.clash:
        return refused(wanted, seen, Reason.CONFLICT, _clashing(wanted))
    if (stranger := _stranger(wanted, seen.standing)) is not None:
        return refused(wanted, seen, Reason.CONFLICT, stranger)
    holders = _holders(seen)
    if len(holders) > 1:
        names = ", ".join(str(one["class"]) for one in holders)
        message = f"alias {wanted.place.alias} is gone and {names} could stand behind it"
        return refused(wanted, seen, Reason.REVISION_AMBIGUOUS, f"{message}; point the alias at the right one")
    if holders:
        # Left by a crash between two steps, by a retained object of this name, or by an alias removed by hand.
        return _aliased(wanted, seen, str(holders[0]["class"]), stance)
    if seen.made is not None:
        return lost(wanted, seen, f"collection {seen.made.collection} and alias {wanted.place.alias} are gone", stance)
    return LevelPlan(wanted, seen, _making(wanted, seen))


def led_astray(wanted: WantedLevel, seen: SeenLevel, stance: Stance) -> LevelPlan:
    """Return what an alias that points at something of others comes to."""
    holders = _holders(seen)
    if seen.made is not None and len(holders) == 1:
        return _aliased(wanted, seen, str(holders[0]["class"]), stance)
    stamp = read_stamp(seen.live or {})
    whose = "which this operator did not make" if stamp is None else f"which belongs to {stamp}"
    return refused(wanted, seen, Reason.CONFLICT, _taken(wanted, f"it points at collection {seen.target}, {whose}"))


def lost(wanted: WantedLevel, seen: SeenLevel, what: str, stance: Stance) -> LevelPlan:
    """Return what data that was there and is gone comes to."""
    if (stranger := _stranger(wanted, seen.standing)) is not None:
        return refused(wanted, seen, Reason.CONFLICT, stranger)
    message = f"The data of {wanted.level} was deleted behind the operator's back: {what}"
    if stance.on_loss == "Report":
        remedy = "restore it from a backup, or set spec.lossPolicy to Recreate to have an empty one made"
        return refused(wanted, seen, Reason.COLLECTION_MISSING, f"{message}; {remedy}")
    news = News(Reason.COLLECTION_RECREATED, f"{message}. An empty one is made, as spec.lossPolicy says.")
    return LevelPlan(wanted, seen, _making(wanted, seen), news=news)


def _taken(wanted: WantedLevel, why: str) -> str:
    return f"Alias {wanted.place.alias} is taken: {why}; free the name in Weaviate, or rename this ContextCollection"


def _clashing(wanted: WantedLevel) -> str:
    alias = wanted.place.alias
    return (
        f"{_taken(wanted, 'a collection of that very name exists')}; or adopt it: with "
        f"spec.levels.{wanted.level}.adoptFrom.collection: {alias} and freezeSource: true it is copied, and the alias "
        "takes its place once you have removed it"
    )


def _aliased(wanted: WantedLevel, seen: SeenLevel, collection: str, stance: Stance) -> LevelPlan:
    alias = wanted.place.alias
    step: SchemaStep = CreateAlias(alias, collection) if seen.target is None else MoveAlias(alias, collection)
    if seen.made is None:
        return LevelPlan(wanted, seen, (step,))
    what = f"alias {alias} was removed" if seen.target is None else f"alias {alias} was pointed at {seen.target}"
    if stance.on_drift == "Warn":
        message = f"{what} by another hand; point it at {collection}, or set spec.driftPolicy to Enforce"
        return refused(wanted, seen, Reason.DRIFTED, message)
    return LevelPlan(wanted, seen, (step,), news=News(Reason.DRIFT_CORRECTED, f"Put back: {what} by another hand."))


def _making(wanted: WantedLevel, seen: SeenLevel) -> tuple[SchemaStep, ...]:
    """Return the steps that make what is not there; the alias comes last, for it opens the door."""
    made, alias = wanted.collection, wanted.place.alias
    steps: list[SchemaStep] = []
    if seen.standing is None and not (seen.target == made and seen.live is not None):
        steps.append(CreateCollection(wanted.schema))
    if wanted.place.tenant is not None:
        steps.append(CreateTenants(made, {wanted.place.tenant: "ACTIVE"}))
    else:
        steps += tenant_steps(made, wanted.tenants, {}, wanted.tenancy)[0]
    if seen.target is None:
        steps.append(CreateAlias(alias, made))
    elif seen.target != made:
        steps.append(MoveAlias(alias, made))
    return tuple(steps)


def _stranger(wanted: WantedLevel, standing: Json | None) -> str | None:
    if standing is None or ((stamp := read_stamp(standing)) and wanted.owns(stamp)):
        return None
    why = f"collection {standing['class']} exists and this operator did not make it for this object"
    return f"{why}; remove it, or rename this ContextCollection"


def _holders(seen: SeenLevel) -> Sequence[dict[str, Any] | Json]:
    """Return the collections that the alias could mean: the recorded one where it is among them, else all."""
    recorded = [one for one in seen.holders if seen.made is not None and one["class"] == seen.made.collection]
    return recorded or seen.holders
