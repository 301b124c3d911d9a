"""What a Weaviate server says of itself. Asking changes nothing on it, and loads nothing into its memory."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate.nodes import shards_of
from hirag_operator.errors import Garbled, NotAuthorized, OperatorError, ReadOnly, Refused
from hirag_operator.plan.collection.serverhealth import ServerSeen

READ_ONLY = "READONLY"
LOOKS = 3  # at shards that take no writes: an update of their index makes them so for a moment
PAUSE_SECONDS = 0.3
SETTINGS_AGE = 300.0  # seconds; a server's version and settings change only when it restarts
SHARDS_AGE = 10.0  # seconds: a server names all its active tenants each time

Shards = dict[str, tuple[str, ...]]


class Health:
    """What one server said of itself lately; asked anew when that is too old, or was interrupted. Thread-safe.

    Attributes:
        changes: How often it answered otherwise than the time before: fell silent, came back, said something else.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: ServerSeen | None = None
        self._last: ServerSeen | type[OperatorError] | None = None
        self.changes = 0
        self._settings_until = self._shards_until = 0.0

    def look(self, server: JsonServer, *, fresh: bool = False) -> ServerSeen:
        """Return what the server says; others who ask meanwhile wait for the same answer.

        `fresh`: see at least that it answers at this moment, and as the same version.

        Raises:
            Unreachable, NotAuthorized, Refused, Garbled: as the server answered.
        """
        with self._lock:
            try:
                seen = self._look(server, fresh=fresh)
            except OperatorError as error:
                self._failed(error)
                raise
            self._seen = seen
            self._note(seen)
            return seen

    def failed(self, error: OperatorError) -> None:
        """Note that the server could not even be asked."""
        with self._lock:
            self._failed(error)

    def _failed(self, error: OperatorError) -> None:
        self._seen = None  # it may be another server when it answers again
        self._note(type(error))

    def _look(self, server: JsonServer, *, fresh: bool) -> ServerSeen:
        seen, now = self._seen, self._clock()
        if seen is None or now >= self._settings_until or (fresh and version(server) != seen.version):
            seen = ServerSeen(version(server), auto_schema(server), read_only_shards(server))
            self._settings_until, self._shards_until = now + SETTINGS_AGE, now + SHARDS_AGE
        elif now >= self._shards_until:
            seen = replace(seen, read_only=read_only_shards(server))
            self._shards_until = now + SHARDS_AGE
        return seen

    def _note(self, outcome: ServerSeen | type[OperatorError]) -> None:
        if self._last is not None and outcome != self._last:
            self.changes += 1
        self._last = outcome


def version(server: JsonServer) -> str:
    """Return the server's version, e.g. 1.35.2."""
    meta = server.ask("get_meta", "GET", "/v1/meta")
    if not isinstance(meta, Mapping) or not isinstance(meta.get("version"), str):
        raise Garbled(server.name, "/v1/meta names no version: is this a Weaviate?")
    return str(meta["version"])


def auto_schema(server: JsonServer) -> bool | None:
    """Return whether the server makes collections on write; None when it does not tell (a key without the right).

    It is offered an object without a class. Nothing can come of it; but with AutoSchema on, the server complains of
    having no name to make a collection by, and else of not knowing a collection of that name.
    """
    try:
        server.ask("offer_object", "POST", "/v1/objects", {"class": "", "properties": {}}, reads=True)
    except NotAuthorized:
        return None
    except Refused as error:
        if "class is empty" in error.message:
            return True
        return False if "not found in schema" in error.message else None
    raise Garbled(server.name, "it took an object without a class: is this a Weaviate?")


def read_only_shards(server: JsonServer, collection: str = "") -> Shards | None:
    """Return shards in memory that take no writes, of one physical collection or of all; None when not to be told.

    By /v1/nodes: /v1/schema/{collection}/shards would load every tenant, those that were put away too.
    """
    try:
        shards = shards_of(server, collection)
    except (NotAuthorized, Refused):
        return None
    found: dict[str, set[str]] = {}
    for shard in shards:
        if shard.get("vectorIndexingStatus") == READ_ONLY:
            found.setdefault(str(shard.get("class")), set()).add(str(shard.get("name")))
    return {name: tuple(sorted(shards)) for name, shards in found.items()}


def await_writable(server: JsonServer, collection: str) -> None:
    """Return when the collection takes changes: one that is refused for a READONLY shard would be half applied.

    Raises:
        ReadOnly: it takes none, and not only for the moment that an update of its index takes.
    """
    shards = _stuck(server, collection)
    for _ in range(LOOKS - 1):
        if not shards:
            return
        time.sleep(PAUSE_SECONDS)
        shards = _stuck(server, collection)
    if shards:
        named = shards[0] if len(shards) == 1 else f"{shards[0]} and {len(shards) - 1} more"
        message = f"{collection} takes no changes, for shard {named} is {READ_ONLY}; it is left as it is"
        raise ReadOnly(server.name, message)


def _stuck(server: JsonServer, collection: str) -> tuple[str, ...]:
    return (read_only_shards(server, collection) or {}).get(collection, ())
