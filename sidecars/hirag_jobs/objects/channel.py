"""The gRPC API of one Weaviate, by the client's own stubs: what it answers is handed on unparsed.

The client's typed methods make Python objects of every property and every number of a vector. A copy needs neither.
"""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import grpc
from weaviate.proto.v1 import aggregate_pb2, batch_delete_pb2, batch_pb2, search_get_pb2, weaviate_pb2_grpc

from hirag_jobs.connection import attempts
from hirag_jobs.keys import without
from hirag_kit.errors import ConfigurationError, VectorStoreError

_CALL_SECONDS = 120.0
_WATCH_SECONDS = 1.0  # until it is closed all the same
_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_reconnect_backoff_ms", 2_000),  # else a server that is back is not tried for minutes
)
_FOR_GOOD = {
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNIMPLEMENTED,
    grpc.StatusCode.INVALID_ARGUMENT,
}
_AWAY = ("tenant not active", "tenant not found")  # by itself it neither wakes nor comes back
_UNKNOWN, _UNKNOWN_SECONDS = "could not find class", 10.0  # until every node knows of a collection that was just made

Request = (
    search_get_pb2.SearchRequest
    | batch_pb2.BatchObjectsRequest
    | batch_delete_pb2.BatchDeleteRequest
    | aggregate_pb2.AggregateRequest
)


class ObjectChannel:
    """Calls one Weaviate; a context manager that owns its connection. Thread-safe.

    What may succeed later is tried again for two minutes; a collection that is not there is looked for for ten seconds.

    Args:
        address: host and port of the gRPC API.
        secure: whether it speaks TLS.
        api_key: sent as a bearer token.
    """

    def __init__(self, address: str, api_key: str | None, *, secure: bool = False) -> None:
        self._stumbles, self._ready = 0, False
        self._api_key = api_key
        self._metadata = (("authorization", f"Bearer {api_key}"),) if api_key else ()
        if secure:
            self._channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(), options=_OPTIONS)
        else:
            self._channel = grpc.insecure_channel(address, options=_OPTIONS)
        self._channel.subscribe(self._watch)
        stub: Any = weaviate_pb2_grpc.WeaviateStub  # generated, and without types
        self._stub = stub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end_watch()
        self._channel.close()

    @property
    def stumbles(self) -> int:
        """How often a write may have been cut off on its way so far: a lost connection, or one that was tried again."""
        return self._stumbles

    def stumbled(self) -> None:
        """Says that a write is to be tried again."""
        self._stumbles += 1

    def search(self, request: search_get_pb2.SearchRequest) -> search_get_pb2.SearchReply:
        """What a search finds."""
        reply: search_get_pb2.SearchReply = self._call("read", self._stub.Search, request)
        return reply

    def write(self, request: batch_pb2.BatchObjectsRequest) -> batch_pb2.BatchObjectsReply:
        """Writes objects, replacing those of the same id; the reply names those that were refused."""
        reply: batch_pb2.BatchObjectsReply = self._call("written", self._stub.BatchObjects, request)
        return reply

    def delete(self, request: batch_delete_pb2.BatchDeleteRequest) -> batch_delete_pb2.BatchDeleteReply:
        """Deletes what a filter matches; the reply counts what failed."""
        reply: batch_delete_pb2.BatchDeleteReply = self._call("trimmed", self._stub.BatchDelete, request)
        return reply

    def count(self, collection: str, tenant: str | None = None) -> int:
        """The exact number of objects, unlike what the nodes' statistics say."""
        request = aggregate_pb2.AggregateRequest(collection=collection, tenant=tenant or "", objects_count=True)
        reply: aggregate_pb2.AggregateReply = self._call("counted", self._stub.Aggregate, request)
        return reply.single_result.objects_count

    def _watch(self, state: grpc.ChannelConnectivity) -> None:
        """Counts lost connections: by one a server that was killed is known, though it is back before the next call."""
        if self._ready and state is not grpc.ChannelConnectivity.READY:
            self.stumbled()
        self._ready = state is grpc.ChannelConnectivity.READY

    def _end_watch(self) -> None:
        """Ends grpcio's thread that calls `_watch`: where the channel is closed between two looks of its, it raises.

        It looks five times a second whether anybody listens still, and nothing public tells that it has ended.
        """
        self._channel.unsubscribe(self._watch)
        state: Any = vars(self._channel)["_connectivity_state"]
        end = time.monotonic() + _WATCH_SECONDS
        while state.polling and time.monotonic() < end:
            time.sleep(0.01)  # between two looks at a condition

    def _call(self, what: str, method: Callable[..., Any], request: Request) -> Any:
        unknown_until = time.monotonic() + _UNKNOWN_SECONDS
        for attempt in attempts():
            with attempt:
                try:
                    return method(request, metadata=self._metadata, timeout=_CALL_SECONDS)
                except grpc.RpcError as error:
                    said = f"{error.code().name}: {without(self._api_key, error.details() or '')}"
                    gone = _UNKNOWN in said and time.monotonic() > unknown_until
                    if gone or error.code() in _FOR_GOOD or any(words in said for words in _AWAY):
                        raise ConfigurationError(f"the collection cannot be {what}: {said}") from error
                    self.stumbled()
                    raise VectorStoreError(f"the collection could not be {what}: {said}") from error
        raise AssertionError  # stamina raises the last error itself
