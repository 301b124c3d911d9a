"""Where a level lives: the one decision between a declared level and its place in Weaviate.

A level is reached by (alias, tenant). *Dedicated* gives it a physical collection of its own, with tenants of its own
if `multiTenancy` says so; then no tenant is part of the address, because clients choose one. *Shared* will give it one
tenant of a pool; only this file and what makes the pool need to know.
"""

from dataclasses import dataclass

from hirag_operator.api import ContextCollection
from hirag_operator.plan.names import alias_name


@dataclass(frozen=True)
class Place:
    """The address of a level: applications read and write through `alias`, naming `tenant` where there is one."""

    alias: str
    tenant: str | None = None


def place(collection: ContextCollection, level: str) -> Place | None:
    """Return the place of a level; None for a placement that this release cannot give."""
    if collection.spec.placement != "Dedicated":
        return None
    return Place(alias_name(collection.metadata.namespace, collection.metadata.name, level))
