"""Holding back a change that would spoil an index with rotational quantization.

Weaviate 1.35 answers any update of a collection by compressing what is not compressed yet. An index with rq that holds
no object has no dimensions then; it is compressed for none, says that it is compressed, and finds one neighbour in ten
for ever after (figures in docs/decisions/0004-change-classes.md). It compresses itself rightly at its first object.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate.nodes import shards_of
from hirag_operator.errors import TooEarly
from hirag_operator.plan.collection.schemas import has_tenants

Json = Mapping[str, Any]


class Collections(Protocol):
    """What is asked of a server's collections and tenants."""

    def count_tenants(self, collection: str, tenants: Sequence[str]) -> Mapping[str, int]:
        """Count objects, which brings tenants into memory."""

    def count_collections(self, names: Sequence[str]) -> Mapping[str, int]:
        """Count objects, which brings shards into memory."""

    def set_tenant_states(self, collection: str, tenants: Mapping[str, str]) -> None:
        """Activate tenants, or put them away."""


@contextlib.contextmanager
def spared(server: JsonServer, calls: Collections, collection: str, live: Json) -> Iterator[None]:
    """Keep an update of a collection from the indexes that it would spoil: tenants without objects are put away for it.

    A write to such a tenant is refused meanwhile; an update that is interrupted leaves it inactive and unharmed.

    Raises:
        TooEarly: the collection has no tenants, and a shard of it no object yet.
    """
    untrained = _untrained(server, calls, collection, live) if _is_at_risk(live) else ()
    if untrained and not has_tenants(live):
        message = f"{collection} is quantized by rq and a shard of it is empty: a change now would spoil its index"
        raise TooEarly(server.name, message)
    if untrained:
        calls.set_tenant_states(collection, dict.fromkeys(untrained, "INACTIVE"))
    try:
        yield
    finally:
        if untrained:
            calls.set_tenant_states(collection, dict.fromkeys(untrained, "ACTIVE"))


def _is_at_risk(live: Json) -> bool:
    quantizer = (live.get("vectorIndexConfig") or {}).get("rq") or {}
    return live.get("vectorIndexType") == "hnsw" and bool(quantizer.get("enabled"))


def _untrained(server: JsonServer, calls: Collections, collection: str, live: Json) -> tuple[str, ...]:
    """Return the shards that are not compressed; those that are not in memory are brought there, as an update would."""
    shards = _shards(server, collection)
    if sleeping := [name for name, (loaded, _) in shards.items() if not loaded]:
        if has_tenants(live):
            calls.count_tenants(collection, sleeping)
        else:
            calls.count_collections([collection])
        shards = _shards(server, collection)
    return tuple(name for name, (_, compressed) in shards.items() if not compressed)


def _shards(server: JsonServer, collection: str) -> dict[str, tuple[bool, bool]]:
    """Return the active shards: whether each is in memory, and whether its index is compressed, on every node."""
    found: dict[str, tuple[bool, bool]] = {}
    for shard in shards_of(server, collection):
        name = shard["name"]
        loaded, compressed = found.get(name, (True, True))
        found[name] = (loaded and bool(shard.get("loaded")), compressed and bool(shard.get("compressed")))
    return found
