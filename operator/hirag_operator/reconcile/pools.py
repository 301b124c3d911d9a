"""Who works in which pool of shared levels at this moment, so that none is removed under somebody's feet.

A pool goes when its last tenant has gone. Between the look that finds it empty and its removal another level could
become its tenant, and would lose its data. One process acts at a time, so what it knows of its own threads is enough.
"""

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple


class PoolKey(NamedTuple):
    """A pool on one of the Weaviate servers."""

    connection: str
    collection: str


class Pools:
    """Uses of pools by the threads of this process."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._users: Counter[PoolKey] = Counter()
        self._removing: set[PoolKey] = set()

    @contextlib.contextmanager
    def using(self, key: PoolKey) -> Iterator[None]:
        """Work in a pool; while it is being removed, wait until that is over."""
        with self._changed:
            self._changed.wait_for(lambda: key not in self._removing)
            self._users[key] += 1
        try:
            yield
        finally:
            with self._changed:
                self._users[key] -= 1
                if not self._users[key]:
                    del self._users[key]

    @contextlib.contextmanager
    def removing(self, key: PoolKey) -> Iterator[bool]:
        """Say whether one may look whether the pool is empty and remove it: False while others work in it."""
        with self._changed:
            free = not self._users[key] and key not in self._removing
            if free:
                self._removing.add(key)
        try:
            yield free
        finally:
            if free:
                with self._changed:
                    self._removing.discard(key)
                    self._changed.notify_all()
