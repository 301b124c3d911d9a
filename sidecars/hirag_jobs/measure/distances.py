"""Distances between vectors as Weaviate defines them, from many queries to many objects at once.

Source: weaviate v1.35, adapters/repos/db/vector/hnsw/distancer, and its documentation of distance metrics. Weaviate
computes in 32 bits; here it is 64, so that the true answer does not share the index's rounding.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
"""Rows of numbers; a vector is a row."""
Vector = NDArray[np.float64]

_EPSILON = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Distance:
    """One way to tell how far apart two vectors are; smaller is nearer.

    Args:
        prepare: (n, d) vectors → as they are compared; the cosine compares directions.
        between: (q, d) queries and (n, d) objects, both prepared → (q, n) distances.
        magnitude: (distance, lengths of the queries, length of the longest object) → what a distance is summed from,
            of which its rounding is a part.
    """

    prepare: Callable[[Matrix], Matrix]
    between: Callable[[Matrix, Matrix], Matrix]
    magnitude: Callable[[Vector, Vector, float], Vector]

    def tolerance(self, distances: Vector, lengths: Vector, longest: float, dimensions: int) -> Vector:
        """How much two objects may differ in distance that the index cannot tell apart.

        The rounding of a sum of d terms grows as the root of d (Higham and Mary, A New Approach to Probabilistic
        Rounding Error Analysis, SIAM J. Sci. Comput. 41(5), 2019); the unit is the 32-bit float's.

        Args:
            distances: (q,) at which objects are told apart.
            lengths: (q,) of the queries.
            longest: length of the longest object.
            dimensions: d.
        """
        return _EPSILON * math.sqrt(dimensions) * self.magnitude(distances, lengths, longest)


def lengths(vectors: Matrix) -> Vector:
    """The Euclidean length of each row."""
    found: Vector = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    return found


def normalised(vectors: Matrix) -> Matrix:
    """Each row at length 1; a row of zeros stays one, as in Weaviate, and is at cosine distance 1 from all."""
    length = lengths(vectors)[:, np.newaxis]
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)


def _as_they_are(vectors: Matrix) -> Matrix:
    return vectors


def _cosine(queries: Matrix, objects: Matrix) -> Matrix:
    return np.maximum(0.0, 1.0 - queries @ objects.T)


def _dot(queries: Matrix, objects: Matrix) -> Matrix:
    return -(queries @ objects.T)


def _l2_squared(queries: Matrix, objects: Matrix) -> Matrix:
    squares = lengths(queries)[:, np.newaxis] ** 2 + lengths(objects)[np.newaxis, :] ** 2
    return np.maximum(0.0, squares - 2.0 * (queries @ objects.T))


def _manhattan(queries: Matrix, objects: Matrix) -> Matrix:
    return np.stack([np.abs(objects - query).sum(axis=1) for query in queries])


def _hamming(queries: Matrix, objects: Matrix) -> Matrix:
    return np.stack([np.count_nonzero(objects != query, axis=1) for query in queries]).astype(np.float64)


def _itself(distances: Vector, _lengths: Vector, _longest: float) -> Vector:
    return distances


DISTANCES = {
    "cosine": Distance(normalised, _cosine, lambda distances, _lengths, _longest: np.ones_like(distances)),
    "dot": Distance(_as_they_are, _dot, lambda _distances, lengths, longest: lengths * longest),
    "l2-squared": Distance(_as_they_are, _l2_squared, _itself),
    "manhattan": Distance(_as_they_are, _manhattan, _itself),
    "hamming": Distance(_as_they_are, _hamming, lambda distances, _lengths, _longest: np.zeros_like(distances)),
}
"""By the names that Weaviate's index settings have."""
