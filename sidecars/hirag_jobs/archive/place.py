"""The collection that is archived or filled: found by alias or by its own name, with all that Weaviate says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hirag_jobs.levelalias import LevelAlias
from hirag_jobs.objects.part import mixes_vectors
from hirag_jobs.rest import Rest
from hirag_jobs.stamp import fingerprint, of_pool
from hirag_jobs.target import check_shared
from hirag_kit.errors import ConfigurationError

ACTIVE = "ACTIVE"
INACTIVE = "INACTIVE"
# Weaviate reads states to us in the first spelling, and takes the second.
_SPELLINGS = {"HOT": ACTIVE, "COLD": INACTIVE, "FROZEN": "OFFLOADED"}


@dataclass(frozen=True)
class Place:
    """A collection.

    Args:
        alias: the alias that led to it; None where it was named itself.
        collection: its physical name.
        schema: as `GET /v1/schema/{class}` gives it.
        server_version: Weaviate's.
        states: tenant → its state, e.g. ACTIVE; None where it has no tenants.
    """

    alias: str | None
    collection: str
    schema: Mapping[str, Any]
    server_version: str
    states: Mapping[str, str] | None

    @property
    def fingerprint(self) -> str | None:
        """The embedding fingerprint of the vectors inside; None where the operator did not make it."""
        return fingerprint(self.schema)

    @property
    def shared(self) -> bool:
        """Whether it is a pool of shared levels, reached through the alias of one."""
        return self.alias is not None and of_pool(self.schema)

    def asked(self, tenants: Sequence[str]) -> Sequence[str]:
        """The tenants that were asked for; through the alias of a shared level, the one that it stands for.

        Raises:
            ConfigurationError: there are none here, or the alias stands for another, or is none of the operator's.
        """
        if tenants and self.states is None:
            raise ConfigurationError(f"collection {self.collection} has no tenants: leave --tenant out")
        if not self.shared:
            return list(dict.fromkeys(tenants))
        level = LevelAlias.parse(self.alias or "")
        for tenant in tenants or [level.tenant if level else ""]:
            check_shared(self.alias or "", self.schema, tenant)
        return [level.tenant] if level else []


def find_place(rest: Rest, alias: str | None, collection: str | None) -> Place:
    """Looks a collection up.

    Args:
        rest: of the Weaviate.
        alias: its alias, or
        collection: its own name.

    Raises:
        ConfigurationError: there is none, or its vectors are of a kind that an archive does not carry.
        VectorStoreError: Weaviate was not reached.
    """
    name = _behind(rest, alias) if alias is not None else collection or ""
    schema = rest.schema(name)
    if schema is None or schema["class"] != name:
        raise ConfigurationError(f"Weaviate has no collection {name}: correct --collection or --alias")
    if mixes_vectors(schema):
        raise ConfigurationError(f"collection {name} has named vectors and an unnamed one beside: that is not carried")
    return Place(alias, name, schema, rest.version(), _states(rest, schema))


def _behind(rest: Rest, alias: str) -> str:
    found = rest.alias_target(alias)
    if found is None:
        raise ConfigurationError(
            f"Weaviate has no alias {alias}; see status.address of the ContextCollection, "
            "or name the collection itself by --collection"
        )
    return found


def _states(rest: Rest, schema: Mapping[str, Any]) -> dict[str, str] | None:
    if not (schema.get("multiTenancyConfig") or {}).get("enabled"):
        return None
    states = rest.tenants(schema["class"])
    return {name: spelled(states[name]) for name in sorted(states)}


def spelled(state: str) -> str:
    """A tenant's state as Weaviate takes it, from how it tells it."""
    return _SPELLINGS.get(state, state)
