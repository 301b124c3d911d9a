"""Listing and following objects at the API server, with the selection done there.

Kubernetes documents the protocol: list, then watch from the list's version; bookmarks move that version on while
nothing happens; 410 means that the server no longer knows it, so list again
(https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes).
"""

import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson
from kubernetes.client import Configuration

from hirag_operator.adapters.kubeapi import (
    FORBIDDEN,
    MESSAGE_LIMIT,
    SERVER,
    UNAUTHORIZED,
    async_client,
    credentials,
)
from hirag_operator.adapters.resources import RESOURCES
from hirag_operator.errors import Garbled, NotAuthorized, Unreachable

Json = dict[str, Any]

GONE = 410
PAGE = 100  # objects that one answer of a listing holds: what is read at a time is what memory has to hold twice
LONGEST_EVENT = 16 * 1024 * 1024  # bytes; etcd takes no object of more than a few
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
WATCH_SECONDS = (240, 480)  # the server ends a watch after a time in between: so they do not all end at once
QUIET_SECONDS = 150.0  # bookmarks come every minute; a connection that is silent for longer is taken to be cut
_METADATA = "application/json;as={};g=meta.k8s.io;v=v1"


class Expired(Exception):
    """The server no longer knows the version to go on from: list again."""


@dataclass(frozen=True)
class Watch:
    """Which objects to follow.

    Args:
        kind: One of `RESOURCES`.
        namespace: Where (None: everywhere, or a kind without namespaces).
        name: The one object that it is about (None: all).
        labels: Labels that they carry.
        metadata_only: Leave all but metadata at the server. So the values of Secrets never come here.
        listing_seconds: List again and again this far apart instead of following, where the events come from
            elsewhere.
    """

    kind: str
    namespace: str | None = None
    name: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    metadata_only: bool = False
    listing_seconds: float | None = None

    def query(self) -> dict[str, str]:
        """Return the selectors as the API takes them."""
        selectors = {
            "labelSelector": ",".join(f"{key}={value}" for key, value in sorted(self.labels.items())),
            "fieldSelector": f"metadata.name={self.name}" if self.name else "",
        }
        return {key: value for key, value in selectors.items() if value}

    def read(self, body: Json) -> Json:
        """Return an object with its API version and kind, which lists leave out and metadata replaces."""
        return {**body, "apiVersion": RESOURCES[self.kind].api_version, "kind": self.kind}


class WatchServer:
    """The API server as a source of listings and events. For one event loop.

    Raises:
        Expired: see there.
        NotAuthorized, Unreachable, Garbled: of `hirag_operator.errors`.
    """

    def __init__(
        self, configuration: Configuration, *, agent: str = "hirag-operator", quiet_seconds: float = QUIET_SECONDS
    ) -> None:
        self._configuration: Any = configuration
        self._quiet = quiet_seconds
        self._client = async_client(configuration, httpx.Timeout(ANSWER_SECONDS, connect=CONNECT_SECONDS), agent)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def pages(self, watch: Watch) -> AsyncIterator[tuple[list[Json], str]]:
        """List what a watch is about: page by page, each with the version that the whole listing has."""
        query = {**watch.query(), "limit": str(PAGE)}
        while True:
            answer = await self._get(watch, query, "PartialObjectMetadataList")
            yield [watch.read(item) for item in answer["items"]], answer["metadata"]["resourceVersion"]
            if not answer["metadata"].get("continue"):
                return
            query["continue"] = answer["metadata"]["continue"]

    async def events(self, watch: Watch, version: str) -> AsyncIterator[tuple[str, Json]]:
        """Follow from a version on until the server ends it: type (ADDED, MODIFIED, DELETED, BOOKMARK) and object.

        The first that comes is a BOOKMARK of `version` itself, once the server has accepted to be followed from it.
        """
        seconds = random.randint(*WATCH_SECONDS)  # noqa: S311  spreads load, guards nothing
        query = {**watch.query(), "watch": "true", "allowWatchBookmarks": "true", "resourceVersion": version}
        request = self._request(watch, {**query, "timeoutSeconds": str(seconds)}, "PartialObjectMetadata")
        request.extensions["timeout"]["read"] = self._quiet
        try:
            answer = await self._client.send(request, stream=True)
            try:
                if not answer.is_success:
                    await answer.aread()
                _check(watch, answer)
                yield "BOOKMARK", {"metadata": {"resourceVersion": version}}
                async for line in _lines(answer):
                    yield _event(watch, line)
            finally:
                await answer.aclose()
        except httpx.HTTPError as error:
            raise Unreachable(SERVER, f"watch of {watch.kind}: {type(error).__name__} {error}") from error

    async def _get(self, watch: Watch, query: Mapping[str, str], shape: str) -> Json:
        try:
            answer = await self._client.send(self._request(watch, query, shape))
        except httpx.HTTPError as error:
            raise Unreachable(SERVER, f"list of {watch.kind}: {type(error).__name__} {error}") from error
        _check(watch, answer)
        return _decoded(watch, answer.content)

    def _request(self, watch: Watch, query: Mapping[str, str], shape: str) -> httpx.Request:
        request = self._client.build_request(
            "GET", RESOURCES[watch.kind].path(watch.namespace), params=dict(query), **credentials(self._configuration)
        )
        request.headers["Accept"] = _METADATA.format(shape) if watch.metadata_only else "application/json"
        return request


async def _lines(answer: httpx.Response) -> AsyncIterator[bytes]:
    rest = b""
    try:
        async for chunk in answer.aiter_raw():
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                yield line
            if len(rest) > LONGEST_EVENT:
                raise Garbled(SERVER, f"a watch brought an event of more than {LONGEST_EVENT} bytes")
    except httpx.ReadTimeout:
        return  # not even a bookmark: another connection is made, from the same version on


def _event(watch: Watch, line: bytes) -> tuple[str, Json]:
    event = _decoded(watch, line)
    kind, body = event.get("type"), event.get("object")
    if not isinstance(kind, str) or not isinstance(body, dict):
        raise Garbled(SERVER, f"watch of {watch.kind} brought what is no event")
    if kind == "ERROR":
        raise _failure(watch, int(body.get("code") or 0), str(body.get("message")))
    return kind, body if kind == "BOOKMARK" else watch.read(body)


def _decoded(watch: Watch, content: bytes) -> Json:
    try:
        decoded = orjson.loads(content)
    except ValueError as error:
        raise Garbled(SERVER, f"{watch.kind}: the answer is not JSON") from error
    if not isinstance(decoded, dict):
        raise Garbled(SERVER, f"{watch.kind}: the answer is no object")
    return decoded


def _check(watch: Watch, answer: httpx.Response) -> None:
    if not answer.is_success:
        raise _failure(watch, answer.status_code, answer.text[:MESSAGE_LIMIT])


def _failure(watch: Watch, status: int, words: str) -> Exception:
    if status == GONE:
        return Expired(words)
    if status in {UNAUTHORIZED, FORBIDDEN}:
        return NotAuthorized(SERVER, f"{watch.kind}: {status} {words}")
    return Unreachable(SERVER, f"{watch.kind}: {status} {words}")
