"""One at a time in each collection: threads that change its settings, its tenants and their states."""

import contextlib
import threading
from collections.abc import Iterator
from weakref import WeakValueDictionary


class _Turn:
    """A lock that its holder may take again, kept for as long as somebody has it or waits for it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()


class Turns:
    """Turns by collection. Only one process acts at a time, so what it knows of its own threads is enough."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._turns: WeakValueDictionary[str, _Turn] = WeakValueDictionary()

    @contextlib.contextmanager
    def of(self, collection: str) -> Iterator[None]:
        """Wait for the turn in a collection, and have it."""
        with self._guard:
            turn = self._turns.setdefault(collection, _Turn())
        with turn.lock:
            yield
