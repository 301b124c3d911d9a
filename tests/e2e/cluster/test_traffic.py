"""The ledger of a traffic is exact, whatever becomes of answers; and a thread that ends before its time is told."""

from collections.abc import Callable
from typing import cast
from uuid import uuid4

import pytest
from weaviate.classes.config import Configure, DataType, Property

from e2e.cluster.faultproxy import FaultProxy
from e2e.cluster.faults import NONE, Fault
from e2e.cluster.namespace import eventually
from e2e.cluster.traffic import Traffic
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect


def test_a_write_whose_answer_was_lost_is_tried_until_it_is_answered(weaviate_server: WeaviateServer) -> None:
    name, address = f"Traffic_{uuid4().hex}", f"127.0.0.1:{weaviate_server.grpc_port}"
    with connect(weaviate_server.http_url, address, None) as client, FaultProxy(weaviate_server.http_url) as proxy:
        collection = client.collections.create(
            name,
            vector_config=Configure.Vectors.self_provided(),
            properties=[
                Property(name="text", data_type=DataType.TEXT),
                Property(name="chunkIndex", data_type=DataType.INT),
            ],
        )
        with Traffic(proxy.url, address, name, None, 4, rate=100) as traffic:
            for fault in (Fault(lose=True), Fault(status=200, methods=frozenset({"PUT"})), Fault(lose=True)):
                _await_more(lambda: traffic.written, 30)
                proxy.fault = fault
                _await_more(lambda: len(proxy.asked), 10)
                proxy.fault = NONE
            _await_more(lambda: traffic.written, 30)
        stored = {one.uuid: one.properties["chunkIndex"] for one in collection.iterator()}
        client.collections.delete(name)
    assert traffic.ledger.troubles == []
    assert stored == {one: number for one, number in traffic.ledger.objects.items() if number is not None}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_ends_a_thread_is_a_trouble(weaviate_server: WeaviateServer) -> None:
    address, no_number = f"127.0.0.1:{weaviate_server.grpc_port}", cast("int", "four")
    with Traffic(weaviate_server.http_url, address, "Any", None, no_number, rate=100) as traffic:
        told = eventually(lambda: _troubles(traffic), lambda found: len(found) == 6)
    assert all("TypeError" in one for one in told)


def _troubles(traffic: Traffic) -> list[str]:
    return [*traffic.ledger.troubles, *(one for seen in traffic.searches for one in seen.troubles)]


def _await_more(look: Callable[[], int], more: int) -> None:
    at = look()
    eventually(look, lambda count: count > at + more)
