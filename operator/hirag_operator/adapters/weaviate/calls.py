"""Weaviate's schema, aliases, tenants and counts, call by call."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar
from urllib.parse import quote

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate.automatics import set_auto
from hirag_operator.adapters.weaviate.health import await_writable
from hirag_operator.adapters.weaviate.nodes import shards_of
from hirag_operator.adapters.weaviate.quantizers import spared
from hirag_operator.adapters.weaviate.turns import Turns
from hirag_operator.errors import Garbled, Refused
from hirag_operator.plan.merge import merged

Json = dict[str, Any]

NOT_FOUND = 404
TENANTS_PER_CALL = 1000
TENANTS_PER_PUT = 100  # the server's limit for a change of states
COUNTS_PER_QUERY = 100  # collections or tenants counted in one GraphQL document

Item = TypeVar("Item")


class Calls:
    """The REST API of one Weaviate server. Raises the errors of `hirag_operator.errors`; thread-safe."""

    def __init__(self, server: JsonServer) -> None:
        self._server = server
        self._turns = Turns()

    def close(self) -> None:
        """Close the pooled connections."""
        self._server.close()

    def step(self) -> AbstractContextManager[None]:
        """Make one change inside, of several calls perhaps; raises NotLeading where none may begin."""
        return self._server.fence.step()

    def require_ready(self) -> None:
        """Return if the server knows its own schema by now.

        While it starts it answers already, and knows none of its collections, or some, or those without their tenants.

        Raises:
            Unreachable: it does not answer, or is not ready yet.
        """
        self._server.ask("get_ready", "GET", "/v1/.well-known/ready")

    def alias_target(self, alias: str) -> str | None:
        """Return the physical collection behind `alias`, or None when there is no such alias."""
        found = self._server.find("get_alias", f"/v1/aliases/{quote(alias)}")
        with self._understood("an alias"):
            return None if found is None else str(found["class"])

    def aliases(self) -> dict[str, str]:
        """Return all aliases with their targets."""
        found = self._server.ask("list_aliases", "GET", "/v1/aliases")
        with self._understood("the aliases"):
            return {str(one["alias"]): str(one["class"]) for one in found["aliases"] or []}

    def collection(self, name: str) -> Json | None:
        """Return the schema of the physical collection `name`, or None.

        The server resolves aliases here too; a class that answers under another name is not the one asked for.
        """
        found = self._server.find("get_class", f"/v1/schema/{quote(name)}")
        with self._understood("a collection"):
            return None if found is None or found["class"] != name else dict(found)

    def collections(self) -> list[Json]:
        """Return the schemas of all collections."""
        found = self._server.ask("list_classes", "GET", "/v1/schema")
        with self._understood("the schema"):
            return [dict(one) for one in found["classes"] or []]

    def tenants(self, collection: str) -> dict[str, str]:
        """Return the tenants of a multi-tenant collection with their states as Weaviate reads them: HOT, COLD, …"""
        found = self._server.ask("list_tenants", "GET", f"/v1/schema/{quote(collection)}/tenants") or []
        with self._understood("the tenants"):
            return {t["name"]: t.get("activityStatus", "HOT") for t in found}

    def tenant(self, collection: str, tenant: str) -> str | None:
        """Return the state of one tenant, or None when the collection has no such tenant."""
        found = self._server.find("get_tenant", f"/v1/schema/{quote(collection)}/tenants/{quote(tenant)}")
        with self._understood("a tenant"):
            return None if found is None else str(found.get("activityStatus", "HOT"))

    def shards(self, collection: str) -> dict[str, bool]:
        """Return the active tenants of a multi-tenant collection: whether each is in memory.

        What this call says of objects is left out: it knows nothing of what is not flushed to disk yet, not even after
        a restart.
        """
        shards = shards_of(self._server, collection)
        with self._understood("the nodes"):
            return {str(shard["name"]): bool(shard.get("loaded", True)) for shard in shards}

    def count_collections(self, names: Iterable[str]) -> dict[str, int]:
        """Return the exact number of objects of collections without tenants.

        Aggregate is exact on unflushed data, unlike the node statistics.
        """
        return self._counted((name, name, "") for name in names)

    def count_tenants(self, collection: str, tenants: Iterable[str]) -> dict[str, int]:
        """Return the exact number of objects by tenant. One that was not in memory is brought there by it."""
        return self._counted((tenant, collection, f'(tenant:"{tenant}")') for tenant in tenants)

    def _counted(self, asked: Iterable[tuple[str, str, str]]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for chunk in _chunks(list(asked), COUNTS_PER_QUERY):
            fields = " ".join(f"a{i}:{name}{where}{{meta{{count}}}}" for i, (_, name, where) in enumerate(chunk))
            answer = self._server.ask(
                "aggregate", "POST", "/v1/graphql", {"query": f"{{Aggregate{{{fields}}}}}"}, reads=True
            )
            with self._understood("a count"):
                if answer.get("errors"):
                    raise Refused(self._server.name, "; ".join(str(e.get("message")) for e in answer["errors"]), 422)
                groups = answer["data"]["Aggregate"]
                for i, (key, _, _) in enumerate(chunk):
                    counts[key] = sum(int(group["meta"]["count"]) for group in groups[f"a{i}"])
        return counts

    def create_collection(self, schema: Mapping[str, Any]) -> None:
        """Make a collection from a whole schema."""
        self._server.ask("create_class", "POST", "/v1/schema", schema)

    def update_collection(self, collection: str, changes: Mapping[str, Any]) -> None:
        """Merge `changes` into the live schema and write it back whole: a sparse PUT would reset what it leaves out.

        Raises:
            ReadOnly: the collection takes no changes at present; nothing was sent.
            TooEarly: the change would spoil its index; nothing was sent.
            Refused: the server refused; what it took into its schema all the same is taken out again.
        """
        path = f"/v1/schema/{quote(collection)}"
        await_writable(self._server, collection)
        with self._turns.of(collection):
            live = self._server.ask("get_class", "GET", path)
            changed = merged(live, changes)
            if changed != live:  # otherwise another level of the pool came first
                with spared(self._server, self, collection, live):
                    self._put(path, live, changed)

    def set_auto(self, collection: str, auto: str) -> None:
        """Have a collection with tenants do so much with them of its own accord; one that is gone does nothing."""
        with self._turns.of(collection):
            if (live := self.collection(collection)) is not None:
                set_auto(self._server, self, live, auto)

    def _put(self, path: str, live: Mapping[str, Any], changed: Mapping[str, Any]) -> None:
        try:
            self._server.ask("update_class", "PUT", path, changed)
        except Refused:
            # The schema can have changed where the index did not. It would look done at the next look, and never be.
            with contextlib.suppress(Refused):
                self._server.ask("update_class", "PUT", path, live)
            raise

    def add_property(self, collection: str, schema: Mapping[str, Any]) -> None:
        """Add a property to a collection; raises ReadOnly, with nothing sent, while it takes no changes."""
        await_writable(self._server, collection)
        self._server.ask("add_property", "POST", f"/v1/schema/{quote(collection)}/properties", schema)

    def delete_collection(self, collection: str) -> None:
        """Delete a collection with its data; one that is gone already is fine."""
        self._gone("delete_class", f"/v1/schema/{quote(collection)}")

    def create_alias(self, alias: str, collection: str) -> None:
        """Make an alias."""
        self._server.ask("create_alias", "POST", "/v1/aliases", {"alias": alias, "class": collection})

    def move_alias(self, alias: str, collection: str) -> None:
        """Point an alias at another collection."""
        self._server.ask("update_alias", "PUT", f"/v1/aliases/{quote(alias)}", {"class": collection})

    def delete_alias(self, alias: str) -> None:
        """Delete an alias; one that is gone already is fine."""
        self._gone("delete_alias", f"/v1/aliases/{quote(alias)}")

    def create_tenants(self, collection: str, tenants: Mapping[str, str]) -> None:
        """Create tenants, name → state as Weaviate writes it; those that exist stay as they are."""
        with self._turns.of(collection):
            self._send_tenants("create_tenants", "POST", collection, tenants, TENANTS_PER_CALL)

    def set_tenant_states(self, collection: str, tenants: Mapping[str, str]) -> None:
        """Change the states of tenants."""
        with self._turns.of(collection):
            self._send_tenants("update_tenants", "PUT", collection, tenants, TENANTS_PER_PUT)

    def delete_tenants(self, collection: str, tenants: Sequence[str]) -> None:
        """Delete tenants with their data; those that are gone already are fine."""
        for chunk in _chunks(sorted(tenants), TENANTS_PER_CALL):
            self._gone("delete_tenants", f"/v1/schema/{quote(collection)}/tenants", list(chunk))

    def _send_tenants(self, name: str, method: str, collection: str, tenants: Mapping[str, str], per_call: int) -> None:
        path = f"/v1/schema/{quote(collection)}/tenants"
        for chunk in _chunks(sorted(tenants.items()), per_call):
            body = [{"name": tenant, "activityStatus": state} for tenant, state in chunk]
            self._server.ask(name, method, path, body)

    def _gone(self, operation: str, path: str, body: Any = None) -> None:
        try:
            self._server.ask(operation, "DELETE", path, body)
        except Refused as error:
            if error.status != NOT_FOUND:
                raise

    @contextlib.contextmanager
    def _understood(self, what: str) -> Iterator[None]:
        try:
            yield
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            message = f"the answer about {what} has not Weaviate's form: is this a Weaviate?"
            raise Garbled(self._server.name, message) from error


def _chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
