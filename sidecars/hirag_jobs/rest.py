"""Weaviate's REST API as jobs use it: schemas, aliases, tenants and what nodes say of shards."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote
from uuid import UUID

import httpx
import stamina

from hirag_jobs.keys import without
from hirag_kit.errors import ConfigurationError, VectorStoreError

_REQUEST_SECONDS = 30.0
_FIRST_SECONDS, _PATIENT_SECONDS = 10.0, 120.0
_BODY_EXCERPT = 200
_NOTHING_THERE = {httpx.codes.NOT_FOUND, httpx.codes.UNPROCESSABLE_ENTITY}


class Rest:
    """Calls one Weaviate; a context manager that owns its connections. What may succeed later is tried again.

    For ten seconds before it has answered at all, for the address may be wrong; after that for two minutes.

    Args:
        url: root of the REST API, without `/v1`.
        api_key: sent as a bearer token.

    Raises:
        ConfigurationError: the server refuses what is asked, or the key.
        VectorStoreError: it was not reached, or failed.
    """

    def __init__(self, url: str, api_key: str | None) -> None:
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._api_key, self._answered = api_key, False
        self._client = httpx.Client(base_url=f"{url.rstrip('/')}/v1", headers=headers, timeout=_REQUEST_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def alias_target(self, alias: str) -> str | None:
        """The physical collection behind an alias; None where there is no such alias."""
        found = self._find(f"/aliases/{quote(alias, safe='')}")
        return None if found is None else str(found["class"])

    def aliases_of(self, collection: str) -> list[str]:
        """The aliases of a physical collection."""
        found = self._find(f"/aliases?class={quote(collection, safe='')}") or {}
        return [str(one["alias"]) for one in found.get("aliases") or []]

    def schema(self, collection: str) -> dict[str, Any] | None:
        """The class of a name, or behind an alias; None where there is none."""
        found: dict[str, Any] | None = self._find(f"/schema/{quote(collection, safe='')}")
        return found

    def tenants(self, collection: str) -> dict[str, str]:
        """All tenants of a physical collection, name → state: HOT, COLD, FROZEN, …

        Raises:
            ConfigurationError: there is no such collection, or it has no tenants.
        """
        found = self._find(f"/schema/{quote(collection, safe='')}/tenants")
        if found is None:  # not to be taken for a collection whose tenants were all deleted
            raise _no_tenants(collection)
        return {one["name"]: one.get("activityStatus", "HOT") for one in found}

    def tenant(self, collection: str, tenant: str) -> str | None:
        """The state of a tenant; None where there is no such tenant.

        Raises:
            ConfigurationError: there is no such collection.
        """
        found = self._find(f"/schema/{quote(collection, safe='')}/tenants/{quote(tenant, safe='')}")
        if found is None and self.schema(collection) is None:  # not to be taken for one that its owner deleted
            raise _no_tenants(collection)
        return None if found is None else str(found.get("activityStatus", "HOT"))

    def set_state(self, collection: str, tenant: str, state: str) -> None:
        """Makes a tenant ACTIVE or INACTIVE."""
        self._ask("PUT", f"/schema/{quote(collection, safe='')}/tenants", [{"name": tenant, "activityStatus": state}])

    def create_tenants(self, collection: str, tenants: Sequence[str]) -> None:
        """Makes tenants, active; those that there are stay as they are."""
        self._ask("POST", f"/schema/{quote(collection, safe='')}/tenants", [{"name": tenant} for tenant in tenants])

    def delete_tenants(self, collection: str, tenants: Sequence[str]) -> None:
        """Removes tenants with all that they hold; those that are gone are passed over."""
        self._ask("DELETE", f"/schema/{quote(collection, safe='')}/tenants", list(tenants))

    def delete_object(self, collection: str, tenant: str | None, identity: int) -> None:
        """Removes an object by its id as a number, whatever indexes know of it; one that is gone is passed over."""
        asked = "" if tenant is None else f"?tenant={quote(tenant, safe='')}"
        self._ask("DELETE", f"/objects/{quote(collection, safe='')}/{UUID(int=identity)}{asked}", gone=True)

    def version(self) -> str:
        """The server's version."""
        return str(self._find("/meta")["version"])

    def create(self, schema: Mapping[str, Any]) -> None:
        """Makes a collection; one of that name that exists stays as it is."""
        if self.schema(schema["class"]) is not None:
            return
        try:
            self._ask("POST", "/schema", schema)
        except ConfigurationError:
            if self.schema(schema["class"]) is None:  # else another was faster
                raise

    def nodes(self, collection: str) -> list[dict[str, Any]] | None:
        """The nodes that hold a physical collection, each with its shards; None where there is no such collection."""
        found = self._find(f"/nodes/{quote(collection, safe='')}?output=verbose")
        return None if found is None else list(found["nodes"])

    def now(self) -> int:
        """The time by the server's clock, in milliseconds since 1970, to the second below."""
        return int(parsedate_to_datetime(self._ask("GET", "/meta").headers["Date"]).timestamp()) * 1000

    def _find(self, path: str) -> Any:
        """The JSON at a path; None where there is nothing."""
        answer = self._ask("GET", path)
        return None if answer.status_code in _NOTHING_THERE else answer.json()

    def _ask(self, method: str, path: str, body: Any = None, *, gone: bool = False) -> httpx.Response:
        """The answer to a request; `gone` says that it is no error if what it is about is not there."""
        patience = _PATIENT_SECONDS if self._answered else _FIRST_SECONDS
        for attempt in stamina.retry_context(on=VectorStoreError, attempts=None, timeout=patience):
            with attempt:
                return self._ask_once(method, path, body, absence=_NOTHING_THERE if gone or method == "GET" else set())
        raise AssertionError  # stamina raises the last error itself

    def _ask_once(self, method: str, path: str, body: Any, absence: AbstractSet[int]) -> httpx.Response:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            said = without(self._api_key, str(error))
            raise VectorStoreError(f"Weaviate at {self._client.base_url} was not reached: {said}") from error
        self._answered = True
        if answer.is_server_error:
            raise VectorStoreError(f"{answer.url} answered {answer.status_code}")
        if answer.status_code in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
            raise ConfigurationError(f"{answer.url} answered {answer.status_code}; check --api-key-file")
        if not answer.is_success and answer.status_code not in absence:
            said = without(self._api_key, answer.text)[:_BODY_EXCERPT]
            raise ConfigurationError(f"{answer.url} answered {answer.status_code}: {said}")
        return answer


def _no_tenants(collection: str) -> ConfigurationError:
    return ConfigurationError(f"Weaviate has no collection {collection} with tenants")
