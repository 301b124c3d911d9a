"""How many items the next batch holds, from how long the last one took."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class BatchLimits:
    """Bounds of an adaptive batch.

    Args:
        minimum: the fewest items, at least 1.
        maximum: the most items, at least `minimum`.
        target_seconds: how long a batch should take at most.
    """

    minimum: int
    maximum: int
    target_seconds: float

    def start(self) -> int:
        """The size to begin with: in the middle of the range, by ratio."""
        return max(self.minimum, min(self.maximum, math.isqrt(self.minimum * self.maximum)))


def next_size(size: int, seconds: float, limits: BatchLimits) -> int:
    """The size of the next batch: three quarters after a slow one, five quarters after one in half the time.

    Args:
        size: items of the batch just done.
        seconds: how long it took.
        limits: the range and the target.
    """
    if seconds > limits.target_seconds:
        size = size * 3 // 4
    elif seconds < limits.target_seconds / 2:
        size = max(size * 5 // 4, size + 1)
    return max(limits.minimum, min(limits.maximum, size))


def fitting(sizes: Sequence[int], limit: int) -> int:
    """How many items from the front one request may carry: as many as stay within a limit together, but at least one.

    Args:
        sizes: the size of each item.
        limit: the most that they may have together.
    """
    whole = 0
    for count, size in enumerate(sizes):
        whole += size
        if whole > limit:
            return max(count, 1)
    return len(sizes)
