"""Three ways of filling a collection with what another holds, each timed from its first call to its last answer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import weaviate
from weaviate.collections import Collection
from weaviate.util import generate_uuid5

from hirag_jobs.copying.passes import Way, backfill
from hirag_jobs.copying.rendering import Rendering
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.part import Part

DIMENSIONS = 384
_WORDS = "a passage of about the length that documentation has, so that objects weigh what they weigh in practice "
TEXT = _WORDS * 6
"""What an object says, as documentation does."""
# The client's fastest here, of insert_many by 200, 1,000 and 5,000, and batches of 200 and 1,000 by 1, 2 and 4.
_INSERTED, _REQUESTS = 1_000, 2

Vectors = npt.NDArray[np.float32]


class Ways:
    """Fills a target from a source, or from the same objects in memory.

    Args:
        client: a client of the Weaviate that has both.
        channel: to the same.
        source: a collection that is to be copied, empty until `fill_source`.
        vectors: those of its objects, in the order of their numbers.
        text: what all of them say.
    """

    def __init__(
        self,
        client: weaviate.WeaviateClient,
        channel: ObjectChannel,
        source: Collection[Any, Any],
        vectors: Vectors,
        text: str = TEXT,
    ) -> None:
        self._client, self._channel, self._source = client, channel, source
        self._vectors: list[Any] = vectors.tolist()
        self._values = [values(number, text) for number in range(len(vectors))]

    def fill_source(self) -> None:
        """Fills the source, which is to be copied."""
        self.client_insert(self._source)

    def client_insert(self, target: Collection[Any, Any]) -> None:
        """Inserts from memory by the client's batches, the objects made beforehand."""
        _insert(target, self._values, self._vectors)

    def tutorial(self, target: Collection[Any, Any]) -> None:
        """The loop of Weaviate's manual on migration: an iterator with vectors, and a batch that the client sizes."""
        with target.batch.dynamic() as batch:
            for item in self._source.iterator(include_vector=True):
                vector: Any = item.vector["default"]
                batch.add_object(properties=item.properties, vector=vector, uuid=item.uuid)
        _require_all(target)

    def copy(self, target: Collection[Any, Any]) -> None:
        """Ours: pages of objects handed on with their vectors unparsed."""
        way = Way(self._channel, Part(self._source.name), Rendering(Part(target.name)))
        carried = sum(backfill(way))
        if carried != len(self._vectors):
            raise RuntimeError(f"{carried} of {len(self._vectors)} objects were carried")


def fill(target: Collection[Any, Any], vectors: Vectors) -> None:
    """Fills a collection with objects of some vectors."""
    _insert(target, [values(number) for number in range(len(vectors))], vectors.tolist())


def values(number: int, text: str = TEXT) -> dict[str, Any]:
    """The properties of an object: a text, a title and a number."""
    return {"text": f"{number} {text}", "title": f"Title {number}", "chunkIndex": number}


def _insert(target: Collection[Any, Any], properties: Sequence[dict[str, Any]], vectors: Sequence[Any]) -> None:
    with target.batch.fixed_size(batch_size=_INSERTED, concurrent_requests=_REQUESTS) as batch:
        for number, (told, vector) in enumerate(zip(properties, vectors, strict=True)):
            batch.add_object(properties=told, vector=vector, uuid=generate_uuid5(number))
    _require_all(target)


def _require_all(target: Collection[Any, Any]) -> None:
    if failed := target.batch.failed_objects:
        raise RuntimeError(f"the peer failed for {len(failed)} objects: {failed[0].message}")
