"""The part of the one who freezes a collection: shards are set READONLY, the seal is awaited, the alias is moved."""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from hirag_jobs.copying.notes import Freeze, Notes, Told
from hirag_jobs.objects.part import Part

_GRACE_SECONDS = 0.1  # for writes that had passed the shard's status when it was set
_LOOK_SECONDS = 0.01
_SEAL_SECONDS = 30.0
_READY_SECONDS, _SILENT_SECONDS = 60.0, 10.0
_ATTEMPTS = 20


@dataclass(frozen=True)
class CutOver:
    """A swap that was made.

    Attributes:
        frozen_seconds: in which nothing could be written.
        sealed: what the copy's seal says.
        given_up: freezes before it that were not sealed in time.
    """

    frozen_seconds: float
    sealed: Told
    given_up: int = 0


class Swapper:
    """Moves aliases on one Weaviate; a context manager that owns its connections.

    Args:
        url: root of the REST API, without `/v1`.
        notes: between the one who freezes and those who copy.
    """

    def __init__(self, url: str, notes: Notes) -> None:
        self._client = httpx.Client(base_url=f"{url}/v1", trust_env=False, timeout=30)
        self._notes = notes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def cut_over(
        self, alias: str, source: Part, target: Part, *, budget_ms: int = 1000, within: float = _SEAL_SECONDS
    ) -> CutOver:
        """Freeze the source, wait for the seal, move the alias, say that it is over; the source stays frozen.

        Args:
            alias: what is moved.
            source: from where.
            target: to where.
            budget_ms: how long removing missed deletions may take in the freeze.
            within: seconds after which a freeze is given up that is not sealed, and another one is tried.
        """
        for given_up in range(_ATTEMPTS):
            self.announce(target)
            began = time.monotonic()
            freeze = self.freeze(source, target, budget_ms)
            if (sealed := self._sealed(target, freeze, within - (time.monotonic() - began))) is None:
                self.thaw(source, target)
                continue
            self.move(alias, source, target)
            seconds = time.monotonic() - began
            self.finish(target, freeze)
            return CutOver(seconds, sealed, given_up)
        raise AssertionError(f"{_ATTEMPTS} freezes were given up: no seal within {within:g} s")

    def announce(self, target: Part, *, share: str = "1/1") -> None:
        """Have those who copy get ready for a freeze: until they say so, say nothing any more, or a minute is over."""
        announced = Freeze(freezing=True, announced=uuid4().hex)
        self._notes.freeze(target, announced)
        began = heard = time.monotonic()
        said = 0
        while time.monotonic() < min(began + _READY_SECONDS, heard + _SILENT_SECONDS):
            told = self._notes.told(target, share) or Told()
            if told.ready == announced.announced:
                return
            if told.at != said:
                said, heard = told.at, time.monotonic()
            time.sleep(_LOOK_SECONDS)  # between two looks at a condition

    def freeze(self, source: Part, target: Part, budget_ms: int) -> Freeze:
        """Set the shards of the source READONLY, and note it for those who copy."""
        for shard in self._shards_of(source):
            self._put(f"/schema/{source.collection}/shards/{shard}", {"status": "READONLY"})
        time.sleep(_GRACE_SECONDS)  # what was under way has no sign by which it could be awaited
        freeze = Freeze(token=uuid4().hex, budget_ms=budget_ms)
        self._notes.freeze(target, freeze)
        return freeze

    def thaw(self, source: Part, target: Part) -> None:
        """Give a freeze up: those who copy go on, and writes with them."""
        self._notes.freeze(target, Freeze())
        for shard in self._shards_of(source):
            self._put(f"/schema/{source.collection}/shards/{shard}", {"status": "READY"})

    def sealed(self, target: Part, freeze: Freeze, *, share: str = "1/1") -> Told:
        """Wait until both sides hold the same."""
        if (told := self._sealed(target, freeze, _SEAL_SECONDS, share)) is None:
            raise AssertionError(f"no seal within {_SEAL_SECONDS:g} s")
        return told

    def _sealed(self, target: Part, freeze: Freeze, within: float, share: str = "1/1") -> Told | None:
        end = time.monotonic() + within
        while time.monotonic() < end:
            told = self._notes.told(target, share)
            if told is not None and told.sealed == freeze.token:
                return told
            time.sleep(_LOOK_SECONDS)  # between two looks at a condition
        return None

    def move(self, alias: str, source: Part, target: Part) -> None:
        """Move the alias, if the source is still frozen: a restart of the server opens shards."""
        states = self._shards(source.collection)
        if opened := [shard for shard in self._shards_of(source) if states[shard] != "READONLY"]:
            raise AssertionError(f"{opened} of {source} were opened meanwhile")
        self._put(f"/aliases/{alias}", {"class": target.collection})

    def finish(self, target: Part, freeze: Freeze) -> None:
        """Say that the alias was moved."""
        self._notes.freeze(target, freeze.model_copy(update={"over": True}))

    def _shards_of(self, part: Part) -> list[str]:
        return [part.tenant] if part.tenant else list(self._shards(part.collection))

    def _shards(self, collection: str) -> dict[str, str]:
        nodes: list[Any] = self._client.get(f"/nodes/{collection}?output=verbose").raise_for_status().json()["nodes"]
        return {shard["name"]: shard["vectorIndexingStatus"] for node in nodes for shard in node["shards"] or []}

    def _put(self, path: str, body: dict[str, str]) -> None:
        self._client.put(path, json=body).raise_for_status()
