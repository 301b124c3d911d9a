"""Recall is the mean of the queries', and its interval knows that a query's hits belong together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.measure.recall import recall


@pytest.mark.parametrize(
    ("case", "hits", "neighbours", "mean", "lowest"),
    [
        ("all found", [10, 10], [10, 10], 1.0, 1.0),
        ("half of one", [10, 5], [10, 10], 0.75, 0.5),
        ("none", [0], [10], 0.0, 0.0),
        ("each query counts the same, however many neighbours it has", [1, 5], [1, 10], 0.75, 0.5),
    ],
)
def test_recall_is_the_mean_of_the_queries(
    case: str, hits: list[int], neighbours: list[int], mean: float, lowest: float
) -> None:
    found = recall(hits, neighbours)
    assert (found.mean, found.lowest) == (mean, lowest), case


def test_the_interval_is_wilsons_where_hits_are_independent() -> None:
    found = recall([1] * 90 + [0] * 10, [1] * 100)
    assert [found.low, found.high] == pytest.approx([0.8256, 0.9448], abs=1e-4)


def test_perfect_queries_do_not_prove_a_perfect_index() -> None:
    found = recall([10] * 100, [10] * 100)
    assert found.high == pytest.approx(1.0)
    assert 0.99 < found.low < 1.0


def test_queries_that_fail_as_a_whole_say_less_than_scattered_misses() -> None:
    together, scattered = recall([10] * 9 + [0], [10] * 10), recall([9] * 10, [10] * 10)
    assert together.mean == pytest.approx(scattered.mean)
    assert together.high - together.low > 2 * (scattered.high - scattered.low)


@given(
    hits=st.lists(st.integers(0, 10), min_size=1, max_size=60),
)
def test_the_interval_holds_the_mean_and_narrows_with_more_queries(hits: list[int]) -> None:
    once, often = recall(hits, [10] * len(hits)), recall(hits * 9, [10] * len(hits) * 9)
    assert 0.0 <= once.low <= once.mean + 1e-12
    assert once.mean - 1e-12 <= once.high <= 1.0
    assert often.high - often.low < once.high - once.low


def test_a_query_without_neighbours_says_nothing() -> None:
    assert recall([9, 0, 7], [10, 0, 10]) == recall([9, 7], [10, 10])
