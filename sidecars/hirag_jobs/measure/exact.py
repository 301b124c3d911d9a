"""The true answer: the k nearest of all vectors, kept while the vectors pass by once.

What has to be known of the true answer is how far its k-th object is, not which objects it has: what the index found is
right when it is not farther than that. So objects at the same distance count as equal, and the pass keeps k distances a
query, and the distances of what the index found.

A collection that is measured may be written to. What is written or deleted after the searches does not pass by, so it
counts on neither side: where it was found, one object fewer is asked of that query.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hirag_jobs.measure.distances import Distance, Matrix, Vector, lengths

_BLOCK_NUMBERS = 2**22
"""Most numbers of one matrix: 32 MiB."""

Found = Sequence[Sequence[int]]
"""For each query the ids that the index found, the query's own object left out."""


@dataclass(frozen=True)
class Queries:
    """What is searched for.

    Args:
        vectors: (q, d), one a query.
        own: the id of the object that a query's vector is of, different for each; None for a question.
    """

    vectors: NDArray[np.float32]
    own: tuple[int | None, ...]

    @property
    def dimensions(self) -> int:
        """The size of the vectors."""
        return int(self.vectors.shape[1])


@dataclass(frozen=True)
class Truth:
    """What the pass tells.

    Args:
        neighbours: (q,) objects of the true answer: k, or all others where there are fewer, less what was found and did
            not pass by.
        farthest: (q,) distance of the last of them; negative infinity where there are none.
        tolerance: (q,) differences of distance that count as none.
        found: (q, k) distances of what the index found, in its order; NaN where it found fewer, or it did not pass by.
    """

    neighbours: NDArray[np.int64]
    farthest: Vector
    tolerance: Vector
    found: Matrix

    @property
    def judged(self) -> int:
        """How many of the objects that the index found, of all queries, passed by."""
        return int(np.count_nonzero(~np.isnan(self.found)))

    def hits(self) -> NDArray[np.int64]:
        """(q,) how many of the true answer the index found."""
        right = self.found <= (self.farthest + self.tolerance)[:, np.newaxis]
        found: NDArray[np.int64] = np.minimum(np.count_nonzero(right, axis=1), self.neighbours)
        return found


class ExactAnswer:
    """Takes all vectors, in any order and in pieces of any size.

    A query's own object is left out, here and in what the index found: every index finds it, so it would lift each
    recall by up to 1/k and tell nothing.

    Args:
        distance: the collection's.
        queries: what is searched for.
        found: what the index found, to be judged; k objects a query at most.
        k: neighbours.
    """

    def __init__(self, distance: Distance, queries: Queries, found: Found, k: int) -> None:
        vectors = queries.vectors.astype(np.float64)
        self._distance, self._k = distance, k
        self._lengths, self._longest = lengths(vectors), 0.0
        self._queries = distance.prepare(vectors)
        self._nearest = np.full((len(vectors), k), np.inf)
        self._found = np.full((len(vectors), k), np.nan)
        self._answered = np.array([len(answer) for answer in found])
        self._own = {own: row for row, own in enumerate(queries.own) if own is not None}
        self._places: dict[int, list[tuple[int, int]]] = {}
        for row, answer in enumerate(found):
            for rank, one in enumerate(answer):
                self._places.setdefault(one, []).append((row, rank))

    def take(self, ids: Sequence[int], vectors: NDArray[np.float32]) -> None:
        """Takes some objects, each given once.

        Args:
            ids: of n objects.
            vectors: (n, d).
        """
        for block in _blocks(len(ids), max(self._queries.shape)):
            self._take(ids[block], vectors[block].astype(np.float64))

    def truth(self) -> Truth:
        """What is known when all objects were taken."""
        known = np.count_nonzero(np.isfinite(self._nearest), axis=1)
        gone = self._answered - np.count_nonzero(~np.isnan(self._found), axis=1)
        neighbours = np.minimum(known, self._k - gone)
        farthest = self._farthest(neighbours)
        return Truth(
            neighbours=neighbours,
            farthest=farthest,
            tolerance=self._distance.tolerance(farthest, self._lengths, self._longest, self._queries.shape[1]),
            found=self._found,
        )

    def _farthest(self, neighbours: NDArray[np.int64]) -> Vector:
        ordered = np.sort(self._nearest, axis=1)
        last = np.take_along_axis(ordered, np.maximum(neighbours - 1, 0)[:, np.newaxis], axis=1)[:, 0]
        return np.where(neighbours > 0, last, -np.inf)

    def _take(self, ids: Sequence[int], vectors: Matrix) -> None:
        self._longest = max(self._longest, float(lengths(vectors).max()))
        distances = self._distance.between(self._queries, self._distance.prepare(vectors))
        for column, one in enumerate(ids):
            for row, rank in self._places.get(one, ()):
                self._found[row, rank] = distances[row, column]
            if one in self._own:
                distances[self._own[one], column] = np.inf
        together = np.concatenate((self._nearest, distances), axis=1)
        self._nearest = np.partition(together, self._k - 1, axis=1)[:, : self._k]


def _blocks(count: int, width: int) -> Iterator[slice]:
    """Pieces of `count` rows whose matrices of `width` columns stay within bounds."""
    step = max(1, _BLOCK_NUMBERS // width)
    return (slice(first, first + step) for first in range(0, count, step))
