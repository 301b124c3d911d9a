"""Where a job reads and writes: an alias, the collection behind it and a tenant, checked before anything is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hirag_jobs.levelalias import LevelAlias
from hirag_jobs.rest import Rest
from hirag_jobs.stamp import of_pool, stamp
from hirag_kit.errors import ConfigurationError

_ACTIVE = {"HOT", "ACTIVE"}


@dataclass(frozen=True)
class Target:
    """A collection reached through its alias.

    Args:
        alias: the stable name, for data; the physical one where that was asked for.
        collection: the physical name, for what aliases do not resolve.
        schema: the class as `GET /v1/schema/{class}` gives it.
        tenant: the tenant; None in a collection without tenants.
    """

    alias: str
    collection: str
    schema: Mapping[str, Any]
    tenant: str | None

    @property
    def level(self) -> str | None:
        """The level that the operator made the collection for, or in a pool the alias; None without a stamp."""
        if of_pool(self.schema):
            shared = LevelAlias.parse(self.alias)
            return shared.level if shared else None
        return stamp(self.schema).get("level")

    def require(self, properties: Mapping[str, str]) -> None:
        """Refuses a collection that lacks properties.

        Args:
            properties: property → Weaviate data type.

        Raises:
            ConfigurationError: some are missing, or of another type.
        """
        found = {item["name"]: item["dataType"][0] for item in self.schema["properties"]}
        wrong = [f"{name} ({kind})" for name, kind in properties.items() if found.get(name) != kind]
        if wrong:
            raise ConfigurationError(
                f"collection {self.collection} behind alias {self.alias} lacks {', '.join(wrong)}; "
                "is it one that the operator made for a ContextCollection?"
            )


def find_target(http_url: str, api_key: str | None, alias: str, tenant: str | None) -> Target:
    """Looks an alias up and checks its tenant.

    Args:
        http_url: root of Weaviate's REST API, without `/v1`.
        api_key: sent as a bearer token.
        alias: the alias; a collection's own name is refused, because it changes with each revision.
        tenant: the tenant to use.

    Raises:
        ConfigurationError: there is no such alias, or its tenant is missing, unknown, inactive or superfluous, or is
            another alias'.
        VectorStoreError: Weaviate was not reached.
    """
    with Rest(http_url, api_key) as rest:
        collection = rest.alias_target(alias)
        if collection is None:
            raise ConfigurationError(
                f"Weaviate at {http_url} has no alias {alias}; see status.address of the ContextCollection"
            )
        schema = rest.schema(collection)
        if schema is None:
            raise ConfigurationError(f"alias {alias} points at collection {collection}, which does not exist")
        if of_pool(schema):
            check_shared(alias, schema, tenant)
        _check_tenant(rest, schema, tenant)
    return Target(alias, collection, schema, tenant)


def find_collection(http_url: str, api_key: str | None, collection: str, tenant: str | None) -> Target:
    """Looks a collection up by its physical name, whatever aliases lead to it, and checks its tenant.

    Raises:
        ConfigurationError: there is no such collection, or its tenant is missing, unknown, inactive or superfluous.
        VectorStoreError: Weaviate was not reached.
    """
    with Rest(http_url, api_key) as rest:
        schema = rest.schema(collection)
        if schema is None:
            raise ConfigurationError(f"Weaviate at {http_url} has no collection {collection}")
        if schema["class"] != collection:
            raise ConfigurationError(f"{collection} is an alias of {schema['class']}: name it by --alias")
        _check_tenant(rest, schema, tenant)
    return Target(collection, collection, schema, tenant)


def check_shared(alias: str, schema: Mapping[str, Any], tenant: str | None) -> None:
    """Refuses a pool's tenant that is not the one of the alias: its neighbours are other people's indexes."""
    shared = LevelAlias.parse(alias)
    if shared is None:
        raise ConfigurationError(
            f"alias {alias} leads to {schema['class']}, a pool of shared levels, and is none that the operator gave: "
            "use the one in status.address of the ContextCollection"
        )
    if tenant is None:
        raise ConfigurationError(
            f"alias {alias} leads to a pool of shared levels: name its tenant by --tenant {shared.tenant}"
        )
    if tenant != shared.tenant:
        raise ConfigurationError(
            f"alias {alias} stands for tenant {shared.tenant}, not for {tenant}: correct --tenant or --alias"
        )


def _check_tenant(rest: Rest, schema: Mapping[str, Any], tenant: str | None) -> None:
    collection = schema["class"]
    tenancy = schema.get("multiTenancyConfig") or {}
    if not tenancy.get("enabled"):
        if tenant is not None:
            raise ConfigurationError(f"collection {collection} has no tenants: leave --tenant out")
        return
    if tenant is None:
        raise ConfigurationError(f"collection {collection} has tenants: name one by --tenant")
    state = rest.tenant(collection, tenant)
    if state is None:
        if not tenancy.get("autoTenantCreation") or of_pool(schema):
            raise ConfigurationError(f"collection {collection} has no tenant {tenant}")
    elif state not in _ACTIVE and not tenancy.get("autoTenantActivation"):
        raise ConfigurationError(f"tenant {tenant} of collection {collection} is {state}: activate it first")
