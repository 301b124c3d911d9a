"""The Weaviate client as every job uses it: one way to connect, to try again, and to name what went wrong."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import grpc
import stamina
import weaviate
from weaviate.classes.init import AdditionalConfig, Auth, Timeout
from weaviate.exceptions import WeaviateBaseError, WeaviateInsertManyAllFailedError, WeaviateInvalidInputError

from hirag_jobs.keys import without
from hirag_kit.errors import InvalidRequestError, VectorStoreError

_TOTAL_SECONDS = 120.0  # a server that is scheduled anew is back by then
_TIMEOUTS = Timeout(init=30, query=60, insert=120)
_GRPC_SECONDS = 10.0  # until a connection is there
_HTTPS_PORT = 443
_HTTP_PORT = 80
# A migration's freeze, a shard that an index update locks for a moment, a cluster without a leader, an overload.
PASSING = re.compile(r"read-?only|timeout|deadline|unavailable|connect|leader|replica|too many|overload", re.IGNORECASE)
"""What Weaviate says of an object that it may take later."""


def connect(http_url: str, grpc_address: str, api_key: str | None) -> weaviate.WeaviateClient:
    """A connected client, to be closed by the caller.

    Args:
        http_url: root of Weaviate's REST API; https makes gRPC secure as well.
        grpc_address: host and port of Weaviate's gRPC API, `host:port`.
        api_key: for both.

    Raises:
        VectorStoreError: Weaviate was not reached.
    """
    # It logs refused objects whole, users' texts included; what it says in errors is reported by id.
    logging.getLogger("weaviate-client").setLevel(logging.CRITICAL)
    http = urlsplit(http_url)
    secure = http.scheme == "https"
    grpc_host, _, grpc_port = grpc_address.rpartition(":")
    with translated("connected to", api_key):
        client = weaviate.connect_to_custom(
            http_host=http.hostname or "",
            http_port=http.port or (_HTTPS_PORT if secure else _HTTP_PORT),
            http_secure=secure,
            grpc_host=grpc_host,
            grpc_port=int(grpc_port),
            grpc_secure=secure,
            auth_credentials=Auth.api_key(api_key) if api_key else None,
            additional_config=AdditionalConfig(timeout=_TIMEOUTS),
            skip_init_checks=True,  # they ask a package index on the internet whether the client is old
        )
    try:
        _require_grpc(grpc_address, secure=secure)
    except VectorStoreError:
        client.close()
        raise
    return client


def _require_grpc(address: str, *, secure: bool) -> None:
    """Raises VectorStoreError where nothing speaks gRPC at an address."""
    tls = grpc.ssl_channel_credentials() if secure else None
    with grpc.secure_channel(address, tls) if tls else grpc.insecure_channel(address) as channel:
        try:
            grpc.channel_ready_future(channel).result(_GRPC_SECONDS)
        except grpc.FutureTimeoutError as error:
            raise VectorStoreError(
                f"the gRPC API at {address} was not reached; --weaviate-grpc names another"
            ) from error


def attempts() -> Iterator[stamina.Attempt]:
    """Tries of one call, each a context manager, while it fails by what may pass of Weaviate and patience lasts."""
    return iter(stamina.retry_context(on=_may_pass, attempts=None, timeout=_TOTAL_SECONDS))


def _may_pass(error: Exception) -> bool:
    return isinstance(error, VectorStoreError) and error.retryable


@contextmanager
def translated(what: str, api_key: str | None = None) -> Iterator[None]:
    """Turns the client's errors into ours, but the one that tells how each object of a batch failed.

    Args:
        what: what was to be done with the collection, as a participle.
        api_key: left out of what is said, where the client might quote it.
    """
    try:
        yield
    except WeaviateInsertManyAllFailedError:
        raise
    except WeaviateInvalidInputError as error:
        raise InvalidRequestError(f"the collection could not be {what}: {error.message}") from error
    except WeaviateBaseError as error:
        raise VectorStoreError(f"the collection could not be {what}: {without(api_key, str(error))}") from error
