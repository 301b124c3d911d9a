"""What was seen of a level in Weaviate, and what its record says was made there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hirag_operator.plan.collection.made import Made

Json = Mapping[str, Any]


@dataclass(frozen=True)
class SeenLevel:
    """What stands at a level's address in Weaviate.

    Args:
        target: What the alias points at; None when there is no alias.
        live: The schema of the target; None when that is gone.
        standing: The schema of the collection of the wanted name, looked for where the alias does not lead to it.
        holders: Schemas of the collections that hold data of the level, looked for where the alias leads to none of
            ours: those with its stamp, or the pools that have its tenant.
        clash: Whether a plain collection has the alias's name.
        tenants: Name → state as Weaviate reads it, of a target with tenants; of a pool, the level's own tenant alone.
        count: Objects, where it could be told.
        made: What the record says was made for the level; None when it says nothing.
        beside: Names of further collections that hold data of the level, in order, where its alias leads to one: what a
            migration fills, or what it was swapped for.
        filling: Names of collections that are being filled from one that was not made by us, and not told to be whole.
            Looked for while the record does not say that the level was made.
    """

    target: str | None = None
    live: Json | None = None
    standing: Json | None = None
    holders: tuple[Json, ...] = ()
    clash: bool = False
    tenants: Mapping[str, str] | None = None
    count: int | None = None
    made: Made | None = None
    beside: tuple[str, ...] = ()
    filling: tuple[str, ...] = ()
