"""Asks an embedding server what it is and what its vectors look like: the live probe behind EmbeddingModel's Ready."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hirag_operator.adapters.http import JsonServer, Observer
from hirag_operator.errors import Garbled
from hirag_operator.plan.probe import PROBE_TEXTS, Probed


@dataclass(frozen=True)
class Endpoint:
    """Where an embedding server answers: `url` up to and with /v1; `key` is a bearer token, or None."""

    url: str
    model: str
    key: str | None = None

    def __repr__(self) -> str:
        return f"Endpoint(url={self.url!r}, model={self.model!r}, key={'set' if self.key else None})"


class EmbedderAdapter:
    """Probes embedding servers. Holds no connection between probes: they are minutes apart."""

    def __init__(self, *, timeout_seconds: float = 5.0, observe: Observer = lambda _operation, _seconds: None) -> None:
        self._timeout = timeout_seconds
        self._observe = observe

    def probe(self, endpoint: Endpoint, *, described: bool) -> Probed:
        """Embed the probe texts and return what came back; `described` asks /meta as well (our own embedder has it).

        Raises:
            Unreachable, NotAuthorized, Refused: as the server answered.
            Garbled: the answer holds no vectors.
        """
        server = JsonServer(
            f"embedding server {endpoint.url}",
            endpoint.url,
            bearer=endpoint.key,
            timeout_seconds=self._timeout,
            observe=self._observe,
        )
        try:
            body = {"model": endpoint.model, "input": list(PROBE_TEXTS)}
            vectors = _vectors(server, server.ask("embed", "POST", "/embeddings", body))
        finally:
            server.close()
        meta = self._meta(endpoint) if described else {}
        return Probed(tuple(len(v) for v in vectors), tuple(math.hypot(*v) for v in vectors), meta)

    def _meta(self, endpoint: Endpoint) -> dict[str, Any]:
        root = endpoint.url.removesuffix("/").removesuffix("/v1")
        server = JsonServer(f"embedding server {root}", root, timeout_seconds=self._timeout, observe=self._observe)
        try:
            meta = server.ask("meta", "GET", "/meta")
        finally:
            server.close()
        if not isinstance(meta, dict):
            raise Garbled(server.name, "/meta is not a JSON object")
        return meta


def _vectors(server: JsonServer, answer: Any) -> Sequence[Sequence[float]]:
    try:
        rows = sorted(answer["data"], key=lambda row: row["index"])
        vectors = [[float(x) for x in row["embedding"]] for row in rows]
    except (TypeError, KeyError, ValueError, OverflowError) as error:
        raise Garbled(server.name, "/embeddings answered without data[].embedding lists of numbers") from error
    if len(vectors) != len(PROBE_TEXTS):
        raise Garbled(server.name, f"/embeddings answered {len(vectors)} vectors to {len(PROBE_TEXTS)} texts")
    return vectors
