"""The part of the one who freezes a collection: shards are set READONLY, the seal is awaited, the alias is moved."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from hirag_jobs.copying.notes import Freeze, Notes, Told
from hirag_jobs.objects.part import Part

_GRACE_SECONDS = 0.1  # for writes that had passed the shard's status when it was set
_LOOK_SECONDS = 0.01
_SEAL_SECONDS = 30.0


@dataclass(frozen=True)
class CutOver:
    """A swap that was made: seconds in which nothing could be written, and what the copy's seal says."""

    frozen_seconds: float
    sealed: Told


class Weaviate:
    """The schema calls of a swap.

    Args:
        url: root of the REST API, without `/v1`.
        notes: between the one who freezes and those who copy.
    """

    def __init__(self, url: str, notes: Notes) -> None:
        self._client = httpx.Client(base_url=f"{url}/v1", trust_env=False, timeout=30)
        self._notes = notes

    def cut_over(self, alias: str, source: Part, target: Part, *, share: str = "1/1", budget_ms: int = 1000) -> CutOver:
        """Freeze the source, wait for the seal, move the alias; the source stays frozen."""
        began = time.monotonic()
        shards = [source.tenant] if source.tenant else list(self._shards(source.collection))
        for shard in shards:
            self._put(f"/schema/{source.collection}/shards/{shard}", {"status": "READONLY"})
        time.sleep(_GRACE_SECONDS)  # what was under way has no sign by which it could be awaited
        freeze = Freeze(token=uuid4().hex, budget_ms=budget_ms)
        self._notes.freeze(target, freeze)
        sealed = self._seal(target, share, freeze.token)
        open_shards = [shard for shard in shards if self._shards(source.collection)[shard] != "READONLY"]
        if open_shards:
            raise AssertionError(f"{open_shards} of {source} were opened meanwhile")
        self._put(f"/aliases/{alias}", {"class": target.collection})
        seconds = time.monotonic() - began
        self._notes.freeze(target, freeze.model_copy(update={"over": True}))
        return CutOver(seconds, sealed)

    def _seal(self, target: Part, share: str, token: str) -> Told:
        end = time.monotonic() + _SEAL_SECONDS
        while time.monotonic() < end:
            told = self._notes.told(target, share)
            if told is not None and told.sealed == token:
                return told
            time.sleep(_LOOK_SECONDS)  # between two looks at a condition
        raise AssertionError(f"no seal within {_SEAL_SECONDS:g} s")

    def _shards(self, collection: str) -> dict[str, str]:
        nodes: list[Any] = self._client.get(f"/nodes/{collection}?output=verbose").raise_for_status().json()["nodes"]
        return {shard["name"]: shard["vectorIndexingStatus"] for node in nodes for shard in node["shards"] or []}

    def _put(self, path: str, body: dict[str, str]) -> None:
        self._client.put(path, json=body).raise_for_status()
