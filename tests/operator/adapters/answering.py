"""A test double for servers: a real HTTP server on loopback that answers as it is told and remembers what was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answer:
    """What comes back: bytes as they are, anything else as JSON.

    `held`: nothing, until the server is closed. `spoken`: these bytes in place of an answer in HTTP.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    held: bool = False
    spoken: bytes = b""

    def payload(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answering = Answer | Callable[[Asked], Answer]


class AnsweringServer(ThreadingHTTPServer):
    """Answers every request with `answer`, or with that of its path in `answers`; either may look at the request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer: Answering = Answer()
        self.answers: dict[str, Answering] = {}
        self.asked: list[Asked] = []
        self.released = threading.Event()

    @property
    def url(self) -> str:
        """The server's root."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: AnsweringServer

    def _reply(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        asked = Asked(self.command, self.path, dict(self.headers), self.rfile.read(length))
        self.server.asked.append(asked)
        found = self.server.answers.get(self.path, self.server.answer)
        answer = found if isinstance(found, Answer) else found(asked)
        if answer.held:
            self.server.released.wait()
            return
        if answer.spoken:
            self.wfile.write(answer.spoken)
            self.close_connection = True
            return
        payload = answer.payload()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _reply  # noqa: N815  the names that http.server calls

    def log_message(self, *_: Any) -> None:
        """The test says what went wrong, not the double."""


@contextmanager
def answering() -> Iterator[AnsweringServer]:
    """An answering server that runs for as long as the context."""
    with AnsweringServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
