"""Sockets that keep a deadline over a whole call.

The timeouts of Python's HTTP clients are for one read each, so a server that sends a byte now and then holds its caller
for as long as it likes. Here every wait on a socket is for what is left of the call's time, and no longer.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

PIECE_BYTES = 65_536  # written at a time, so that a server that reads slowly is measured too


class DeadlineBackend(httpcore.NetworkBackend):
    """Opens sockets whose waits end at the deadline of the thread that waits. Outside of `within` nothing may wait.

    What was sent and not acknowledged for `unheard_seconds` is given up by the system (None: in its own time).
    """

    def __init__(self, unheard_seconds: float | None = None) -> None:
        self._sockets = httpcore.SyncBackend()
        self._options = unheard(unheard_seconds)
        self._calls = threading.local()

    @contextmanager
    def within(self, seconds: float, permit: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Give the calling thread `seconds` from now for all that it does on these sockets.

        `permit` is asked immediately before anything is sent; what it raises ends the call.
        """
        self._calls.end, self._calls.permit = time.monotonic() + seconds, permit
        try:
            yield
        finally:
            self._calls.end = self._calls.permit = None

    def left(self) -> float:
        """Return the seconds that the calling thread has left.

        Raises:
            httpcore.ReadTimeout: none is left.
        """
        end: float | None = getattr(self._calls, "end", None)
        if end is None:
            raise RuntimeError("a call without a deadline")
        seconds = end - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout("the call's time is over")
        return seconds

    def permit(self) -> None:
        """Raise what forbids the calling thread to send."""
        self._calls.permit()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  the call's own deadline counts
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect; the look-up of `host` is the system's and keeps the system's own time."""
        options = [*(socket_options or ()), *self._options]
        return _Stream(self._sockets.connect_tcp(host, port, self.left(), local_address, options), self)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: DeadlineBackend) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002  as above
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002  as above
        for start in range(0, len(buffer), PIECE_BYTES):
            left = self._deadline.left()
            self._deadline.permit()
            self._stream.write(buffer[start : start + PIECE_BYTES], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002  as above
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def unheard(seconds: float | None) -> list[httpcore.SOCKET_OPTION]:
    """Return the socket option by which the system gives up what was not acknowledged for so long, where it has one.

    Else bytes that were sent while the network was cut would arrive once it heals, however old they are by then.
    """
    option: int | None = getattr(socket, "TCP_USER_TIMEOUT", None)
    if seconds is None or option is None:
        return []
    return [(socket.IPPROTO_TCP, option, int(seconds * 1000))]
