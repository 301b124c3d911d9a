"""What is to be said of the Weaviate server that a collection lives on: its version, its settings, its full disk."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from hirag_operator.api.conditions import ConditionType, Reason
from hirag_operator.plan.verdict import Aspect, Verdict, stalled

OLDEST = (1, 32)  # the first with aliases
NEXT_MAJOR = (2, 0)  # may change anything
MOST_NAMED = 5  # shards in a message

Shards = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class ServerSeen:
    """What a server says of itself; None where it does not let the operator know.

    `read_only`: physical collection → its shards (tenants) in memory that take no writes.
    """

    version: str
    auto_schema: bool | None = None
    read_only: Shards | None = field(default_factory=dict[str, tuple[str, ...]])


def unsupported(connection: str, seen: ServerSeen) -> Verdict | None:
    """Return the verdict on a server on which nothing can be made; None when there is no such obstacle."""
    version = _version(seen.version)
    if version is None or version >= OLDEST:
        return None
    message = f"Weaviate {connection!r} is {seen.version}, which has no aliases; run {_range()}."
    return stalled(Reason.WEAVIATE_VERSION_UNSUPPORTED, message)


def server_fit(connection: str, seen: ServerSeen) -> Aspect:
    """Return the condition ServerFit: warnings about a server that works."""
    version = _version(seen.version)
    if version is None or not OLDEST <= version < NEXT_MAJOR:
        message = f"Weaviate {connection!r} is {seen.version}, which this operator was not made for; run {_range()}."
        return Aspect(ConditionType.SERVER_FIT, False, Reason.WEAVIATE_VERSION_UNSUPPORTED, message)
    if seen.auto_schema:
        message = (
            f"Weaviate {connection!r} runs with AutoSchema on: a write through an alias whose collection is gone makes "
            f"that collection anew, without its index settings. Set AUTOSCHEMA_ENABLED=false on the server."
        )
        return Aspect(ConditionType.SERVER_FIT, False, Reason.AUTO_SCHEMA_ENABLED, message)
    known = "" if seen.auto_schema is None else ", and AutoSchema is off"
    message = f"Weaviate {connection!r} is {seen.version}{known}."
    return Aspect(ConditionType.SERVER_FIT, True, Reason.SERVER_FIT, message)


def writable(levels: Iterable[tuple[str, str, str | None]], seen: ServerSeen) -> Aspect | None:
    """Return the condition Writable of levels: (level, physical collection, the tenant of a pool or None).

    None when the server does not tell: some keys may not look at its nodes.
    """
    if seen.read_only is None:
        return None
    stuck = [
        f"{level} ({collection}: {_named(shards)})"
        for level, collection, tenant in levels
        if (shards := [s for s in seen.read_only.get(collection, ()) if tenant in {None, s}])
    ]
    if not stuck:
        return Aspect(ConditionType.WRITABLE, True, Reason.WRITABLE, "No shard of these levels is READONLY.")
    message = (
        f"Weaviate takes no writes into READONLY shards of {'; '.join(stuck)}: its disk or memory is full, or a person "
        f"set them so. Make room, then restart Weaviate or set each READY: "
        f'PUT /v1/schema/COLLECTION/shards/SHARD {{"status":"READY"}}. Reads go on.'
    )
    return Aspect(ConditionType.WRITABLE, False, Reason.WEAVIATE_READ_ONLY, message)


def _named(shards: list[str]) -> str:
    more = f" and {len(shards) - MOST_NAMED} more" if len(shards) > MOST_NAMED else ""
    return ", ".join(sorted(shards)[:MOST_NAMED]) + more


def _version(text: str) -> tuple[int, int] | None:
    found = re.match(r"v?(\d+)\.(\d+)", text)
    return None if found is None else (int(found[1]), int(found[2]))


def _range() -> str:
    return f"{OLDEST[0]}.{OLDEST[1]} or a later version of {OLDEST[0]}.x"
