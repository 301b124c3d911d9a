"""Two walks in the order of ids, side by side."""

from collections.abc import Callable, Iterator
from typing import TypeVar

Left = TypeVar("Left")
Right = TypeVar("Right")


def joined(
    left: Iterator[Left], right: Iterator[Right], left_id: Callable[[Left], int], right_id: Callable[[Right], int]
) -> Iterator[tuple[Left | None, Right | None]]:
    """Pairs of what has one id on both sides; None where one side has nothing of that id.

    Args:
        left: in ascending order of ids, none twice.
        right: as `left`.
        left_id: the id of an item of `left`.
        right_id: the id of an item of `right`.
    """
    one, other = next(left, None), next(right, None)
    while one is not None or other is not None:
        if other is None or (one is not None and left_id(one) < right_id(other)):
            yield one, None
            one = next(left, None)
        elif one is None or right_id(other) < left_id(one):
            yield None, other
            other = next(right, None)
        else:
            yield one, other
            one, other = next(left, None), next(right, None)
