"""Batches shrink when they are slow, grow when they are fast, and stay in their range."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.batching import BatchLimits, fitting, next_size

LIMITS = BatchLimits(minimum=8, maximum=256, target_seconds=2.0)


@pytest.mark.parametrize(
    ("size", "seconds", "expected"),
    [(100, 2.1, 75), (100, 2.0, 100), (100, 1.0, 100), (100, 0.9, 125), (8, 9.0, 8), (256, 0.1, 256), (250, 0.1, 256)],
)
def test_a_batch_becomes_three_or_five_quarters_of_the_last(size: int, seconds: float, expected: int) -> None:
    assert next_size(size, seconds, LIMITS) == expected


@given(
    minimum=st.integers(1, 100),
    more=st.integers(0, 1000),
    seconds=st.lists(st.floats(0, 100), max_size=30),
)
def test_the_size_stays_in_its_range_and_can_always_grow(minimum: int, more: int, seconds: list[float]) -> None:
    limits = BatchLimits(minimum, minimum + more, target_seconds=1.0)
    size = limits.start()
    for taken in seconds:
        assert limits.minimum <= size <= limits.maximum
        grown = next_size(size, 0.0, limits)
        assert grown > size or size == limits.maximum
        size = next_size(size, taken, limits)


@pytest.mark.parametrize(
    ("sizes", "count"), [([], 0), ([5], 1), ([11], 1), ([5, 5], 2), ([5, 5, 1], 2), ([11, 1], 1), ([1, 11], 1)]
)
def test_a_request_carries_what_fits_and_at_least_one(sizes: list[int], count: int) -> None:
    assert fitting(sizes, limit=10) == count
