"""The queue under any order of events, work, failure and time, against the plain rules that it must keep."""

import asyncio
from typing import Final

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hirag_operator.handlers.queue import Key, Pace, WorkQueue

KEYS: Final = [Key("ContextCollection", "team-a", name) for name in "abc"]
PACE: Final = Pace(resync=50.0, first_retry=1.0, longest_retry=8.0, jitter=0.0, spread=0.0, apart=2.0)
MOST_FAILING: Final = 1
keys = st.sampled_from(KEYS)


class QueueRules(RuleBasedStateMachine):
    """`due`: when each known key must be taken at the latest; `working`: keys that a worker has."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.queue = WorkQueue(PACE, clock=lambda: self.now, most_failing=MOST_FAILING)
        self.due: dict[Key, float] = {}
        self.working: set[Key] = set()
        self.retried: set[Key] = set()  # those of `working` that had failed
        self.begun: dict[Key, float] = {}
        self.forgotten: set[Key] = set()
        self.failures: dict[Key, int] = {}

    @rule(key=keys, delay=st.sampled_from([0.0, 1.0, 30.0]))
    def event(self, key: Key, delay: float) -> None:
        self.queue.add(key, delay)
        self.due[key] = min(self.due.get(key, float("inf")), self.earliest(key, delay))
        self.forgotten.discard(key)

    @rule(key=keys)
    def deleted(self, key: Key) -> None:
        self.queue.forget(key)
        self.due.pop(key, None)
        if key in self.working:
            self.forgotten.add(key)
        else:
            self.unknown(key)

    @rule(seconds=st.sampled_from([0.5, 1.0, 10.0, 60.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.allowed())
    @rule()
    def taken(self) -> None:
        key, late = asyncio.run(asyncio.wait_for(self.queue.take(), 5))
        earliest = min(self.due[candidate] for candidate in self.allowed())
        assert key in self.allowed()
        assert self.due[key] == earliest
        assert late == self.now - earliest
        del self.due[key]
        self.working.add(key)
        self.begun[key] = self.now
        if self.failures.get(key):
            self.retried.add(key)

    @precondition(lambda self: self.working)
    @rule(data=st.data(), failed=st.booleans())
    def done(self, data: st.DataObject, *, failed: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.working)))
        self.queue.done(key, failed=failed)
        self.working.remove(key)
        self.retried.discard(key)
        if key in self.forgotten:
            self.forgotten.discard(key)
            self.unknown(key)
            return
        self.failures[key] = self.failures.get(key, 0) + 1 if failed else 0
        if key not in self.due:
            backoff = min(PACE.longest_retry, PACE.first_retry * 2 ** (self.failures[key] - 1))
            self.due[key] = self.earliest(key, backoff if failed else PACE.resync)

    def earliest(self, key: Key, delay: float) -> float:
        """When a key may fall due that is asked for in `delay` seconds."""
        return max(self.now + delay, self.begun.get(key, float("-inf")) + PACE.apart)

    def unknown(self, key: Key) -> None:
        """Nothing is left of a key that was dropped."""
        self.failures.pop(key, None)
        self.begun.pop(key, None)

    def expected(self) -> set[Key]:
        """Keys that are due and that nobody works on."""
        return {key for key, due in self.due.items() if due <= self.now and key not in self.working}

    def allowed(self) -> set[Key]:
        """Those of them that may be taken: with the lane of those that failed full, only others."""
        full = len(self.retried) >= MOST_FAILING
        return {key for key in self.expected() if not (full and self.failures.get(key))}

    @invariant()
    def counts_agree(self) -> None:
        assert sum(one.depth for one in self.queue.waiting().values()) == len(self.expected())

    @invariant()
    def those_in_trouble_leave_room(self) -> None:
        assert len(self.retried) <= MOST_FAILING


QueueRules.TestCase.settings = settings(max_examples=60, stateful_step_count=40)
TestQueue = QueueRules.TestCase
