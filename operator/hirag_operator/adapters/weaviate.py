"""The only place that speaks to Weaviate.

It speaks the REST schema API with whole JSON documents rather than the client's typed configuration: a PUT that leaves
a field out resets it (and the typed models leave out what they do not know), so updates must read, merge and write
exactly what the server holds. See docs/decisions/0003-weaviate-rest.md.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from hirag_operator.adapters.http import JsonServer
from hirag_operator.errors import Garbled, Refused
from hirag_operator.plan.contextcollection import SeenLevel
from hirag_operator.plan.levels import WantedLevel
from hirag_operator.plan.merge import merged
from hirag_operator.plan.stamp import read_stamp
from hirag_operator.plan.steps import (
    AddProperty,
    CreateAlias,
    CreateCollection,
    CreateTenants,
    DeleteAlias,
    DeleteCollection,
    SetTenantStates,
    UpdateCollection,
    WeaviateStep,
)

Json = dict[str, Any]
NOT_FOUND = 404
TENANTS_PER_CALL = 100  # the server's limit for a PUT
COUNTS_PER_QUERY = 100  # tenants counted in one GraphQL document


class WeaviateAdapter:
    """Observes and changes one Weaviate server. Raises the errors of `hirag_operator.errors`; thread-safe."""

    def __init__(self, server: JsonServer) -> None:
        self._server = server

    def close(self) -> None:
        """Close the pooled connections."""
        self._server.close()

    def observe_level(self, wanted: WantedLevel) -> SeenLevel:
        """Look at everything that stands at a level's address."""
        target = self.alias_target(wanted.place.alias)
        if target is None:
            clash = self.collection(wanted.place.alias) is not None
            return SeenLevel(clash=clash, spares=self._spares(wanted))
        live = self.collection(target)
        if live is None:
            return SeenLevel(target=target)
        tenants = self.tenants(target) if (live.get("multiTenancyConfig") or {}).get("enabled") else None
        # Only loaded tenants can be counted; waking the others to count them would cost what putting them away saved.
        loaded = None if tenants is None else [name for name, state in tenants.items() if state == "HOT"]
        return SeenLevel(target=target, live=live, tenants=tenants, count=self.count(target, loaded))

    def _spares(self, wanted: WantedLevel) -> tuple[Json, ...]:
        """Return what a missing alias could point at: the wanted collection, or else any with the owner's stamp."""
        made = self.collection(wanted.collection)
        if made is not None:
            return (made,)
        owner = wanted.stamp.owner
        return tuple(c for c in self.collections() if (stamp := read_stamp(c)) and stamp.owner == owner)

    def alias_target(self, alias: str) -> str | None:
        """Return the physical collection behind `alias`, or None when there is no such alias."""
        found = self._server.find("get_alias", f"/v1/aliases/{quote(alias)}")
        with self._understood("an alias"):
            return None if found is None else str(found["class"])

    def collection(self, name: str) -> Json | None:
        """Return the schema of the physical collection `name`, or None.

        The server resolves aliases here too; a class that answers under another name is not the one asked for.
        """
        found = self._server.find("get_class", f"/v1/schema/{quote(name)}")
        with self._understood("a collection"):
            return None if found is None or found["class"] != name else dict(found)

    def collections(self) -> list[Json]:
        """Return the schemas of all collections: dear on large servers, so only for the rare search for lost ones."""
        found = self._server.ask("list_classes", "GET", "/v1/schema")
        with self._understood("the schema"):
            return [dict(one) for one in found.get("classes") or []]

    def tenants(self, collection: str) -> dict[str, str]:
        """Return the tenants of a multi-tenant collection with their states: HOT, COLD or FROZEN."""
        found = self._server.ask("list_tenants", "GET", f"/v1/schema/{quote(collection)}/tenants") or []
        with self._understood("the tenants"):
            return {t["name"]: t.get("activityStatus", "HOT") for t in found}

    def count(self, collection: str, tenants: Sequence[str] | None = None) -> int:
        """Return the exact number of objects, summed over `tenants` when the collection is multi-tenant.

        Aggregate is exact on unflushed data, unlike the node statistics.
        """
        if tenants is None:
            return self._counted(f"{{Aggregate{{a0:{collection}{{meta{{count}}}}}}}}")
        total = 0
        for start in range(0, len(tenants), COUNTS_PER_QUERY):
            chunk = tenants[start : start + COUNTS_PER_QUERY]
            aliases = " ".join(f'a{i}:{collection}(tenant:"{t}"){{meta{{count}}}}' for i, t in enumerate(chunk))
            total += self._counted(f"{{Aggregate{{{aliases}}}}}")
        return total

    def _counted(self, query: str) -> int:
        answer = self._server.ask("aggregate", "POST", "/v1/graphql", {"query": query})
        with self._understood("a count"):
            if answer.get("errors"):
                raise Refused(self._server.name, "; ".join(str(e.get("message")) for e in answer["errors"]), 422)
            groups = answer["data"]["Aggregate"].values()
            return sum(int(group["meta"]["count"]) for found in groups for group in found)

    @contextlib.contextmanager
    def _understood(self, what: str) -> Iterator[None]:
        try:
            yield
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Garbled(
                self._server.name, f"the answer about {what} has not Weaviate's form: is this a Weaviate?"
            ) from error

    def apply(self, step: WeaviateStep) -> None:
        """Carry out one step."""
        match step:
            case CreateCollection(schema):
                self._server.ask("create_class", "POST", "/v1/schema", schema)
            case UpdateCollection(collection, changes, _):
                self._update(collection, changes)
            case AddProperty(collection, schema):
                self._server.ask("add_property", "POST", f"/v1/schema/{quote(collection)}/properties", schema)
            case CreateAlias(alias, collection):
                self._server.ask("create_alias", "POST", "/v1/aliases", {"alias": alias, "class": collection})
            case DeleteAlias(alias):
                self._gone("delete_alias", f"/v1/aliases/{quote(alias)}")
            case DeleteCollection(collection):
                self._gone("delete_class", f"/v1/schema/{quote(collection)}")
            case CreateTenants(collection, tenants):
                self._tenants("create_tenants", "POST", collection, tenants)
            case SetTenantStates(collection, tenants):
                self._tenants("update_tenants", "PUT", collection, tenants)

    def _update(self, collection: str, changes: Mapping[str, Any]) -> None:
        """Merge `changes` into the live schema and write it back whole: a sparse PUT would reset what it leaves out."""
        path = f"/v1/schema/{quote(collection)}"
        live = self._server.ask("get_class", "GET", path)
        self._server.ask("update_class", "PUT", path, merged(live, changes))

    def _tenants(self, operation: str, method: str, collection: str, tenants: Mapping[str, str]) -> None:
        body = [{"name": name, "activityStatus": state} for name, state in sorted(tenants.items())]
        for start in range(0, len(body), TENANTS_PER_CALL):
            path = f"/v1/schema/{quote(collection)}/tenants"
            self._server.ask(operation, method, path, body[start : start + TENANTS_PER_CALL])

    def _gone(self, operation: str, path: str) -> None:
        try:
            self._server.ask(operation, "DELETE", path)
        except Refused as error:
            if error.status != NOT_FOUND:
                raise
