"""The queue under any order of events, work, failure and time, against the plain rules that it must keep."""

import asyncio
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hirag_operator.handlers.queue import Key, Pace, WorkQueue

KEYS: Final = [Key("ContextCollection", "team-a", name) for name in "abc"]
PACE: Final = Pace(resync=50.0, first_retry=1.0, longest_retry=8.0, jitter=0.0)
keys = st.sampled_from(KEYS)


class QueueRules(RuleBasedStateMachine):
    """`due`: when each known key must be taken at the latest; `working`: keys that a worker has."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.queue = WorkQueue(PACE, clock=lambda: self.now)
        self.due: dict[Key, float] = {}
        self.working: set[Key] = set()
        self.forgotten: set[Key] = set()
        self.failures: dict[Key, int] = {}

    @rule(key=keys, delay=st.sampled_from([0.0, 1.0, 30.0]))
    def event(self, key: Key, delay: float) -> None:
        self.queue.add(key, delay)
        self.due[key] = min(self.due.get(key, float("inf")), self.now + delay)
        self.forgotten.discard(key)

    @rule(key=keys)
    def deleted(self, key: Key) -> None:
        self.queue.forget(key)
        self.due.pop(key, None)
        self.failures.pop(key, None) if key not in self.working else None
        if key in self.working:
            self.forgotten.add(key)

    @rule(seconds=st.sampled_from([0.5, 1.0, 10.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.expected())
    @rule()
    def taken(self) -> None:
        key, late = asyncio.run(asyncio.wait_for(self.queue.take(), 5))
        earliest = min(self.due[candidate] for candidate in self.expected())
        assert key in self.expected()
        assert self.due[key] == earliest
        assert late == self.now - earliest
        del self.due[key]
        self.working.add(key)

    @precondition(lambda self: self.working)
    @rule(data=st.data(), failed=st.booleans())
    def done(self, data: st.DataObject, *, failed: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.working)))
        self.queue.done(key, failed=failed)
        self.working.remove(key)
        if key in self.forgotten:
            self.forgotten.discard(key)
            self.failures.pop(key, None)
            return
        self.failures[key] = self.failures.get(key, 0) + 1 if failed else 0
        if key not in self.due:
            backoff = min(PACE.longest_retry, PACE.first_retry * 2 ** (self.failures[key] - 1))
            self.due[key] = self.now + (backoff if failed else PACE.resync)

    def expected(self) -> set[Key]:
        """Keys that are due and that nobody works on."""
        return {key for key, due in self.due.items() if due <= self.now and key not in self.working}

    @invariant()
    def counts_agree(self) -> None:
        assert sum(self.queue.waiting().values()) == len(self.expected())


QueueRules.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestQueue = QueueRules.TestCase
