"""A seal removes what was deleted if the freeze has time for that, reckoned from how fast the server is by now."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final
from uuid import UUID

import pytest
from weaviate.classes.data import DataObject
from weaviate.proto.v1 import batch_delete_pb2

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.passes import Way, backfill
from hirag_jobs.copying.report import PartReport
from hirag_jobs.copying.tail import Seal, Tail
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.rest import Rest
from tests.sidecars.hirag_jobs.copying.copies import DIMENSIONS, Copy

BUDGET_MS: Final = 300
_BUSY_SECONDS: Final = 1.0  # the few ids of these tests are walked in far less than the budget
FIRST, SECOND, THIRD, FOURTH = (UUID(int=one) for one in range(1, 5))


class Busy(ObjectChannel):
    """To a server that has much else to do when it should delete."""

    def delete(self, request: batch_delete_pb2.BatchDeleteRequest) -> batch_delete_pb2.BatchDeleteReply:
        time.sleep(_BUSY_SECONDS)
        return super().delete(request)


def inserted(copy: Copy, *ids: UUID) -> None:
    copy.put([DataObject(uuid=one, properties={}, vector=[1.0] * DIMENSIONS) for one in ids])


def deleted(copy: Copy, *ids: UUID) -> None:
    for one in ids:
        copy.source.data.delete_by_id(one)


@pytest.fixture
def tail(weaviate_server: WeaviateServer, copy: Copy) -> Iterator[Tail]:
    """Follows a copy of four objects whose source has lost one since."""
    inserted(copy, FIRST, SECOND, THIRD, FOURTH)
    assert sum(backfill(copy.way())) == 4
    deleted(copy, FIRST)
    with Rest(weaviate_server.http_url, None) as rest:
        yield Tail(copy.way(), rest, PartReport(tenant=None), rest.now(), filtered=True)


@pytest.fixture
def busy(weaviate_server: WeaviateServer, tail: Tail) -> Iterator[Way]:
    """The way of the same where the server is busy."""
    with Busy(f"127.0.0.1:{weaviate_server.grpc_port}", None) as channel:
        yield replace(tail.way, channel=channel)


def held(copy: Copy) -> set[UUID]:
    """What the target has."""
    return set(copy.sides()[1])


def keep_up(tail: Tail) -> None:
    tail.keep_up()


def seal(tail: Tail) -> None:
    assert tail.seal(BUDGET_MS) == Seal(missed=1, left=0, behind=False), "it was not known to be busy"


def test_a_quick_server_leaves_nothing_for_behind_the_swap(copy: Copy, tail: Tail) -> None:
    assert tail.seal(BUDGET_MS) == Seal(missed=1, left=0, behind=False)
    assert held(copy) == {SECOND, THIRD, FOURTH}


@pytest.mark.parametrize("learns", [keep_up, seal])
def test_a_walk_that_took_too_long_is_not_made_within_the_next_freeze(
    copy: Copy, tail: Tail, busy: Way, learns: Callable[[Tail], None]
) -> None:
    tail.way = busy
    learns(tail)
    deleted(copy, SECOND)
    assert tail.seal(BUDGET_MS) == Seal(missed=1, left=1, behind=True)
    assert held(copy) == {SECOND, THIRD, FOURTH}, "it waits for the swap"
    tail.sweep_behind(tail.rest.now() + 1_000)
    assert held(copy) == {THIRD, FOURTH}


def test_before_a_freeze_what_was_deleted_is_removed_so_that_it_has_nothing_left_to_do(copy: Copy, tail: Tail) -> None:
    tail.sweep_before()
    assert held(copy) == {SECOND, THIRD, FOURTH}
    assert tail.seal(BUDGET_MS) == Seal(missed=0, left=0, behind=False)


def test_a_freeze_is_not_put_off_for_a_walk_that_takes_long(
    copy: Copy, tail: Tail, busy: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hirag_jobs.copying.tail._SOON_SECONDS", _BUSY_SECONDS / 2)
    tail.way = busy
    seal(tail)
    deleted(copy, SECOND)
    tail.sweep_before()
    assert held(copy) == {SECOND, THIRD, FOURTH}


def test_a_server_that_is_quick_again_is_reckoned_with_as_such(copy: Copy, tail: Tail, busy: Way) -> None:
    quick, tail.way = tail.way, busy
    seal(tail)
    tail.way = quick
    deleted(copy, SECOND)
    tail.keep_up()
    deleted(copy, THIRD)
    assert tail.seal(BUDGET_MS) == Seal(missed=1, left=0, behind=False)
    assert held(copy) == {FOURTH}
