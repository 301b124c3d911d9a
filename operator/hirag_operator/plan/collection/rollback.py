"""Going back by a word alone: the plan that is declared is not wanted, and its levels are wanted as they were before.

What was before is nowhere written down. It is what holds the data: the collection that serves, where the plan has not
moved the level, or the one that it was swapped for, while that is kept. Its live schema is what is wanted then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from hirag_operator.api.group import GROUP
from hirag_operator.plan.collection.changes import schema_changes
from hirag_operator.plan.collection.contextcollection import pending_of
from hirag_operator.plan.collection.levels import RolledBack, WantedLevel
from hirag_operator.plan.collection.placement import Place
from hirag_operator.plan.collection.stamp import read_stamp

Json = Mapping[str, Any]

ROLLBACK: Final = f"{GROUP}/rollback"  # annotation that names a plan which is not wanted

_TENANCY: Final = "multiTenancyConfig"
_AUTO: Final = ("autoTenantCreation", "autoTenantActivation")

TOO_LATE: Final = (
    "nothing is left of what served before it; take the annotation away. To go back all the same, declare what was: "
    "that is a migration of its own"
)


SEVERAL: Final = (
    "levels would then have vectors of several models, for the previous revision of one is gone; take the annotation "
    "away, and declare what was"
)


def undo(namespace: str, name: str) -> str:
    """Return the command that takes the word back."""
    return f"kubectl annotate ctx {name} -n {namespace} {ROLLBACK}-"


def no_model(fingerprint: str, namespace: str) -> str:
    """Return why there is no way back to vectors that nobody makes any more."""
    return (
        f"the previous vectors are of a model with fingerprint {fingerprint}, and no EmbeddingModel that is Ready and "
        f"admits namespace {namespace} has it; make that model again, or take the annotation away"
    )


def as_before(wanted: WantedLevel, plan: str, before: Json) -> WantedLevel | None:
    """Return a level wanted as a collection that holds its data, or held it; None where it is declared so anyway.

    Hot settings stay as they are there, but for what Weaviate does with tenants of its own accord: that is off while a
    previous revision is kept, so it is as declared.
    """
    stamp = read_stamp(before)
    if stamp is None or not wanted.owns(stamp):
        return None
    pending = pending_of(wanted, before, stamp, schema_changes(wanted.schema, before))
    if pending is None or str(before["class"]) == wanted.collection:
        return None
    undone = RolledBack(plan, wanted, pending.changes, pending.change_class)
    schema = dict(before)
    if not stamp.of_pool:
        declared = wanted.schema[_TENANCY]
        schema[_TENANCY] = {**(before.get(_TENANCY) or {}), **{name: declared[name] for name in _AUTO}}
    place = Place(wanted.place.alias, wanted.tenant_of_pool if stamp.of_pool else None)
    return replace(wanted, place=place, schema=schema, stamp=stamp, rolled_back=undone)


def fingerprint_of(levels: Sequence[WantedLevel], live: Iterable[Json]) -> str | None:
    """Return the embedding fingerprint of all levels once a plan is undone; None where they would have several.

    `live` are the collections of the levels that the plan does not concern.
    """
    stamps = [stamp for schema in live if (stamp := read_stamp(schema)) is not None]
    found = {stamp.fingerprint for stamp in stamps} | {one.stamp.fingerprint for one in levels}
    return found.pop() if len(found) == 1 else None
