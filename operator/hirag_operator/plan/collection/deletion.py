"""Removing the data of a deleted ContextCollection: aliases first, then what is its own, and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hirag_operator.api.collection_levels import STORED_LEVELS
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.collection.stamp import Stamp, read_stamp
from hirag_operator.plan.moves import ClearNote, Holder
from hirag_operator.plan.names import alias_name, tenant_name
from hirag_operator.plan.steps import DeleteAlias, DeleteCollection, DeleteTenants, WeaviateStep

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Departing:
    """The object that leaves, under the operator instance whose stamp its data carries."""

    instance: str
    namespace: str
    name: str

    @property
    def aliases(self) -> list[str]:
        """Return the aliases that the object has or had."""
        return [alias_name(self.namespace, self.name, level) for level in STORED_LEVELS]

    @property
    def tenants(self) -> list[str]:
        """Return the tenants that its levels are or were in pools."""
        return [tenant_name(self.namespace, self.name, level) for level in STORED_LEVELS]

    def pools(self, collections: Iterable[Json]) -> list[str]:
        """Return the names of this operator's pools among live schemas."""
        return [name for name, stamp in _stamped(collections) if stamp.of_pool and stamp.instance == self.instance]

    def owned(self, collections: Iterable[Json]) -> list[str]:
        """Return the names of the collections among live schemas that carry the object's stamp."""
        mine = (self.instance, self.namespace, self.name)
        return [name for name, stamp in _stamped(collections) if not stamp.of_pool and stamp.owner[:3] == mine]

    def adopted(self, collections: Iterable[Json]) -> list[str]:
        """Return the names of those of its own that were made from a collection of others."""
        mine = (self.instance, self.namespace, self.name)
        return [name for name, stamp in _stamped(collections) if stamp.adopted and stamp.owner[:3] == mine]


def plan_deletion(
    leaving: Departing,
    aliases: Mapping[str, str | None],
    collections: Iterable[Json],
    tenants: Mapping[str, Iterable[str]],
) -> list[WeaviateStep]:
    """Return the steps that remove all data of an object, and what is noted of levels that were being filled.

    `aliases` maps its alias names to their targets (None: no such alias), `collections` are all live schemas, and
    `tenants` maps each pool to those of the object's tenants that it has. An alias goes before what it leads to, so
    that no write through it can meet a missing class; one that leads to what is not the object's own stays.
    """
    schemas = list(collections)
    owned, pools = leaving.owned(schemas), leaving.pools(schemas)
    steps: list[WeaviateStep] = [
        DeleteAlias(alias) for alias, target in sorted(aliases.items()) if target in {*owned, *pools}
    ]
    steps += [DeleteTenants(pool, tuple(sorted(names))) for pool, names in sorted(tenants.items()) if names]
    forgotten = [ClearNote(Holder(name), Freeze().to_wire()) for name in leaving.adopted(schemas)]
    return [*steps, *(DeleteCollection(name) for name in owned), *forgotten]


def _stamped(collections: Iterable[Json]) -> list[tuple[str, Stamp]]:
    """Return the collections that carry a stamp, in order of their names."""
    found = [(str(one["class"]), stamp) for one in collections if (stamp := read_stamp(one)) is not None]
    return sorted(found, key=lambda pair: pair[0])
