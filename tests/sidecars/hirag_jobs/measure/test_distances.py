"""Distances are what a plain loop computes, for every pair."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from hirag_jobs.measure.distances import DISTANCES, Matrix, normalised

Plain = Callable[[Sequence[float], Sequence[float]], float]


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    length = math.hypot(*one) * math.hypot(*other)
    return max(0.0, 1 - sum(a * b for a, b in zip(one, other, strict=True)) / length) if length else 1.0


PLAIN: dict[str, Plain] = {
    "cosine": cosine,
    "dot": lambda one, other: -sum(a * b for a, b in zip(one, other, strict=True)),
    "l2-squared": lambda one, other: sum((a - b) ** 2 for a, b in zip(one, other, strict=True)),
    "manhattan": lambda one, other: sum(abs(a - b) for a, b in zip(one, other, strict=True)),
    "hamming": lambda one, other: float(sum(a != b for a, b in zip(one, other, strict=True))),
}
NUMBERS = st.sampled_from([0.0, 0.25, -1.5, 2.0, 3.75, -100.5])


def matrices(dimensions: int) -> st.SearchStrategy[Matrix]:
    return npst.arrays(np.float64, st.tuples(st.integers(1, 5), st.just(dimensions)), elements=NUMBERS)


@pytest.mark.parametrize("name", DISTANCES)
@given(pair=st.integers(1, 9).flatmap(lambda dimensions: st.tuples(matrices(dimensions), matrices(dimensions))))
def test_every_distance_is_that_of_a_plain_loop(name: str, pair: tuple[Matrix, Matrix]) -> None:
    queries, objects = pair
    distance = DISTANCES[name]
    found = distance.between(distance.prepare(queries), distance.prepare(objects))
    expected = [[PLAIN[name](query, one) for one in objects.tolist()] for query in queries.tolist()]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_a_vector_of_zeros_has_no_direction_and_stays() -> None:
    np.testing.assert_array_equal(normalised(np.array([[0.0, 0.0], [3.0, 4.0]])), [[0.0, 0.0], [0.6, 0.8]])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cosine", "as for a distance of 1: lengths do not count"),
        ("dot", "by the longest vectors that were multiplied"),
        ("l2-squared", "by the distance itself"),
        ("manhattan", "by the distance itself"),
        ("hamming", "none: it counts"),
    ],
)
def test_the_tolerance_is_the_rounding_of_32_bits(name: str, expected: str) -> None:
    sums = {
        "as for a distance of 1: lengths do not count": 1.0,
        "by the longest vectors that were multiplied": 6.0,
        "by the distance itself": 0.5,
        "none: it counts": 0.0,
    }
    [found] = DISTANCES[name].tolerance(np.array([0.5]), np.array([2.0]), 3.0, dimensions=64)
    assert found == pytest.approx(sums[expected] * 8 * 2**-23)
