"""The official client of Kubernetes, behind the fence: its connections ask before they send what changes anything.

The fence stands at the socket, below whatever waits for a connection, for TLS or for a turn, so that nothing lies
between its permission and the bytes.
"""

from typing import Any, ClassVar

import urllib3
from kubernetes.client import ApiClient, Configuration
from kubernetes.utils.keepalive import tcp_keepalive_socket_options
from urllib3.connection import HTTPConnection, HTTPSConnection

from hirag_operator.adapters.deadline import unheard
from hirag_operator.adapters.fence import OPEN, Fence

_keepalive: Any = tcp_keepalive_socket_options  # what the client sets by itself; it ships no types

READS = frozenset({"GET", "HEAD"})


class _Fenced(HTTPConnection):
    fence: ClassVar[Fence] = OPEN
    _changes = False

    def putrequest(self, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False) -> None:  # noqa: FBT001, FBT002  the library's signature
        self._changes = method not in READS
        super().putrequest(method, url, skip_host, skip_accept_encoding)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        if self._changes:
            self.fence.check()
        super().send(data)


class _FencedTls(_Fenced, HTTPSConnection):
    """The same over TLS."""


def fenced_client(configuration: Configuration, agent: str, fence: Fence) -> ApiClient:
    """Return a client that names itself `agent` to the server, and sends no change but through the fence."""
    plain: Any = type("FencedConnection", (_Fenced,), {"fence": fence})
    secure: Any = type("FencedTlsConnection", (_FencedTls,), {"fence": fence})
    if options := unheard(fence.unheard_seconds):
        _with(configuration).socket_options = [*_keepalive(), *options]
    client = ApiClient(configuration)
    _with(client).user_agent = agent
    manager: urllib3.PoolManager = _with(client).rest_client.pool_manager
    manager.pool_classes_by_scheme = {
        "http": type("FencedPool", (urllib3.HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("FencedTlsPool", (urllib3.HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }
    return client


def _with(part: object) -> Any:
    """Return a part of the official client as it ships: without types."""
    return part
