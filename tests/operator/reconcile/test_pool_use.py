"""Nobody removes a pool under somebody's feet: threads that come and go in one pool, and one that wants it gone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hirag_operator.reconcile.pools import PoolKey, Pools

POOL, OTHER = PoolKey("default", "HiragPool_Ra"), PoolKey("second", "HiragPool_Ra")
SECONDS = 10.0


def test_a_pool_that_is_in_use_is_not_removed() -> None:
    pools = Pools()
    with pools.using(POOL), pools.removing(POOL) as alone:
        assert not alone
    with pools.removing(POOL) as alone:
        assert alone


def test_of_two_who_want_to_remove_a_pool_one_does() -> None:
    pools = Pools()
    with pools.removing(POOL) as first, pools.removing(POOL) as second:
        assert (first, second) == (True, False)


def test_the_same_name_on_another_server_is_another_pool() -> None:
    pools = Pools()
    with pools.using(POOL), pools.removing(OTHER) as alone:
        assert alone


def test_who_comes_while_a_pool_is_being_removed_waits_until_that_is_over() -> None:
    pools, came, order = Pools(), threading.Event(), list[str]()

    def come() -> None:
        came.set()
        with pools.using(POOL):
            order.append("used")

    with ThreadPoolExecutor(1) as threads:
        with pools.removing(POOL) as alone:
            assert alone
            waiting = threads.submit(come)
            assert came.wait(SECONDS)
            order.append("removed")
        waiting.result(SECONDS)
    assert order == ["removed", "used"]


@pytest.mark.parametrize("way", [Pools.using, Pools.removing], ids=["using", "removing"])
def test_an_error_on_the_way_leaves_nothing_locked(way: Any) -> None:
    pools = Pools()
    with pytest.raises(ZeroDivisionError), way(pools, POOL):
        _ = 1 / 0
    with pools.removing(POOL) as alone:
        assert alone


def test_members_that_come_and_go_never_lose_the_pool_they_are_in() -> None:
    """A tiny world: a pool exists while it has members; who removes it looks and removes in two moves."""
    pools, lock, members, exists = Pools(), threading.Lock(), set[int](), threading.Event()
    lost: list[int] = []

    def join_and_leave(me: int) -> None:
        for _ in range(50):
            with pools.using(POOL):
                exists.set()
                with lock:
                    members.add(me)
                if not exists.is_set():
                    lost.append(me)
                with lock:
                    members.discard(me)
            with pools.removing(POOL) as alone:
                if alone and not members:
                    exists.clear()

    with ThreadPoolExecutor(6) as threads:
        for done in [threads.submit(join_and_leave, me) for me in range(6)]:
            done.result(SECONDS)
    assert not lost
