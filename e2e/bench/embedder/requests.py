"""Requests to the server: many at a time, or one after the other while others are at work.

Bodies are made beforehand and answers are read but not parsed, so that it is the server that is measured.
"""

import base64
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Event, Thread
from time import perf_counter
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

_PATH = "/v1/embeddings"
_PATIENCE_SECONDS = 120.0
_OK = 200


def bodies(texts: Sequence[str], each: int, encoding: str = "base64") -> list[bytes]:
    """The bodies of requests of so many texts each."""
    return [
        json.dumps({"model": "bench", "input": texts[start : start + each], "encoding_format": encoding}).encode()
        for start in range(0, len(texts), each)
    ]


class Connection:
    """One connection that is kept open."""

    def __init__(self, url: str) -> None:
        self._http = HTTPConnection(urlsplit(url).netloc, timeout=_PATIENCE_SECONDS)

    def ask(self, body: bytes) -> bytes:
        """The answer to one request.

        Raises:
            RuntimeError: when it is no success, with what the server says.
        """
        self._http.request("POST", _PATH, body, {"Content-Type": "application/json"})
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status != _OK:
            raise RuntimeError(f"{answer.status}: {content[:500].decode(errors='replace')}")
        return content

    def close(self) -> None:
        """Hang up."""
        self._http.close()


def seconds_of(url: str, asked: Sequence[bytes], lanes: int) -> float:
    """How long all requests take, so many at a time, each lane on a connection of its own."""
    began = perf_counter()
    with ThreadPoolExecutor(lanes) as pool:
        list(pool.map(_ask_all, [url] * lanes, [asked[lane::lanes] for lane in range(lanes)]))
    return perf_counter() - began


def _ask_all(url: str, asked: Sequence[bytes]) -> None:
    connection = Connection(url)
    for body in asked:
        connection.ask(body)
    connection.close()


@contextmanager
def load(url: str, asked: Sequence[bytes], lanes: int) -> Iterator[None]:
    """Bulk requests without end, so many at a time, until the context ends."""
    done = Event()

    def work(lane: int) -> None:
        connection, turn = Connection(url), lane
        while not done.is_set():
            connection.ask(asked[turn % len(asked)])
            turn += lanes
        connection.close()

    threads = [Thread(target=work, args=(lane,), name=f"load {lane}") for lane in range(lanes)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


def milliseconds_of_each(url: str, asked: Sequence[bytes], seconds: float = 10.0) -> list[float]:
    """How long each request takes, one after the other, ascending; no more are made after so many seconds."""
    connection = Connection(url)
    taken: list[float] = []
    last = perf_counter() + seconds
    for body in asked:
        if taken and perf_counter() > last:
            break
        began = perf_counter()
        connection.ask(body)
        taken.append((perf_counter() - began) * 1000)
    connection.close()
    return sorted(taken)


def vectors(url: str, texts: Sequence[str]) -> NDArray[np.float32]:
    """The vectors of the texts, of one request, [texts, dimensions]."""
    connection = Connection(url)
    data = json.loads(connection.ask(bodies(texts, len(texts))[0]))["data"]
    connection.close()
    return np.stack([np.frombuffer(base64.b64decode(one["embedding"]), dtype="<f4") for one in data])
