"""The collection that is archived or filled: found by alias or by its own name, with all that Weaviate says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from hirag_jobs.levelalias import LevelAlias
from hirag_jobs.rest import get, rest_client
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

    @property
    def vectors(self) -> tuple[str, ...]:
        """Names of its named vectors; empty where it has the unnamed one."""
        return tuple(sorted(self.schema.get("vectorConfig") or {}))

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


def find_place(http_url: str, api_key: str | None, alias: str | None, collection: str | None) -> Place:
    """Looks a collection up.

    Args:
        http_url: root of Weaviate's REST API, without `/v1`.
        api_key: sent as a bearer token.
        alias: its alias, or
        collection: its own name.

    Raises:
        ConfigurationError: there is none, or its vectors are of a kind that an archive does not carry.
        VectorStoreError: Weaviate was not reached.
    """
    with rest_client(http_url, api_key) as client:
        name = _behind(client, http_url, alias) if alias is not None else collection or ""
        schema = get(client, f"/schema/{quote(name, safe='')}")
        if schema is None or schema["class"] != name:
            raise ConfigurationError(
                f"Weaviate at {http_url} has no collection {name}: correct --collection or --alias"
            )
        if schema.get("vectorConfig") and schema.get("vectorIndexType"):
            raise ConfigurationError(
                f"collection {name} has named vectors and an unnamed one beside: that is not carried"
            )
        return Place(alias, name, schema, get(client, "/meta")["version"], _states(client, schema))


def _behind(client: httpx.Client, http_url: str, alias: str) -> str:
    found = get(client, f"/aliases/{quote(alias, safe='')}")
    if found is None:
        raise ConfigurationError(
            f"Weaviate at {http_url} has no alias {alias}; see status.address of the ContextCollection, "
            "or name the collection itself by --collection"
        )
    name: str = found["class"]
    return name


def _states(client: httpx.Client, schema: Mapping[str, Any]) -> dict[str, str] | None:
    if not (schema.get("multiTenancyConfig") or {}).get("enabled"):
        return None
    tenants = get(client, f"/schema/{quote(schema['class'], safe='')}/tenants") or []
    states = {item["name"]: item["activityStatus"] for item in tenants}
    return {name: _SPELLINGS.get(states[name], states[name]) for name in sorted(states)}
