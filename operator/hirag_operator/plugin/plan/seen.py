"""What stands at a level's address in Weaviate: looked at where the terminal reaches it, else taken from status."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.plan.collection.address import address_name
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.made import read_made
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.stamp import Stamp, read_stamp
from hirag_operator.plan.dig import dig
from hirag_operator.plugin.plan.world import Cluster, is_at_rest

Json = Mapping[str, Any]
Basis = Literal["weaviate", "status", "table"]

DEFAULT_INSTANCE: Final = "default"
_READ: Final = {"ACTIVE": "HOT", "INACTIVE": "COLD", "OFFLOADED": "FROZEN"}


@dataclass(frozen=True)
class Sight:
    """What is known of a level, and by what; nothing certain is known by the table of change classes."""

    basis: Basis
    seen: SeenLevel | None = None


@dataclass
class Weaviate:
    """A Weaviate that the terminal reaches, and the connection of the operator that it is."""

    connection: str
    server: WeaviateAdapter
    stamps: list[Stamp] | None = field(default=None)

    def instance(self, namespace: str, name: str) -> str:
        """Return the name that the operator of an object goes by there: by its own stamps, else by the most."""
        if self.stamps is None:
            found = (read_stamp(schema) for schema in self.server.collections())
            self.stamps = [stamp for stamp in found if stamp is not None]
        own = [stamp.instance for stamp in self.stamps if (stamp.namespace, stamp.name) == (namespace, name)]
        counted = Counter(own or [stamp.instance for stamp in self.stamps])
        return counted.most_common(1)[0][0] if counted else DEFAULT_INSTANCE


def instance_of(weaviate: Weaviate | None, body: Json, named: str | None = None) -> str:
    """Return the name that the operator goes by: as the caller `named` it, as Weaviate tells, or as it is by default.

    It is in the names of pools; what a change takes does not hang on it, as long as it is the same on all sides.
    """
    if named is not None:
        return named
    if weaviate is None or not _lives_on(weaviate, body):
        return DEFAULT_INSTANCE
    return weaviate.instance(body["metadata"]["namespace"], body["metadata"]["name"])


def sight(
    cluster: Cluster,
    weaviate: Weaviate | None,
    before: Json | None,
    after: Json,
    was: WantedLevel | None,
    wanted: WantedLevel,
) -> Sight:
    """Return what is known of a level of a collection as it is (`before`, None: it is new).

    `was` is what the level was to be until now; None where that cannot be told, or where it was not declared.
    """
    if weaviate is not None and _lives_on(weaviate, after):
        metadata = after["metadata"]
        record = cluster.get("ConfigMap", metadata["namespace"], address_name(metadata["name"]))
        made = read_made(record).get(wanted.level)
        return Sight("weaviate", weaviate.server.observe_level(wanted, made))
    if before is None or wanted.level not in (dig(before, "spec", "levels") or {}):
        return Sight("status", SeenLevel())
    if was is None or not is_at_rest(before):
        return Sight("table")
    return Sight("status", _as_declared(before, was))


def _as_declared(before: Json, was: WantedLevel) -> SeenLevel:
    """Return what is live by the word of a status that says that all is as declared."""
    tenants: dict[str, str] | None = None
    if was.place.shared:
        tenants = {was.tenant_of_pool: "HOT"}
    elif was.tenancy.enabled:
        tenants = {name: _READ.get(state, state) for name, state in was.tenants.items()}
    count, target = dig(before, "status", "counts", was.level), was.collection
    if not was.place.shared:  # a property that was added has left the revision in the name behind
        target = dig(before, "status", "address", was.level, "collection") or target
    return SeenLevel(target=target, live={**was.schema, "class": target}, tenants=tenants, count=count)


def _lives_on(weaviate: Weaviate, body: Json) -> bool:
    return bool((dig(body, "spec", "weaviate", "connection") or "default") == weaviate.connection)
