"""One way to ask an HTTP server for JSON, with every failure turned into the operator's own errors.

It stands on httpcore, the lower half of httpx: every object is looked at every few minutes, and the upper half costs
as much again as the call itself.
"""

import functools
import os
import ssl
import time
from collections.abc import Callable
from contextlib import nullcontext
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import orjson

from hirag_operator.adapters.breaker import Breaker
from hirag_operator.adapters.deadline import DeadlineBackend
from hirag_operator.adapters.fence import OPEN, Fence
from hirag_operator.adapters.refusals import words_of
from hirag_operator.errors import Garbled, NotAuthorized, OperatorError, Refused, Unreachable

MESSAGE_LIMIT = 400  # characters of a server's own words that go into a condition
ANSWER_LIMIT = 64 * 1024 * 1024  # bytes; the schema of a thousand collections takes ten million
MOST_CONNECTIONS = 64  # as many as there can be workers
IDLE_SECONDS = 30.0  # a connection that idles longer may have been forgotten by something on its way

Observer = Callable[[str, float], None]


class JsonServer:
    """A server that speaks JSON over HTTP; raises NotAuthorized for a `bearer` that no header can carry.

    `name` stands for it in errors (`Weaviate "default"`). A call takes `timeout_seconds` at most, from the first byte
    sent to the last one read, and reads `max_bytes` at most; `breaker`, which servers of one name may share, keeps
    calls from waiting one after another. Not `quoted`, a refusal is told in the server's words only where they have the
    form of an error: who may name a server must not read by it what else answers there.
    `observe(operation, seconds)` is told of every call. `fence` is passed by all that is sent, but for what only reads.
    Proxies are taken from the environment (HTTPS_PROXY, NO_PROXY, …), authorities of one's own from SSL_CERT_FILE.
    Instances are safe to use from several threads.
    """

    def __init__(  # noqa: PLR0913  what tells one server from another, most of it with a default
        self,
        name: str,
        base_url: str,
        *,
        bearer: str | None = None,
        timeout_seconds: float = 10.0,
        max_bytes: int = ANSWER_LIMIT,
        quoted: bool = True,
        breaker: Breaker | None = None,
        fence: Fence = OPEN,
        observe: Observer = lambda _operation, _seconds: None,
    ) -> None:
        if bearer is not None and not (bearer.isascii() and bearer.isprintable()):
            # Refused here, for the HTTP client would refuse the header with the key in its message.
            raise NotAuthorized(name, "the key must be one line of printable ASCII characters")
        self.name = name
        self.fence = fence
        self._base_url = base_url.rstrip("/")
        self._bearer = bearer
        self._timeout = timeout_seconds
        self._max_bytes = max_bytes
        self._quoted = quoted
        self._breaker = breaker or Breaker()
        self._observe = observe
        self._deadline = DeadlineBackend(fence.unheard_seconds)
        self._pool = _pool(self._base_url, self._deadline)

    def close(self) -> None:
        """Give the pooled connections back."""
        self._pool.close()

    def ask(self, operation: str, method: str, path: str, body: Any = None, *, reads: bool = False) -> Any:
        """Send `body` as JSON to `path` (percent-encoded) and return the decoded answer (None when empty).

        `reads`: it changes nothing, though it is no GET.

        Raises:
            NotLeading: it would change something, and the fence is closed.
            Unreachable: no whole answer in time, 429 or 5xx.
            NotAuthorized: 401 or 403.
            Refused: any other answer that is no success, redirections too; `status` tells which.
            Garbled: a 2xx whose body is not JSON, or longer than `max_bytes`.
        """
        reads = reads or method == "GET"
        with nullcontext() if reads else self.fence.step(), self._breaker.calling(self.name):
            status, content = self._measured(operation, method, path, body, reads=reads)
            if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
                raise self._failure(f"{method} {path}", status, content)
        return self._decoded(path, content)

    def find(self, operation: str, path: str) -> Any | None:
        """GET `path`; None when the server says that there is no such thing (404)."""
        try:
            return self.ask(operation, "GET", path)
        except Refused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def _measured(self, operation: str, method: str, path: str, body: Any, *, reads: bool) -> tuple[int, bytes]:
        """Return the status and the body of the answer; how long it took is told to the observer."""
        started = time.perf_counter()
        try:
            return self._exchange(method, path, body, reads=reads)
        except httpcore.TimeoutException as error:
            message = f"no answer to {method} {path} within {self._timeout:g} s"
            raise Unreachable(self.name, message) from error
        except httpcore.ProtocolError:
            # Its message quotes the line that is not HTTP: a key that was repeated, or what is no business of the user.
            raise Unreachable(self.name, f"no answer to {method} {path}, or none that is HTTP") from None
        except (httpcore.NetworkError, httpcore.ProxyError) as error:
            raise Unreachable(self.name, str(error) or type(error).__name__) from error
        except (httpcore.UnsupportedProtocol, UnicodeError) as error:  # the latter is what a look-up raises
            raise Unreachable(self.name, "its URL names no server: http or https, and a host, are needed") from error
        finally:
            self._observe(operation, time.perf_counter() - started)

    def _exchange(self, method: str, path: str, body: Any, *, reads: bool) -> tuple[int, bytes]:
        headers = [("Host", urlsplit(self._base_url).netloc.rpartition("@")[2]), ("Accept-Encoding", "identity")]
        content = None if body is None else orjson.dumps(body)
        if content is not None:
            headers += [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        if self._bearer:
            headers.append(("Authorization", f"Bearer {self._bearer}"))
        parts: list[bytes] = []
        size = 0
        with (
            self._deadline.within(self._timeout, OPEN.check if reads else self.fence.check),
            self._pool.stream(
                method,
                self._base_url + path,
                headers=headers,
                content=content,
                extensions={"timeout": {"pool": self._timeout}},
            ) as answer,
        ):
            for part in answer.iter_stream():
                size += len(part)
                if size > self._max_bytes:
                    raise Garbled(self.name, f"the answer to {method} {path} is longer than {self._max_bytes} bytes")
                parts.append(part)
        return answer.status, b"".join(parts)

    def _decoded(self, path: str, content: bytes) -> Any:
        if not content:
            return None
        try:
            return orjson.loads(content)
        except (ValueError, RecursionError) as error:
            raise Garbled(self.name, f"{path} answered what is not JSON") from error

    def _failure(self, request: str, status: int, content: bytes) -> OperatorError:
        words = words_of(status, content, quoted=self._quoted)
        if self._bearer:  # some servers repeat the key that they refuse
            words = words.replace(self._bearer, "[key]")
        message = f"{status} to {request}: {words[:MESSAGE_LIMIT]}"
        if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
            return NotAuthorized(self.name, message)
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Unreachable(self.name, message)
        return Refused(self.name, message, status)


def _pool(url: str, deadline: DeadlineBackend) -> httpcore.ConnectionPool:
    """Return a pool of connections to a server, through a proxy where the environment wants one."""
    parts = urlsplit(url)
    proxy = None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
    context = _authorities() if parts.scheme == "https" else None
    if proxy is None:
        return httpcore.ConnectionPool(
            context, max_connections=MOST_CONNECTIONS, keepalive_expiry=IDLE_SECONDS, network_backend=deadline
        )
    where = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return httpcore.HTTPProxy(
        f"{where.scheme}://{where.netloc.rpartition('@')[2]}",
        (where.username, where.password or "") if where.username else None,
        ssl_context=context,
        max_connections=MOST_CONNECTIONS,
        keepalive_expiry=IDLE_SECONDS,
        network_backend=deadline,
    )


@functools.cache
def _authorities() -> ssl.SSLContext:
    """Return what servers are verified by: the public authorities, and those of SSL_CERT_FILE."""
    context = httpcore.default_ssl_context()
    if own := os.environ.get("SSL_CERT_FILE"):
        context.load_verify_locations(own)
    return context
