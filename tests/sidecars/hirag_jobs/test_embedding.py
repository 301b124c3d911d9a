"""The client of an embedding endpoint, against an HTTP server that answers as it is told."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from hirag_jobs.embedding import Embedder, Patience
from hirag_kit.errors import ConfigurationError, EmbeddingError, HiragError, InvalidRequestError, RateLimitError

Answer = tuple[int, dict[str, str], object]

GOOD: Answer = (
    200,
    {},
    {
        # As a provider may answer: out of order, one encoded as asked for, one not.
        "data": [{"index": 1, "embedding": [0.5, 0.25]}, {"index": 0, "embedding": "AACAPwAAAEA="}],
        "model": "a-model",
        "usage": {"prompt_tokens": 2, "total_tokens": 2},
    },
)
KEY = "sk-swordfish-4711"
PATIENCE = Patience(request_seconds=5, attempts=3, total_seconds=10)


class Endpoint(ThreadingHTTPServer):
    """Gives its answers one after the other, the last one for ever; has no /meta."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.asked: list[tuple[dict[str, Any], dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_GET(self) -> None:
        self.send_error(404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((body, dict(self.headers)))
        answers = self.server.answers
        status, headers, answer = answers.pop(0) if len(answers) > 1 else answers[0]
        data = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def test_vectors_come_in_the_order_of_the_texts_and_as_numbers(endpoint: Endpoint) -> None:
    endpoint.answers = [GOOD]
    with Embedder(endpoint.url, "a-model", api_key="key", dimensions=2, patience=PATIENCE) as embedder:
        assert embedder.embed(["one", "two"]) == [[1.0, 2.0], [0.5, 0.25]]
    [(body, headers)] = endpoint.asked
    assert body == {"model": "a-model", "input": ["one", "two"], "encoding_format": "base64", "dimensions": 2}
    assert headers["Authorization"] == "Bearer key"


@pytest.mark.parametrize(
    "passing",
    [(429, {"Retry-After": "1"}, {}), (503, {"Retry-After": "1"}, {}), (500, {}, {}), (200, {}, {"data": "broken"})],
)
def test_what_may_pass_is_tried_again(endpoint: Endpoint, passing: Answer) -> None:
    endpoint.answers = [passing, GOOD]
    with Embedder(endpoint.url, "a-model", patience=PATIENCE) as embedder:
        assert len(embedder.embed(["one", "two"])) == 2
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize(
    ("answer", "error", "tries"),
    [
        ((500, {}, {}), EmbeddingError, 3),
        ((429, {}, {"code": "RATE_LIMIT", "message": "slowly", "details": {}}), RateLimitError, 3),
        ((400, {}, {"code": "VALIDATION_ERROR", "message": "input 1 is too long"}), InvalidRequestError, 1),
        ((413, {}, {}), InvalidRequestError, 1),
        ((401, {}, {}), ConfigurationError, 1),
        ((404, {}, {}), ConfigurationError, 1),
        ((200, {}, GOOD[2] | {"data": []}), EmbeddingError, 3),  # type: ignore[operator]
    ],
)
def test_what_does_not_pass_is_an_error_that_says_whether_it_may(
    endpoint: Endpoint, answer: Answer, error: type[HiragError], tries: int
) -> None:
    endpoint.answers = [answer]
    with Embedder(endpoint.url, "a-model", patience=PATIENCE) as embedder, pytest.raises(error) as raised:
        embedder.embed(["one", "two"])
    assert len(endpoint.asked) == tries
    assert raised.value.retryable is (tries > 1)


def test_an_endpoint_that_does_not_name_its_model_needs_to_be_told(endpoint: Endpoint) -> None:
    with pytest.raises(ConfigurationError, match="--model"):
        Embedder(endpoint.url)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
@pytest.mark.parametrize("body", [f"no such key: {KEY}", {"code": "REFUSED", "message": f"no such key: {KEY}"}])
def test_a_key_that_the_endpoint_repeats_is_not_told(endpoint: Endpoint, status: int, body: object) -> None:
    endpoint.answers = [(status, {}, body)]
    impatient = Patience(request_seconds=5, attempts=1, total_seconds=5)
    with Embedder(endpoint.url, "m", api_key=KEY, patience=impatient) as embedder, pytest.raises(HiragError) as raised:
        embedder.embed(["one"])
    assert "no such key: [key]" in raised.value.message
    assert KEY not in repr(raised.value)


def test_a_key_does_not_show_where_an_excerpt_ends(endpoint: Endpoint) -> None:
    endpoint.answers = [(400, {}, "x" * 190 + KEY)]
    with Embedder(endpoint.url, "m", api_key=KEY) as embedder, pytest.raises(InvalidRequestError) as raised:
        embedder.embed(["one"])
    assert KEY[:4] not in raised.value.message
