"""Percentiles are searches that were made, not values between them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.measure.latency import percentile, percentiles


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([7.0], 50, 7.0), ([7.0], 99, 7.0), ([2.0, 1.0], 50, 1.0), ([2.0, 1.0], 51, 2.0), ([3.0, 1.0, 2.0], 100, 3.0)],
)
def test_the_nearest_rank(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == expected


def test_of_a_hundred_the_ninety_fifth() -> None:
    found = percentiles([float(value) for value in range(100, 0, -1)])
    assert (found.p50, found.p95, found.p99, found.slowest) == (50.0, 95.0, 99.0, 100.0)


@given(values=st.lists(st.floats(0, 1e6), min_size=1), percent=st.integers(1, 100))
def test_so_many_do_not_exceed_it_and_it_is_the_least_such(values: list[float], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)
