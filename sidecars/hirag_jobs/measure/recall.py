"""Recall: how much of the true answer an index finds, and how sure that is of all queries like these."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_Z = 1.959964
"""Standard normal quantile of a two-sided 95 %."""


@dataclass(frozen=True)
class Recall:
    """Recall of some queries, as fractions.

    Args:
        mean: of all queries.
        lowest: of the worst query.
        low: the lower end of the 95 % confidence interval of the mean.
        high: its upper end.
    """

    mean: float
    lowest: float
    low: float
    high: float


def recall(hits: Sequence[int], neighbours: Sequence[int]) -> Recall:
    """Recall@k.

    Args:
        hits: objects of the true answer that the index found, of each query.
        neighbours: objects of the true answer, of each query. One without any says nothing and is left out; at least
            one query has some.
    """
    fractions = [hit / whole for hit, whole in zip(hits, neighbours, strict=True) if whole]
    mean = math.fsum(fractions) / len(fractions)
    low, high = _interval(fractions, mean, sum(neighbours) / len(fractions))
    return Recall(mean, min(fractions), low, high)


def _interval(fractions: Sequence[float], mean: float, neighbours: float) -> tuple[float, float]:
    """The 95 % confidence interval of a mean recall.

    Wilson's score interval (J. Am. Stat. Assoc. 22, 1927): unlike a bootstrap it is not a point where all queries are
    perfect, and it needs no chance. The hits of one query are not independent, so their number is not the size of the
    sample. That is the effective one, p(1 - p) over the variance of the mean (Dean and Pagano, Evaluating Confidence
    Interval Methods for Binomial Proportions in Clustered Surveys, J. Surv. Stat. Methodol. 3, 2015), held between the
    number of queries and the number of hits there could be.
    """
    size = _effective_size(fractions, mean, neighbours)
    width = 1 + _Z**2 / size
    centre = (mean + _Z**2 / (2 * size)) / width
    half = _Z * math.sqrt(mean * (1 - mean) / size + _Z**2 / (4 * size**2)) / width
    return max(0.0, centre - half), min(1.0, centre + half)


def _effective_size(fractions: Sequence[float], mean: float, neighbours: float) -> float:
    queries = len(fractions)
    if queries == 1:
        return 1.0
    variance = math.fsum((one - mean) ** 2 for one in fractions) / (queries - 1)
    most = queries * neighbours
    if variance == 0.0:
        return most
    return min(most, max(queries, queries * mean * (1 - mean) / variance))
