"""Reading vectors: pages of them by the server's cursor, as matrices, without properties."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from weaviate.proto.v1 import search_get_pb2

from hirag_jobs.measure.subject import Subject
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import IDS_PER_PAGE, identity
from hirag_kit.errors import ConfigurationError

_PAGE_BYTES = 8 * 2**20
_FLOAT = np.dtype("<f4")


@dataclass(frozen=True)
class Page:
    """Objects one after another, in the order of ids.

    Args:
        ids: of those that have the vector.
        vectors: (n, d), in the same order; (0, 0) where there are none.
        written: (n,) when each was written last: milliseconds since 1970 by the server's clock.
        bare: how many objects have none.
    """

    ids: Sequence[int]
    vectors: NDArray[np.float32]
    written: NDArray[np.int64]
    bare: int

    def before(self, moment: int) -> tuple[Sequence[int], NDArray[np.float32]]:
        """Ids and vectors of what was written before a moment, and not since."""
        old = self.written < moment
        return [one for one, is_old in zip(self.ids, old, strict=True) if is_old], self.vectors[old]


def scan(channel: ObjectChannel, subject: Subject, dimensions: int) -> Iterator[Page]:
    """All objects. No snapshot: what is inserted behind the cursor is missed.

    Args:
        channel: to the server.
        subject: which vector.
        dimensions: size of the vectors, which makes the pages' size.
    """
    limit = max(1, min(IDS_PER_PAGE, _PAGE_BYTES // (_FLOAT.itemsize * dimensions)))
    after = ""
    while True:
        results = read_after(channel, subject, after, limit)
        if results:
            yield _page(results, subject)
            after = str(UUID(int=identity(results[-1])))
        if len(results) < limit:
            return


def read_after(
    channel: ObjectChannel, subject: Subject, after: str, limit: int
) -> Sequence[search_get_pb2.SearchResult]:
    """The next objects behind an id, which need not exist; empty at the end."""
    vectors = subject.part.vectors
    metadata = search_get_pb2.MetadataRequest(
        uuid=True, last_update_time_unix=True, vector=not vectors, vectors=vectors
    )
    request = subject.part.request(metadata, properties=False)
    request.limit, request.after = limit, after
    results: Sequence[search_get_pb2.SearchResult] = channel.search(request).results
    return results


def vector_of(result: search_get_pb2.SearchResult, subject: Subject) -> bytes:
    """An object's vector as 32-bit floats; empty where it has none."""
    if subject.vector is None:
        return bytes(result.metadata.vector_bytes)
    return next((bytes(one.vector_bytes) for one in result.metadata.vectors if one.name == subject.vector), b"")


def matrix(vectors: Sequence[bytes], subject: Subject) -> NDArray[np.float32]:
    """Vectors as rows.

    Raises:
        ConfigurationError: they are of different sizes.
    """
    if len({len(vector) for vector in vectors}) > 1:
        raise ConfigurationError(f"{subject.part} has vectors of different sizes, which cannot be compared")
    return np.frombuffer(b"".join(vectors), _FLOAT).reshape(len(vectors), -1 if vectors else 0)


def _page(results: Sequence[search_get_pb2.SearchResult], subject: Subject) -> Page:
    read = [(identity(one), vector_of(one, subject), one.metadata.last_update_time_unix) for one in results]
    held = [(one, vector, written) for one, vector, written in read if vector]
    return Page(
        [one for one, _, _ in held],
        matrix([vector for _, vector, _ in held], subject),
        np.array([written for _, _, written in held], np.int64),
        len(read) - len(held),
    )
