"""Asks an embedding server what it is and what its vectors look like: the live probe behind EmbeddingModel's Ready."""

import functools
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from hirag_operator.adapters.breaker import Breaker
from hirag_operator.adapters.http import JsonServer, Observer
from hirag_operator.api.embeddingmodel import MAX_DIMENSIONS
from hirag_operator.errors import Garbled
from hirag_operator.plan.invalid import complaints
from hirag_operator.plan.model.description import Description
from hirag_operator.plan.model.probe import PROBE_PASSAGES, PROBE_QUERY, PROBE_TEXTS, Probed, Vector

PROBE_SECONDS = 10.0  # a probe as a whole, however many calls it takes
NUMBER_BYTES = 32  # of one number in JSON: a double takes 24 at most
MOST_BREAKERS = 1024  # endpoints whose slowness is remembered
ANSWER_LIMIT = len(PROBE_TEXTS) * MAX_DIMENSIONS * NUMBER_BYTES


@dataclass(frozen=True)
class Endpoint:
    """Where an embedding server answers: `url` up to and with /v1; `key` is a bearer token, or None.

    `described`: at the root beside /v1 it tells of itself (`/meta`), and it knows `input_type`, as our embedder does.
    """

    url: str
    model: str
    key: str | None = None
    described: bool = False

    def __repr__(self) -> str:
        return f"Endpoint(url={self.url!r}, model={self.model!r}, key={'set' if self.key else None})"


class EmbedderAdapter:
    """Probes embedding servers. Holds no connection between probes: they are minutes apart.

    An endpoint that lets probes wait is given a rest: many EmbeddingModels may stand on it, each with a worker to hold.
    """

    def __init__(
        self, *, timeout_seconds: float = PROBE_SECONDS, observe: Observer = lambda _operation, _seconds: None
    ) -> None:
        self._timeout = timeout_seconds
        self._observe = observe
        self._breaker = functools.lru_cache(MOST_BREAKERS)(lambda _url, _model: Breaker())

    def probe(self, endpoint: Endpoint) -> Probed:
        """Embed the probe texts and return what came back, within `timeout_seconds` in all.

        Raises:
            Unreachable, NotAuthorized, Refused: as the server answered.
            Garbled: the answer holds no vectors, or is longer than vectors can be.
        """
        remaining = _budget(self._timeout)
        if not endpoint.described:
            return Probed(self._embed(endpoint, remaining, PROBE_TEXTS))
        queries = self._embed(endpoint, remaining, [PROBE_QUERY], {"input_type": "query"})
        passages = self._embed(endpoint, remaining, PROBE_PASSAGES, {"input_type": "passage"})
        return Probed(queries + passages, self._describe(endpoint, remaining))

    def _embed(
        self, endpoint: Endpoint, remaining: "Budget", texts: Sequence[str], more: Mapping[str, str] | None = None
    ) -> tuple[Vector, ...]:
        body = {"model": endpoint.model, "input": list(texts), **(more or {})}
        server = self._server(endpoint, endpoint.url, remaining, endpoint.key)
        try:
            return _vectors(server, server.ask("embed", "POST", "/embeddings", body), len(texts))
        finally:
            server.close()

    def _describe(self, endpoint: Endpoint, remaining: "Budget") -> Description:
        """Ask for the description; its place is open, so no key goes there."""
        server = self._server(endpoint, endpoint.url.removesuffix("/").removesuffix("/v1"), remaining)
        try:
            return Description.model_validate(server.ask("meta", "GET", "/meta"))
        except ValidationError as error:
            raise Garbled(server.name, f"/meta is no description of a model: {complaints(error)}") from error
        finally:
            server.close()

    def _server(self, endpoint: Endpoint, url: str, remaining: "Budget", key: str | None = None) -> JsonServer:
        return JsonServer(
            f"embedding server {url}",
            url,
            bearer=key,
            timeout_seconds=remaining(),
            max_bytes=ANSWER_LIMIT,
            quoted=False,
            breaker=self._breaker(endpoint.url, endpoint.model),
            observe=self._observe,
        )


Budget = Callable[[], float]


def _budget(seconds: float) -> Budget:
    """Return what tells how many of the seconds are left: in tenths, one at least, for a call to fail in its words."""
    ends = time.monotonic() + seconds
    return lambda: max(math.ceil((ends - time.monotonic()) * 10), 1) / 10


def _vectors(server: JsonServer, answer: Any, count: int) -> tuple[Vector, ...]:
    try:
        rows = sorted(answer["data"], key=lambda row: row["index"])
        vectors = tuple(_vector(row["embedding"]) for row in rows)
    except (TypeError, KeyError, OverflowError) as error:
        raise Garbled(server.name, "/embeddings answered without data[].embedding lists of numbers") from error
    if [row["index"] for row in rows] != list(range(count)):
        raise Garbled(
            server.name, f"/embeddings answered {len(vectors)} vectors to {count} texts, or numbers them oddly"
        )
    return vectors


def _vector(numbers: Any) -> Vector:
    if not isinstance(numbers, list) or not numbers or not all(type(number) in {int, float} for number in numbers):
        raise TypeError("a vector is a list of numbers")
    return tuple(map(float, numbers))
