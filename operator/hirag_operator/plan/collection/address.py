"""The address of a ContextCollection as a ConfigMap, for applications to mount or to take their environment from.

    envFrom:
      - configMapRef: {name: handbook-address}

Its keys are names of environment variables. It holds no secret: the key of the Weaviate is the application's own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hirag_operator.api import ContextCollection
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.made import Made, write_made
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.names import workload_name

Json = dict[str, Any]

_PREFIXES = {"shortTerm": "SHORT_TERM", "longTerm": "LONG_TERM"}


@dataclass(frozen=True)
class Reach:
    """How the servers around a collection are reached: Weaviate's URLs, and the model by URL and name."""

    http_url: str
    grpc_address: str
    embedding_url: str
    embedding_model: str

    def with_embedding_of(self, told: Mapping[str, str]) -> "Reach":
        """Return the same with the model that a ConfigMap's data tells, where it tells one."""
        return replace(
            self,
            embedding_url=told.get("EMBEDDING_URL", self.embedding_url),
            embedding_model=told.get("EMBEDDING_MODEL", self.embedding_model),
        )


@dataclass(frozen=True)
class Address:
    """Where a level is reached now, whatever its spec says: `tenant` is None where clients choose their own."""

    alias: str
    tenant: str | None
    collection: str
    revision: str | None


def address_name(collection_name: str) -> str:
    """Return the name of the ConfigMap of a ContextCollection."""
    return workload_name(collection_name, "address")


def address_of(plan: LevelPlan) -> Address | None:
    """Return where a level is reached; None while its alias leads to no data of its own."""
    live = plan.seen.live
    stamp = read_stamp(live) if live is not None else None
    if live is None or stamp is None or not plan.wanted.owns(stamp):
        return None
    tenant = plan.wanted.tenant_of_pool if stamp.of_pool else None
    return Address(plan.wanted.place.alias, tenant, str(live["class"]), stamp.revision)


def address_map(
    collection: ContextCollection, owner: Owner, plans: Sequence[LevelPlan], reach: Reach, before: Mapping[str, Made]
) -> list[Json]:
    """Return the ConfigMap as a list of one, or of none while no level is reached.

    `before` is the record as it stands: a level that is in trouble, or no longer declared, keeps its entry.
    """
    reached = {plan.wanted.level: address for plan in plans if (address := address_of(plan)) is not None}
    made = dict(before)
    for plan in plans:
        level = plan.wanted.level
        if level in reached and plan.settled and plan.pending is None:
            met = "" if plan.postponed else plan.wanted.settings  # what is put off is no other hand's doing
            made[level] = Made(reached[level].collection, met)
    if not reached and not made:
        return []
    data = {
        "WEAVIATE_HTTP_URL": reach.http_url,
        "WEAVIATE_GRPC_ADDRESS": reach.grpc_address,
        "EMBEDDING_URL": reach.embedding_url,
        "EMBEDDING_MODEL": reach.embedding_model,
    }
    for level, address in reached.items():
        data[f"{_PREFIXES[level]}_ALIAS"] = address.alias
        data[f"{_PREFIXES[level]}_TENANT"] = address.tenant or ""
    metadata = owner.metadata(address_name(collection.metadata.name))
    return [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {**metadata, "annotations": write_made(made)},
            "data": {key: value for key, value in data.items() if value},
        }
    ]
