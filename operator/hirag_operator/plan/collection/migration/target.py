"""Into which holder a level is carried, and of which schema it is made."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from hirag_operator.plan.collection.changes import schema_changes
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.stamp import read_stamp, stamped
from hirag_operator.plan.digest import digest
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.steps import CreateCollection, CreateTenants, Step

Json = Mapping[str, Any]

PLAN_LENGTH: Final = 10  # characters of a plan's name


def plan_name(wanted: Iterable[WantedLevel]) -> str:
    """Return what an approval of a migration has to name: where all levels of a collection are to be."""
    return digest([[one.level, one.collection] for one in wanted], PLAN_LENGTH)


def declared(wanted: WantedLevel) -> WantedLevel:
    """Return a level as it is declared, wanted or not."""
    return wanted if wanted.rolled_back is None else wanted.rolled_back.declared


def target_of(wanted: WantedLevel, beside: Iterable[Json]) -> Holder:
    """Return the holder that is to serve: one of the level's that is as declared already, else the one to be made.

    `beside` are schemas of collections that hold data of the level. The name of a collection follows from what it was
    made of, so a property that was added in place since keeps the one to return to from having the wanted name.
    """
    names = [str(one["class"]) for one in beside if _fits(wanted, one)]
    found = wanted.collection if wanted.collection in names or not names else names[0]
    return Holder(found, wanted.place.tenant)


def holder_of(wanted: WantedLevel, schema: Json) -> Holder:
    """Return what holds the level's data in a collection: all of it, or its tenant of a pool."""
    stamp = read_stamp(schema)
    return Holder(str(schema.get("class", "")), wanted.tenant_of_pool if stamp and stamp.of_pool else None)


def making(wanted: WantedLevel, target: Holder, live: Json, *, exists: bool) -> tuple[Step, ...]:
    """Return the steps that make a target; `exists`: its collection is there. `live` is the schema of the source.

    Properties that are no longer declared are made as well, for their data goes along.
    """
    steps: list[Step] = []
    if not exists:
        declared = {one["name"] for one in wanted.schema["properties"]}
        further = [one for one in live.get("properties") or [] if one["name"] not in declared]
        schema = {**wanted.schema, "properties": [*wanted.schema["properties"], *further]}
        steps.append(CreateCollection(_as_adopted(schema, live)))
    if target.tenant is not None:
        steps.append(CreateTenants(target.collection, {target.tenant: "ACTIVE"}))
    return tuple(steps)


def _as_adopted(schema: dict[str, Any], live: Json) -> Json:
    """Return a schema that says from what the level was filled when it was made, where the live one does."""
    before, stamp = read_stamp(live), read_stamp(schema)
    if before is None or stamp is None or not before.adopted or stamp.of_pool:
        return schema
    return stamped(schema, replace(stamp, adopted=before.adopted))


def _fits(wanted: WantedLevel, schema: Json) -> bool:
    stamp = read_stamp(schema)
    if stamp is None or stamp.of_pool != wanted.place.shared or stamp.fingerprint != wanted.stamp.fingerprint:
        return False
    if stamp.of_pool:
        return str(schema["class"]) == wanted.collection
    changes = schema_changes(wanted.schema, schema)
    return not (changes.build or changes.added)
