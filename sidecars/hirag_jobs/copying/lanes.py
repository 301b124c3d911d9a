"""Several pages under way at once, told of in their order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")


def in_lanes(items: Iterable[Item], work: Callable[[Item], Done], lanes: int) -> Iterator[Done]:
    """What `work` makes of each item, in the order of items.

    The caller's thread draws the items, so reading and writing overlap. When a result is handed out, all items before
    it are done. When one fails, those under way are still ended, and none begins.

    Args:
        items: drawn one by one, `lanes` at most ahead of the results.
        work: run in a thread.
        lanes: how many run at once.
    """
    with ThreadPoolExecutor(lanes, thread_name_prefix="lane") as pool:
        under_way: deque[Future[Done]] = deque()
        try:
            for item in items:
                under_way.append(pool.submit(work, item))
                if len(under_way) > lanes:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
