"""The work queue: which object is looked at when.

Objects are keys; an event, a resync or a retry only says when a key falls due, so a hundred events while an object
waits cost one reconcile. One key is never worked on twice at a time, failures back off key by key, and an object in
trouble delays no other (after the work queues of client-go).
"""

import asyncio
import heapq
import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


class Key(NamedTuple):
    """An object to reconcile."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True)
class Pace:
    """How often objects are looked at, in seconds; `jitter` is a share of the delay (0 to 1)."""

    resync: float = 120.0
    first_retry: float = 0.5
    longest_retry: float = 120.0
    jitter: float = 0.2


@dataclass
class _State:
    due: float | None = None
    working: bool = False
    failures: int = 0
    forgotten: bool = False


@dataclass
class WorkQueue:
    """Keys by the time they fall due. For one event loop; not thread-safe."""

    pace: Pace = Pace()
    clock: Callable[[], float] = time.monotonic
    _states: dict[Key, _State] = field(default_factory=dict)
    _heap: list[tuple[float, int, Key]] = field(default_factory=list)
    _tickets: "itertools.count[int]" = field(default_factory=itertools.count)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, key: Key, delay: float = 0.0) -> None:
        """Have `key` fall due in `delay` seconds, or earlier if it already does; while it is worked on, after that."""
        state = self._states.setdefault(key, _State())
        state.forgotten = False
        due = self.clock() + delay
        if state.due is not None and state.due <= due:
            return
        state.due = due
        heapq.heappush(self._heap, (due, next(self._tickets), key))
        self._changed.set()

    def forget(self, key: Key) -> None:
        """Drop a key whose object is gone, once its present work ends."""
        state = self._states.get(key)
        if state is not None:
            state.forgotten, state.due = True, None
            if not state.working:
                del self._states[key]

    async def take(self) -> tuple[Key, float]:
        """Wait for the next due key; return it with the seconds that it waited beyond its time."""
        while True:
            wait = self._until_next()
            if wait is None or wait > 0:
                # Cleared only here: taking a due key must not take the signal from a worker that is about to wait.
                self._changed.clear()
                await self._woken(wait)
                continue
            due, _, key = heapq.heappop(self._heap)
            state = self._states[key]
            state.due, state.working = None, True
            return key, max(0.0, self.clock() - due)

    def done(self, key: Key, *, failed: bool, gone: bool = False) -> None:
        """End the work on `key` and set its next time: retry with backoff, or at the next resync.

        With `gone` there is no next time, unless an event asked for one meanwhile: the object may have come back.
        """
        state = self._states[key]
        state.working = False
        state.failures = state.failures + 1 if failed else 0
        if state.forgotten:
            del self._states[key]
            return
        if state.due is not None:  # asked for while it was worked on
            heapq.heappush(self._heap, (state.due, next(self._tickets), key))
            self._changed.set()
            return
        if gone:
            del self._states[key]
            return
        self.add(key, self._delay(state))

    def waiting(self) -> dict[str, int]:
        """Return how many keys are due and not yet taken, by kind."""
        now, counts = self.clock(), dict[str, int]()
        for key, state in self._states.items():
            if state.due is not None and state.due <= now and not state.working:
                counts[key.kind] = counts.get(key.kind, 0) + 1
        return counts

    def _delay(self, state: _State) -> float:
        delay = self.pace.resync
        if state.failures:
            doubled = self.pace.first_retry * 2.0 ** min(state.failures - 1, 32)
            delay = min(self.pace.longest_retry, doubled)
        return delay * (1 + self.pace.jitter * random.random())  # noqa: S311  spreads load, guards nothing

    def _until_next(self) -> float | None:
        """Return the seconds until the next key falls due (0 or less: now); entries that were overtaken are dropped."""
        while self._heap:
            due, _, key = self._heap[0]
            state = self._states.get(key)
            if state is not None and state.due == due and not state.working:
                return due - self.clock()
            heapq.heappop(self._heap)
        return None

    async def _woken(self, wait: float | None) -> None:
        """Sleep until something changes or `wait` seconds are over.

        Not by `wait_for`, which makes a task of its own, and kopf waits at its end for tasks that it does not know.
        """
        alarm = None if wait is None else asyncio.get_running_loop().call_later(wait, self._changed.set)
        try:
            await self._changed.wait()
        finally:
            if alarm is not None:
                alarm.cancel()
