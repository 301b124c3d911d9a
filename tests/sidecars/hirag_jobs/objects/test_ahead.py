"""Items are drawn while those before them are used, come in their order, and fail where they would have been."""

import threading
from collections.abc import Iterator

import pytest

from hirag_jobs.objects.ahead import ahead


def test_all_items_come_in_their_order() -> None:
    assert list(ahead(iter(range(5)))) == [0, 1, 2, 3, 4]
    assert list(ahead(iter(()))) == []


def test_the_first_of_two_does_not_keep_the_other_waiting() -> None:
    both = threading.Barrier(2, timeout=30)

    def one() -> Iterator[str]:
        both.wait()
        yield "drawn"

    first, other = ahead(one()), ahead(one())
    assert (next(first), next(other)) == ("drawn", "drawn")


def test_what_drawing_raises_comes_behind_the_items_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        raise ValueError("gone")

    items = ahead(failing())
    assert next(items) == 1
    with pytest.raises(ValueError, match="gone"):
        next(items)


def test_nothing_is_drawn_behind_what_nobody_wants() -> None:
    drawn: list[int] = []

    def counted() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    items = ahead(counted())
    assert next(items) == 0
    del items
    assert len(drawn) <= 3
