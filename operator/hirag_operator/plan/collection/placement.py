"""Where a level lives: the one decision between a declared level and its place in Weaviate.

A level is reached by (alias, tenant). *Dedicated* gives it a physical collection of its own, with tenants of its own
if `multiTenancy` says so; then no tenant is part of the address, because clients choose one. *Shared* makes it one
tenant of a pool, a multi-tenant collection that holds every level of the same shape; the alias is still its own.
"""

from dataclasses import dataclass

from hirag_operator.api import ContextCollection
from hirag_operator.plan.names import alias_name, tenant_name


@dataclass(frozen=True)
class Place:
    """The address of a level: applications read and write through `alias`, naming `tenant` where there is one."""

    alias: str
    tenant: str | None = None

    @property
    def shared(self) -> bool:
        """Return whether the level is a tenant of a pool."""
        return self.tenant is not None

    def __str__(self) -> str:
        return f"{self.alias} (tenant {self.tenant})" if self.tenant else self.alias


def place(collection: ContextCollection, level: str) -> Place:
    """Return the place of a level as its collection's spec declares it."""
    namespace, name = collection.metadata.namespace, collection.metadata.name
    alias = alias_name(namespace, name, level)
    return Place(alias, tenant_name(namespace, name, level) if collection.spec.placement == "Shared" else None)
