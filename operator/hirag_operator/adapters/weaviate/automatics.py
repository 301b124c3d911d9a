"""What a collection does with its tenants of its own accord: wake one that is used, make one that is not there.

A change of a shard's status, of a tenant that sleeps, would have the server wake it while it applies that change, which
Weaviate 1.35 waits for in the very same place: its schema takes no further change, for ever. So it is switched off
before any such change is sent, and on again when the last one was answered.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate.quantizers import Collections, spared
from hirag_operator.errors import Refused

Json = Mapping[str, Any]

_SETTINGS: Final = {"activation": "autoTenantActivation", "creation": "autoTenantCreation"}


def auto_of(schema: Json) -> str:
    """Return what a collection does of its own accord, in order and with commas; empty: nothing, or has no tenants."""
    config = schema.get("multiTenancyConfig") or {}
    return ",".join(word for word, setting in _SETTINGS.items() if config.get("enabled") and config.get(setting))


def with_auto(schema: Json, auto: str) -> dict[str, Any]:
    """Return a schema of a collection that does so much of its own accord, and is as it was otherwise."""
    words = set(auto.split(","))
    config = {setting: word in words for word, setting in _SETTINGS.items()}
    return {**schema, "multiTenancyConfig": {**schema["multiTenancyConfig"], **config}}


def set_auto(server: JsonServer, calls: Collections, live: Json, auto: str) -> None:
    """Have a collection, whose schema is `live`, do so much of its own accord; nothing where it does.

    The server complains of shards that take no writes, which it need not change for this, when its schema has changed
    already.
    """
    if auto_of(live) == auto:
        return
    name = str(live["class"])
    path = f"/v1/schema/{quote(name)}"
    with spared(server, calls, name, live):
        try:
            server.ask("update_class", "PUT", path, with_auto(live, auto))
        except Refused:
            if auto_of(server.ask("get_class", "GET", path)) != auto:
                raise
