"""A channel that is closed leaves nothing behind that could fail on it."""

import threading

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.objects.channel import ObjectChannel


def test_no_thread_watches_a_channel_that_is_closed(weaviate_server: WeaviateServer) -> None:
    before = set(threading.enumerate())  # some of which may end meanwhile: a pool's of another test, say
    for address in (f"127.0.0.1:{weaviate_server.grpc_port}", "127.0.0.1:1"):  # of which nobody answers
        with ObjectChannel(address, None):
            assert set(threading.enumerate()) - before
        assert not set(threading.enumerate()) - before
