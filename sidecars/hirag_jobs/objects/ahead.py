"""Reading the next page while this one is worked on: two walks side by side take about as long as one."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")

_END: Final = object()


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items, each drawn in a thread while the one before it is used; the first is drawn at once.

    What drawing raises is raised where the item would have been.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="ahead")
    return _drawn(pool, items, pool.submit(next, items, _END))


def _drawn(pool: ThreadPoolExecutor, items: Iterator[Item], drawing: Future[Item | object]) -> Iterator[Item]:
    try:
        while (item := drawing.result()) is not _END:
            drawing = pool.submit(next, items, _END)
            yield item  # type: ignore[misc]
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
