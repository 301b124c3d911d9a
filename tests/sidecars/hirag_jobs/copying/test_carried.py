"""What was carried is known by its update time, and how surely by when it was read."""

import math
from uuid import UUID

import pytest
from weaviate.proto.v1 import search_get_pb2

from e2e.cluster.namespace import eventually
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.carried import LANDING_MS, Carried
from hirag_jobs.copying.passes import backfill, catch_up
from hirag_jobs.objects.pages import Result, Seen, walk
from hirag_jobs.rest import Rest
from tests.sidecars.hirag_jobs.copying.copies import Copy

NOW = 1_700_000_000_000


@pytest.fixture
def carried() -> Carried:
    carried = Carried()
    carried.begin(NOW)
    return carried


@pytest.mark.parametrize(
    ("age_ms", "lacks", "surely"),
    [
        pytest.param(2_000, False, True, id="read well after it was written"),
        pytest.param(1_001, False, True, id="read just so long after that no other write has the same time"),
        pytest.param(1_000, False, False, id="another write may have the same time"),
        pytest.param(-5_000, False, False, id="dated by a clock that goes before"),
        pytest.param(LANDING_MS + 1, True, False, id="too old to be kept"),
    ],
)
def test_what_was_carried_is_known(carried: Carried, *, age_ms: int, lacks: bool, surely: bool) -> None:
    carried.note([_object(1, NOW - age_ms)], read=NOW)
    seen = Seen(1, NOW - age_ms)
    assert (carried.lacks(seen), carried.surely_has(seen)) == (lacks, surely)


def test_an_object_that_changed_since_was_not_carried(carried: Carried) -> None:
    carried.note([_object(1, NOW - 5_000)], read=NOW)
    assert carried.lacks(Seen(1, NOW - 4_999))


def test_what_is_read_again_later_is_sure(carried: Carried) -> None:
    carried.note([_object(1, NOW)], read=NOW)
    carried.note([_object(1, NOW)], read=NOW + 1_001)
    assert carried.surely_has(Seen(1, NOW))
    carried.note([_object(1, NOW + 1_500)], read=NOW + 1_600)
    assert not carried.surely_has(Seen(1, NOW + 1_500))


def test_what_is_too_old_is_let_go(carried: Carried) -> None:
    carried.note([_object(1, NOW), _object(2, NOW + 10_000)], read=NOW + 10_000)
    carried.forget(NOW + LANDING_MS + 5_000)
    assert (carried.lacks(Seen(1, NOW)), carried.lacks(Seen(2, NOW + 10_000))) == (True, False)


def test_before_it_has_begun_it_knows_nothing() -> None:
    carried = Carried()
    carried.note([_object(1, NOW)], read=carried.now())
    assert carried.lacks(Seen(1, NOW))
    assert carried.now() == math.inf


def test_what_the_copy_has_as_it_is_now_is_not_caught_up_with(copy: Copy, weaviate_server: WeaviateServer) -> None:
    ids = copy.fill(30)
    with Rest(weaviate_server.http_url, None) as rest:
        way, began = copy.way(), rest.now()
        way.carried.begin(began)
        written = max(one.updated for one in walk(way.channel, way.source))
        eventually(way.carried.now, lambda now: now > written + 1_000)
        assert sum(backfill(way)) == 30
        copy.source.data.replace(ids[0], {"text": "another"}, vector=[1.0] * 8)
        told: list[int] = []
        last = catch_up(way, began - 60_000, rest.now(), told=told.append)
    assert (last.carried, sum(told)) == (1, 1)
    assert len(last.changed) == 30


def _object(number: int, updated: int) -> Result:
    metadata = search_get_pb2.MetadataResult(id_as_bytes=UUID(int=number).bytes, last_update_time_unix=updated)
    return search_get_pb2.SearchResult(metadata=metadata)
