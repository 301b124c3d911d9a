"""Writes that a server which is killed leaves in part: in its store, and not in its indexes."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

import numpy as np
from weaviate.classes.data import DataObject
from weaviate.collections import Collection
from weaviate.exceptions import WeaviateBaseError

from e2e.cluster.namespace import eventually
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.passes import Way
from hirag_jobs.copying.wholeness import in_part
from hirag_jobs.objects.part import Part
from tests.sidecars.hirag_jobs.copying.copies import DIMENSIONS

Batch = Sequence[DataObject[Any, Any]]

_ROUNDS = 20
_WRITERS, _IN_A_BATCH = 4, 50
_LONG = 60  # times a line: the store is written to disk the sooner, the longer its objects are


def cut_off(
    server: WeaviateServer, collection: Collection[Any, Any], way: Way, part: Part, existing: Sequence[UUID] = ()
) -> dict[UUID, str]:
    """Insert while the server is killed, or update what is there, until some of it is stored in part.

    Then all that got no answer is written again, as a writer does, and acknowledged.

    Args:
        server: which is killed and started again; the collection is its.
        collection: what is written to.
        way: of a copy from it or into it, for looking.
        part: the same collection, as a part of that.
        existing: what is updated; nothing: all is new.

    Returns:
        What was acknowledged: the text of each object. Some of them are in part.
    """
    acknowledged: dict[UUID, str] = {}
    with ThreadPoolExecutor(_WRITERS) as threads:
        for number in range(_ROUNDS):
            writers = [Writer(collection, f"{number} {at}", existing[at::_WRITERS]) for at in range(_WRITERS)]
            under_way = [threads.submit(one.write_until_refused) for one in writers]
            eventually(lambda: [one.batches > 1 for one in writers], all)  # noqa: B023  looked at here
            server.kill()
            refused = [one for done in under_way for one in done.result()]
            server.start()
            eventually(lambda: write(collection, refused), lambda left: not left)  # noqa: B023  as above
            for one in writers:
                acknowledged |= one.written
            if in_part(way, part):
                return acknowledged
    raise AssertionError(f"nothing was left in part by {_ROUNDS} deaths")


@dataclass
class Writer:
    """Writes objects in batches.

    Args:
        collection: into what.
        name: makes its ids and texts its own.
        existing: what it updates; nothing: all is new.
    """

    collection: Collection[Any, Any]
    name: str
    existing: Sequence[UUID]
    written: dict[UUID, str] = field(default_factory=dict)
    batches: int = 0

    def write_until_refused(self) -> Batch:
        """Returns what got no answer of the last batch; `written` has it too, for it is to be written again."""
        while not (refused := write(self.collection, self._batch())):
            self.batches += 1
        return refused

    def _batch(self) -> Batch:
        new = [uuid5(UUID(int=0), f"{self.name} {self.batches} {one}") for one in range(_IN_A_BATCH)]
        ids = self.existing or new
        vectors = np.random.default_rng(self.batches).random((len(ids), DIMENSIONS), dtype=np.float32).tolist()
        self.written |= (texts := {one: f"{one} by {self.name} in {self.batches} " * _LONG for one in ids})
        return [
            DataObject(uuid=one, properties={"text": texts[one]}, vector=at)
            for one, at in zip(ids, vectors, strict=True)
        ]


def write(collection: Collection[Any, Any], batch: Batch) -> Batch:
    """Writes a batch; returns what was not taken."""
    if not batch:
        return []
    try:
        return [batch[at] for at in collection.data.insert_many(batch).errors]
    except WeaviateBaseError:
        return batch


def texts(collection: Collection[Any, Any]) -> dict[UUID, str]:
    """All objects of a collection."""
    return {one.uuid: one.properties["text"] for one in collection.iterator(return_properties=["text"])}
