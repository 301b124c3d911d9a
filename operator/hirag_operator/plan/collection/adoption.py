"""A level that is made of a collection of others: whether that goes on, or is to.

It is how a level is made, so one that is there is never filled again, whatever its spec says. What is being filled
carries in its stamp what it is filled from, and a note says so until it is whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hirag_operator.api.collection_adoption import AdoptFrom
from hirag_operator.plan.collection.levelplan import LevelPlan, Pending
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.stamp import read_stamp, stamped
from hirag_operator.plan.steps import CreateCollection

Json = Mapping[str, Any]


def adopting(wanted: WantedLevel, seen: SeenLevel) -> LevelPlan | None:
    """Return the plan of a level that is to be filled from a collection of others, or is being, or was to; else None.

    One of which the record says that it was made is not: its data was whole once, and what became of it is another
    question. Data of the level that was not adopted, retained by an earlier object, is taken up as ever.
    """
    declared = wanted.adopt_from
    if seen.made is not None:
        return None
    if seen.filling:
        return LevelPlan(wanted, seen, pending=_pending(declared), adopting=True)
    whole = [one for one in seen.holders if not _adopted_from(one, declared)]
    if declared is None or seen.target is not None or whole or _taken_by_another(wanted, seen, declared):
        return None
    if seen.standing is not None and not _adopted_from(seen.standing, declared):
        return None
    return LevelPlan(wanted, seen, pending=_pending(declared), adopting=True)


def making(wanted: WantedLevel, declared: AdoptFrom, further: Sequence[Json]) -> tuple[CreateCollection, ...]:
    """Return the step that makes the collection to be filled, with further properties that its source has."""
    schema = {**wanted.schema, "properties": [*wanted.schema["properties"], *further]}
    stamp = replace(wanted.stamp, adopted=declared.collection, adopted_vectors=declared.vectors)
    return (CreateCollection(stamped(schema, stamp)),)


def fills_as_declared(wanted: WantedLevel, copy: Json) -> bool:
    """Return whether a collection that is being filled is what the level is to become: else it is begun anew."""
    declared, stamp = wanted.adopt_from, read_stamp(copy)
    if declared is None or stamp is None or str(copy["class"]) != wanted.collection:
        return False
    return (stamp.adopted, stamp.adopted_vectors) == (declared.collection, declared.vectors)


def of_no_effect(plan: LevelPlan) -> str:
    """Return why a declared adoption does nothing, where the level was not made by it; else empty."""
    declared, live = plan.wanted.adopt_from, plan.seen.live
    if declared is None or live is None or plan.adopting:
        return ""
    stamp = read_stamp(live)
    if stamp is None or not plan.wanted.owns(stamp) or stamp.of_pool or stamp.adopted == declared.collection:
        return ""
    made = f"it was made from {stamp.adopted}" if stamp.adopted else "it was not made from another collection"
    return (
        f"spec.levels.{plan.wanted.level}.adoptFrom: the level is there already, and {made}; to adopt "
        f"{declared.collection} make another ContextCollection, or delete this one's data first"
    )


def _pending(declared: AdoptFrom | None) -> Pending | None:
    if declared is None:
        return None
    return Pending((f"to be filled from {declared.collection}",), "embed" if declared.vectors == "Embed" else "build")


def _adopted_from(schema: object, declared: AdoptFrom | None) -> bool:
    stamp = read_stamp(schema) if isinstance(schema, dict) else None
    return declared is not None and stamp is not None and stamp.adopted == declared.collection


def _taken_by_another(wanted: WantedLevel, seen: SeenLevel, declared: AdoptFrom) -> bool:
    return seen.clash and declared.collection != wanted.place.alias
