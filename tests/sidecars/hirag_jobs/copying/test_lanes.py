import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.copying.lanes import in_lanes


@given(st.lists(st.integers()), st.integers(1, 5))
def test_results_come_in_the_order_of_items(items: list[int], lanes: int) -> None:
    assert list(in_lanes(items, lambda item: item * 2, lanes)) == [item * 2 for item in items]


def test_items_are_drawn_no_further_ahead_than_there_are_lanes() -> None:
    drawn, free = [], threading.Event()

    def items() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            if len(drawn) == 4:
                free.set()
            yield number

    def work(number: int) -> int:
        assert free.wait(30)
        return number

    results = in_lanes(items(), work, 3)
    assert next(results) == 0
    assert len(drawn) == 4


def test_the_first_failure_is_told_and_nothing_begins_after_it() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 3:
            raise RuntimeError("three")
        return number

    done = in_lanes(range(1000), work, 2)
    with pytest.raises(RuntimeError, match="three"):
        list(done)
    assert max(begun) < 10
