"""The work queue: which object is looked at when.

Objects are keys; an event, a resync or a retry only says when a key falls due, so a hundred events while an object
waits cost one reconcile. One key is never worked on twice at a time, failures back off key by key, and an object in
trouble delays no other (after the work queues of client-go): keys whose last attempt failed have a lane of their own,
with fewer workers than there are.
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
    """How often objects are looked at, in seconds.

    `jitter`: share of every delay (0 to 1) by which it is lengthened at random. `spread`: share of a key's first
    resync by which it is shortened at random, so that objects that were all first looked at together are not later.
    `apart`: shortest time from the beginning of one attempt at a key to that of the next.
    """

    resync: float = 300.0
    first_retry: float = 0.5
    longest_retry: float = 120.0
    jitter: float = 0.2
    spread: float = 1.0
    apart: float = 0.1


class Waiting(NamedTuple):
    """Keys of one kind that are due and not yet taken: how many, and for how many seconds the oldest."""

    depth: int
    seconds: float


NOTHING_WAITS = Waiting(0, 0.0)


@dataclass
class _State:
    due: float | None = None
    working: bool = False
    failures: int = 0
    forgotten: bool = False
    settled: bool = False
    begun: float = float("-inf")


_Lane = list[tuple[float, int, Key]]  # a heap


@dataclass
class WorkQueue:
    """Keys by the time they fall due. For one event loop; not thread-safe.

    `most_failing`: how many keys whose last attempt failed may be worked on at a time (None: any number). While it is
    paused, keys gather and none is taken.
    """

    pace: Pace = Pace()
    clock: Callable[[], float] = time.monotonic
    most_failing: int | None = None
    _paused: bool = False
    _states: dict[Key, _State] = field(default_factory=dict)
    _healthy: _Lane = field(default_factory=list)
    _failing: _Lane = field(default_factory=list)
    _failing_now: set[Key] = field(default_factory=set)  # being worked on, after a failure
    _tickets: "itertools.count[int]" = field(default_factory=itertools.count)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, key: Key, delay: float = 0.0) -> None:
        """Have `key` fall due in `delay` seconds, or earlier if it already does; while it is worked on, after that."""
        state = self._states.setdefault(key, _State())
        state.forgotten = False
        due = max(self.clock() + delay, state.begun + self.pace.apart)
        if state.due is not None and state.due <= due:
            return
        state.due = due
        self._push(key, state)

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
            lane, wait = self._next()
            if wait is None or wait > 0:
                # Cleared only here: taking a due key must not take the signal from a worker that is about to wait.
                self._changed.clear()
                await self._woken(wait)
                continue
            due, _, key = heapq.heappop(lane)
            state = self._states[key]
            state.due, state.working, state.begun = None, True, self.clock()
            if state.failures:
                self._failing_now.add(key)
            return key, max(0.0, self.clock() - due)

    def done(self, key: Key, *, failed: bool, gone: bool = False, within: float | None = None) -> None:
        """End the work on `key` and set its next time: retry with backoff, at the next resync, or `within` seconds.

        With `gone` there is no next time, unless an event asked for one meanwhile: the object may have come back.
        """
        state = self._states[key]
        state.working = False
        state.failures = state.failures + 1 if failed else 0
        if key in self._failing_now:
            self._failing_now.remove(key)
            self._changed.set()  # a place in the lane is free
        if state.due is not None:  # asked for while it was worked on
            self._push(key, state)
        elif state.forgotten or gone:
            del self._states[key]
        else:
            delay = self._delay(state)
            self.add(key, delay if within is None else min(delay, within))

    def pause(self) -> None:
        """Hand out no key any more, until `begin`."""
        self._paused = True

    def begin(self) -> None:
        """Hand out every key anew, from this moment on: what is remembered of attempts is of an earlier term."""
        self._paused = False
        self._healthy.clear()
        self._failing.clear()
        for key, state in self._states.items():
            state.failures = 0
            if not state.forgotten:
                state.due = self.clock()
                self._push(key, state)

    def waiting(self) -> dict[str, Waiting]:
        """Return what is due and not yet taken, by kind; nothing while paused, for nobody is to take it here."""
        now, found = self.clock(), dict[str, Waiting]()
        for key, state in self._states.items():
            if state.due is not None and state.due <= now and not state.working and not self._paused:
                before = found.get(key.kind, NOTHING_WAITS)
                found[key.kind] = Waiting(before.depth + 1, max(before.seconds, now - state.due))
        return found

    def longest_attempt(self) -> float:
        """Return for how many seconds the longest of the present attempts has gone on."""
        now = self.clock()
        return max((now - state.begun for state in self._states.values() if state.working), default=0.0)

    def _push(self, key: Key, state: _State) -> None:
        if state.due is not None:
            heapq.heappush(self._failing if state.failures else self._healthy, (state.due, next(self._tickets), key))
            self._changed.set()

    def _delay(self, state: _State) -> float:
        delay = self.pace.resync
        if state.failures:
            doubled = self.pace.first_retry * 2.0 ** min(state.failures - 1, 32)
            delay = min(self.pace.longest_retry, delay, doubled)  # trouble is not looked at less often than well-being
        elif not state.settled:
            state.settled = True
            return delay * (1 - self.pace.spread * random.random())  # noqa: S311  spreads load, guards nothing
        return delay * (1 + self.pace.jitter * random.random())  # noqa: S311  as above

    def _next(self) -> tuple[_Lane, float | None]:
        """Return the lane whose first key falls due next among those that may be taken, and in how many seconds."""
        if self._paused:
            return self._healthy, None
        lanes = [self._healthy]
        if self.most_failing is None or len(self._failing_now) < self.most_failing:
            lanes.append(self._failing)
        first = [lane for lane in lanes if self._trimmed(lane)]
        if not first:
            return self._healthy, None
        soonest = min(first, key=lambda lane: lane[0])
        return soonest, soonest[0][0] - self.clock()

    def _trimmed(self, lane: _Lane) -> _Lane:
        """Drop entries at the head of a lane that were overtaken: of another time, or in the other lane by now."""
        while lane:
            due, _, key = lane[0]
            state = self._states.get(key)
            mine = state is not None and (lane is self._failing) == (state.failures > 0)
            if state is not None and mine and state.due == due and not state.working:
                break
            heapq.heappop(lane)
        return lane

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
