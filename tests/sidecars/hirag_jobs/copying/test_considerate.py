"""How much is written at once follows how searches are doing, and never comes to a stop."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from weaviate.classes.data import DataObject
from weaviate.proto.v1 import batch_pb2, search_get_pb2

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.considerate import Consideration, Dose
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import pages
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.writing import write
from tests.sidecars.hirag_jobs.copying.copies import Copy


@pytest.mark.parametrize(
    ("before", "slowdown", "after"),
    [
        pytest.param(Dose(100), 2.5, Dose(75), id="too slow: less"),
        pytest.param(Dose(100), 1.8, Dose(100), id="near the limit: as before"),
        pytest.param(Dose(100), 1.0, Dose(125), id="room: more"),
        pytest.param(Dose(5), 2.5, Dose(4), id="too slow still: the fewest"),
        pytest.param(Dose(4), 2.5, Dose(4, 0.002), id="the fewest are too many: a pause behind them"),
        pytest.param(Dose(4, 0.02), 9.0, Dose(4, 0.02), id="the longest pause: it goes on all the same"),
        pytest.param(Dose(4, 0.002), 1.0, Dose(4), id="room: first the pause goes"),
        pytest.param(Dose(5000), 1.0, Dose(5000), id="never more than a page"),
    ],
)
def test_a_dose_follows_how_much_slower_searches_are(before: Dose, slowdown: float, after: Dose) -> None:
    before.adapt(slowdown, 2.0)
    assert before == after


class Watched(ObjectChannel):
    """A channel that counts what is searched through it."""

    searches = 0

    def search(self, request: search_get_pb2.SearchRequest) -> search_get_pb2.SearchReply:
        self.searches += request.HasField("near_vector")
        return super().search(request)


@pytest.fixture
def watched(weaviate_server: WeaviateServer) -> Iterator[Watched]:
    with Watched(f"127.0.0.1:{weaviate_server.grpc_port}", None) as channel:
        yield channel


@pytest.mark.parametrize(
    ("objects", "timed"),
    [
        pytest.param(60, False, id="a small part is written sooner than searches are timed"),
        pytest.param(1_000, True, id="a large one is timed"),
    ],
)
def test_objects_are_written_whole_by_whoever_is_considerate(
    copy: Copy, watched: Watched, objects: int, *, timed: bool
) -> None:
    copy.fill(objects)
    schema = copy.schema(copy.source.name)
    way = copy.way()
    with Consideration(schema, 2.0).of(watched, Part.of_class(schema)) as writer:
        assert writer is not write
        page = [way.rendering.bare(one) for found in pages(watched, way.source) for one in found]
        assert writer(watched, page) == objects
    assert len(copy.target) == objects
    assert (watched.searches > 0) == timed


def test_small_parts_take_turns_a_few_objects_at_once(copy: Copy, channel: ObjectChannel) -> None:
    copy.fill(60)
    schema = copy.schema(copy.source.name)
    part, way = Part.of_class(schema), copy.way()
    page = [way.rendering.bare(one) for found in pages(channel, way.source) for one in found]
    under_way = most = 0

    class Doses(ObjectChannel):
        def write(self, request: batch_pb2.BatchObjectsRequest) -> batch_pb2.BatchObjectsReply:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            assert len(request.objects) <= 16
            try:
                return channel.write(request)
            finally:
                under_way -= 1

    consideration = Consideration(schema, 2.0)
    with Doses("127.0.0.1:1", None) as doses, ThreadPoolExecutor(4) as pool:

        def carry(_: int) -> int:
            with consideration.of(channel, part) as writer:
                return writer(doses, page)

        assert list(pool.map(carry, range(4))) == [60] * 4
    assert most == 1


def test_without_a_limit_nobody_is_considered(copy: Copy, channel: ObjectChannel) -> None:
    schema = copy.schema(copy.source.name)
    with Consideration(schema).of(channel, Part.of_class(schema)) as writer:
        assert writer is write


def test_without_vectors_there_is_nobody_to_consider(copy: Copy, channel: ObjectChannel) -> None:
    copy.put([DataObject(uuid=uuid4(), properties={"text": "a passage"}) for _ in range(1_000)])
    schema = copy.schema(copy.source.name)
    with Consideration(schema, 2.0).of(channel, Part.of_class(schema)) as writer:
        assert writer is write
