import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.adapters.breaker import Breaker, Patience
from hirag_operator.errors import Refused, Unreachable

PATIENCE = Patience(slow=1.0, first=2.0, longest=8.0)


@dataclass
class Rig:
    """A breaker on a clock of its own, and the calls that went through."""

    now: float = 0.0
    calls: int = 0
    breaker: Breaker = field(init=False)

    def __post_init__(self) -> None:
        self.breaker = Breaker(PATIENCE, lambda: self.now)

    def call(self, error: Exception | None = None, seconds: float = 0.0) -> None:
        with self.breaker.calling("Weaviate"):
            self.calls += 1
            self.now += seconds
            if error is not None:
                raise error

    def times_out(self) -> None:
        with pytest.raises(Unreachable, match="late"):
            self.call(Unreachable("Weaviate", "late"), seconds=5.0)

    def is_held_back(self) -> bool:
        before = self.calls
        with suppress(Unreachable):
            self.call()
        return self.calls == before


def test_calls_go_through_while_they_are_answered() -> None:
    rig = Rig()
    for _ in range(3):
        rig.call(seconds=60.0)
    assert rig.calls == 3


@pytest.mark.parametrize(
    ("error", "seconds"),
    [(Unreachable("Weaviate", "refused"), 0.1), (Refused("Weaviate", "no", 422), 60.0), (ValueError("ours"), 60.0)],
    ids=["a failure that costs nothing", "a refusal", "a defect"],
)
def test_only_a_slow_failure_to_answer_opens_it(error: Exception, seconds: float) -> None:
    rig = Rig()
    with pytest.raises(type(error)):
        rig.call(error, seconds)
    assert not rig.is_held_back()


def test_after_a_slow_failure_calls_fail_at_once_until_the_pause_is_over() -> None:
    rig = Rig()
    rig.times_out()
    rig.now += 1.9
    assert rig.is_held_back()
    rig.now += 0.1
    assert not rig.is_held_back()
    assert not rig.is_held_back()


def test_pauses_grow_with_every_trial_that_fails_and_start_small_again_after_an_answer() -> None:
    rig = Rig()
    for pause in (2.0, 4.0, 8.0, 8.0):
        rig.times_out()
        rig.now += pause - 0.1
        assert rig.is_held_back()
        rig.now += 0.1
    rig.call()
    rig.times_out()
    rig.now += 2.0
    assert not rig.is_held_back()


def test_one_trial_is_made_at_a_time() -> None:
    rig = Rig()
    rig.times_out()
    rig.now += 2.0
    with rig.breaker.calling("Weaviate"):
        assert rig.is_held_back()
    assert not rig.is_held_back()


def test_calls_that_waited_together_count_as_one_failure() -> None:
    rig = Rig()

    def late() -> None:
        with rig.breaker.calling("Weaviate"):
            barrier.wait()
            barrier.wait()
            raise Unreachable("Weaviate", "late")

    barrier = threading.Barrier(4)
    threads = [threading.Thread(target=_quietly, args=(late,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    barrier.wait()
    rig.now += 5.0
    barrier.wait()
    for thread in threads:
        thread.join()
    rig.now += 2.0
    assert not rig.is_held_back()


def _quietly(call: Callable[[], None]) -> None:
    with pytest.raises(Unreachable):
        call()


@given(st.lists(st.tuples(st.floats(0, 20), st.booleans(), st.floats(0, 3)), max_size=40))
def test_whatever_happens_a_server_that_answers_is_asked_again(events: list[tuple[float, bool, float]]) -> None:
    rig = Rig()
    for pause, fails, seconds in events:
        rig.now += pause
        with suppress(Unreachable):
            rig.call(Unreachable("Weaviate", "late") if fails else None, seconds)
    rig.now += PATIENCE.longest
    assert not rig.is_held_back()
    assert not rig.is_held_back()
