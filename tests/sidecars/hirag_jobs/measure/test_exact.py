"""The true answer does not depend on how the vectors come, and what is as near as the last of it is right."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hirag_jobs.measure import exact
from hirag_jobs.measure.distances import DISTANCES
from hirag_jobs.measure.exact import ExactAnswer, Found, Queries, Truth

L2 = DISTANCES["l2-squared"]


def answer(
    objects: Sequence[Sequence[float]],
    queries: Sequence[Sequence[float]],
    own: Sequence[int | None],
    found: Found,
    k: int,
    cuts: Sequence[int] = (),
) -> Truth:
    """The truth when the objects, whose ids are their places, come in pieces cut there."""
    vectors: NDArray[np.float32] = np.array(objects, dtype=np.float32)
    pass_ = ExactAnswer(L2, Queries(np.array(queries, dtype=np.float32), tuple(own)), found, k)
    bounds = sorted({0, len(objects), *cuts})
    for first, end in pairwise(bounds):
        pass_.take(range(first, end), vectors[first:end])
    return pass_.truth()


LINE = [[0.0], [1.0], [3.0], [6.0], [10.0]]


@pytest.mark.parametrize(
    ("case", "own", "found", "k", "hits", "neighbours"),
    [
        ("the nearest two of a question", None, [0, 1], 2, 2, 2),
        ("one of them and a farther one", None, [0, 2], 2, 1, 2),
        ("its own object is no neighbour", 0, [1, 2], 2, 2, 2),
        ("nothing found", None, [], 2, 0, 2),
        ("fewer objects than k: all are neighbours", 0, [1, 2, 3, 4], 9, 4, 4),
        ("an object that is no more is not asked for", None, [0, 77], 2, 1, 1),
        ("nor is the one behind it, when the index found it not", None, [77, 2], 2, 0, 1),
        ("all that was found is no more", None, [77, 78], 2, 0, 0),
        ("what is no more, among fewer objects than k", 0, [1, 2, 3, 4, 77], 9, 4, 4),
    ],
)
def test_what_was_found_is_judged(
    case: str, own: int | None, found: list[int], k: int, hits: int, neighbours: int
) -> None:
    truth = answer(LINE, [[0.0]], [own], [found], k)
    assert (truth.hits().tolist(), truth.neighbours.tolist()) == ([hits], [neighbours]), case


def test_objects_at_the_same_distance_are_equally_right() -> None:
    square = [[0.0, 1.0], [1.0, 0.0], [0.0, -1.0], [-1.0, 0.0], [5.0, 5.0]]
    for found in ([0, 1], [2, 3], [3, 0]):
        assert answer(square, [[0.0, 0.0]], [None], [found], 2).hits().tolist() == [2]
    assert answer(square, [[0.0, 0.0]], [None], [[4, 3]], 2).hits().tolist() == [1]


def test_what_32_bits_cannot_tell_apart_counts_as_the_same_distance() -> None:
    zeros = [0.0] * 63
    just_behind = float(np.nextafter(np.float32(1.0), np.float32(2.0)))
    for behind, hits in ((just_behind, 1), (1.001, 0)):
        truth = answer([[1.0, *zeros], [behind, *zeros]], [[0.0, *zeros]], [None], [[1]], 1)
        assert truth.hits().tolist() == [hits]


def test_a_query_may_find_a_copy_of_its_own_object() -> None:
    truth = answer([[2.0], [2.0], [9.0]], [[2.0]], [0], [[1]], 1)
    assert (truth.hits().tolist(), truth.farthest.tolist()) == ([1], [0.0])


VECTORS = st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=2, max_size=40)


@given(vectors=VECTORS, k=st.integers(1, 12), data=st.data())
def test_pieces_and_their_size_do_not_matter(vectors: list[tuple[int, int]], k: int, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(vectors) - 1), min_size=1, max_size=5, unique=True))
    cuts = data.draw(st.lists(st.integers(0, len(vectors)), max_size=6))
    block = data.draw(st.sampled_from([1, 7, 10_000]))
    queries = [vectors[row] for row in rows]
    found = [[one for one in range(len(vectors)) if one != row][:k] for row in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, "_BLOCK_NUMBERS", block)
        truth = answer(vectors, queries, rows, found, k, cuts)
    for place, row in enumerate(rows):
        x, y = vectors[row]
        others = {one: float((a - x) ** 2 + (b - y) ** 2) for one, (a, b) in enumerate(vectors) if one != row}
        nearest = sorted(others.values())[:k]
        assert truth.neighbours[place] == len(nearest)
        assert truth.farthest[place] == pytest.approx(nearest[-1])
        assert truth.hits()[place] == sum(others[one] <= nearest[-1] for one in found[place])


@given(vectors=VECTORS, k=st.integers(1, 12), data=st.data())
def test_a_perfect_index_misses_nothing_whatever_is_deleted_or_comes_behind_the_search(
    vectors: list[tuple[int, int]], k: int, data: st.DataObject
) -> None:
    places = range(len(vectors))
    row = data.draw(st.sampled_from(places))
    gone = data.draw(st.sets(st.sampled_from(places)))

    def distance(one: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(vectors[row], vectors[one], strict=True))

    found = sorted((one for one in places if one != row), key=distance)[:k]
    values: NDArray[np.float32] = np.array(vectors, dtype=np.float32)
    pass_ = ExactAnswer(L2, Queries(values[[row]], (row,)), [found], k)
    left = [one for one in places if one not in gone]
    pass_.take(left, values[left])
    truth = pass_.truth()
    assert truth.hits().tolist() == truth.neighbours.tolist()
    assert truth.neighbours.tolist() == [len(set(found) - gone)]
