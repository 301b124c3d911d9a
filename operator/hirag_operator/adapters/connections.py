"""The Weaviate servers that the operator is configured with, by the name that collections use."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hirag_operator.adapters.breaker import Breaker
from hirag_operator.adapters.fence import OPEN, Fence
from hirag_operator.adapters.http import JsonServer, Observer
from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.adapters.weaviate.health import Health
from hirag_operator.errors import NotAuthorized, OperatorError
from hirag_operator.plan.collection.migration.space import Capacity
from hirag_operator.plan.collection.serverhealth import ServerSeen

UNDECLARED = Capacity()
KEY_LIMIT = 4096  # characters; a file that holds more is something else


@dataclass(frozen=True)
class Target:
    """How one Weaviate is reached; the key stays in its file, so that a rotated Secret is taken up by itself.

    `api_key_secret` names the Secret that holds the same key, and the key in it: Jobs mount it themselves.
    `capacity` is what it may use for data. `adoptable` are patterns, by namespace, of names of collections that its
    objects may adopt.
    """

    url: str
    api_key_file: Path | None = None
    timeout_seconds: float = 10.0
    grpc_address: str = ""
    api_key_secret: tuple[str, str] | None = None
    capacity: Capacity = UNDECLARED
    adoptable: Mapping[str, Sequence[str]] = field(default_factory=dict)


class Connections:
    """Adapters by connection name, made on first use and anew when a key changes. Thread-safe.

    `max_age` is how many seconds old the look may be by which an adapter finds that all is well; `fence` is passed by
    all that changes a server.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        *,
        max_age: float = 0.0,
        fence: Fence = OPEN,
        observe: Observer = lambda _operation, _seconds: None,
    ) -> None:
        self._targets = dict(targets)
        self._max_age = max_age
        self._fence = fence
        self._observe = observe
        self._breakers = {name: Breaker() for name in self._targets}  # they outlive a rotated key
        self._health = {name: Health() for name in self._targets}
        self._open: dict[str, tuple[str | None, JsonServer, WeaviateAdapter]] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """Return the configured names."""
        return sorted(self._targets)

    def target(self, name: str) -> Target | None:
        """Return how a connection is configured."""
        return self._targets.get(name)

    def get(self, name: str) -> WeaviateAdapter | None:
        """Return the adapter of a connection; None when there is no such connection.

        Raises:
            NotAuthorized: the key's file cannot be read, or holds no key.
        """
        opened = self._opened(name)
        return None if opened is None else opened[1]

    def health(self, name: str, *, fresh: bool = False) -> ServerSeen | None:
        """Return what the server of a connection says of itself, some seconds old at most; None as in `get`.

        `fresh`: only if it answers at this moment.

        Raises:
            NotAuthorized: the key's file cannot be read, or holds no key.
            Unreachable, NotAuthorized, Refused, Garbled: as the server answered.
        """
        try:
            opened = self._opened(name)
        except NotAuthorized as error:
            self._health[name].failed(error)
            raise
        if opened is None:
            return None
        server, adapter = opened
        try:
            return self._health[name].look(server, fresh=fresh)
        except OperatorError:
            adapter.forget()
            raise

    def forget(self) -> None:
        """Go by nothing that was seen of any server until now: another process may have changed them since."""
        with self._lock:
            for _, _, adapter in self._open.values():
                adapter.forget()

    def changes(self, name: str) -> int:
        """Return how often the server of a configured connection answered `health` otherwise than the time before."""
        return self._health[name].changes

    def _opened(self, name: str) -> tuple[JsonServer, WeaviateAdapter] | None:
        target = self._targets.get(name)
        if target is None:
            return None
        key = self._key(name, target)
        with self._lock:
            known = self._open.get(name)
            if known is not None and known[0] == key:
                return known[1:]
            # A replaced adapter is not closed: another thread may be in the middle of a call.
            server = JsonServer(
                f"Weaviate {name!r}",
                target.url,
                bearer=key,
                timeout_seconds=target.timeout_seconds,
                breaker=self._breakers[name],
                fence=self._fence,
                observe=self._observe,
            )
            self._open[name] = (key, server, WeaviateAdapter(server, self._max_age))
            return self._open[name][1:]

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for _, _, adapter in self._open.values():
                adapter.close()
            self._open.clear()

    def _key(self, name: str, target: Target) -> str | None:
        if target.api_key_file is None:
            return None
        try:
            with target.api_key_file.open() as file:
                key = file.read(KEY_LIMIT + 1).strip()
        except OSError as error:
            raise NotAuthorized(f"Weaviate {name!r}", f"key file {target.api_key_file}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise NotAuthorized(f"Weaviate {name!r}", f"key file {target.api_key_file} is not text") from error
        if len(key) > KEY_LIMIT:
            message = f"key file {target.api_key_file} holds more than the {KEY_LIMIT} characters that a key may have"
            raise NotAuthorized(f"Weaviate {name!r}", message)
        if not key:
            raise NotAuthorized(f"Weaviate {name!r}", f"key file {target.api_key_file} is empty")
        return key
