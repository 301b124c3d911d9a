"""How long searches take."""

import math
from collections.abc import Sequence

from pydantic import BaseModel, Field


class Percentiles(BaseModel):
    """Milliseconds within which that part of the searches was done."""

    p50: float
    p95: float
    p99: float
    slowest: float = Field(description="of all searches")


def percentile(values: Sequence[float], percent: float) -> float:
    """The least of the values that so many of them do not exceed (nearest rank).

    Args:
        values: in any order; at least one.
        percent: above 0, up to 100.
    """
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def percentiles(milliseconds: Sequence[float]) -> Percentiles:
    """The figures of at least one search, to a thousandth of a millisecond."""
    p50, p95, p99, slowest = (round(percentile(milliseconds, percent), 3) for percent in (50, 95, 99, 100))
    return Percentiles(p50=p50, p95=p95, p99=p99, slowest=slowest)
