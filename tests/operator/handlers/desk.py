"""A queue with a clock that a test moves, and what it asks of it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from hirag_operator.handlers.queue import Key, Pace, WorkQueue

A, B, C = (Key("EmbeddingModel", "team-a", name) for name in "abc")
EVEN = Pace(resync=100.0, first_retry=1.0, longest_retry=10.0, jitter=0.0, spread=0.0, apart=0.0)


@dataclass
class Clock:
    """Time that passes when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Desk:
    """A queue with a clock of its own, and what a test asks of it."""

    pace: Pace = EVEN
    clock: Clock = field(default_factory=Clock)
    most_failing: int | None = None

    def __post_init__(self) -> None:
        self.queue = WorkQueue(self.pace, clock=self.clock, most_failing=self.most_failing)

    def take(self) -> Key:
        """Takes a key that must be due now."""
        return asyncio.run(at_once(self.queue.take()))[0]

    def waiting(self) -> int:
        """How many keys are due and not taken."""
        return sum(one.depth for one in self.queue.waiting().values())

    def taken(self) -> list[Key]:
        """Takes every key that is due now."""
        found = []
        while self.queue.waiting():
            found.append(self.take())
        return found

    def work(self, key: Key, *, failed: bool = False) -> None:
        """Works on a key that must be the only one due."""
        assert self.taken() == [key]
        self.queue.done(key, failed=failed)

    def due_in(self, key: Key) -> float:
        """Seconds until a key that is put off falls due, found by letting time pass."""
        start = self.clock.now
        while key not in self.taken():
            self.clock.now += 0.25
            assert self.clock.now < start + 1000, f"{key} never falls due"
        self.queue.done(key, failed=False)
        return self.clock.now - start


async def at_once(take: Coroutine[Any, Any, tuple[Key, float]]) -> tuple[Key, float]:
    return await asyncio.wait_for(take, 5)


def in_a_loop(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(scenario(), 10)

    asyncio.run(bounded())
