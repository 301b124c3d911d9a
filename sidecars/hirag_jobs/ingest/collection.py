"""The collection that is ingested into: what it holds already, what is written and what is removed.

All goes through the alias, so that a migration that swaps it is followed at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Collection as Names
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter
from weaviate.collections.classes.batch import DeleteManyReturn
from weaviate.collections.classes.filters import FilterReturn
from weaviate.exceptions import WeaviateInsertManyAllFailedError

from hirag_jobs.connection import PASSING, attempts, connect, translated
from hirag_jobs.ingest.records import Properties
from hirag_jobs.target import Target
from hirag_kit.errors import VectorStoreError

Written = tuple[UUID, Properties, Sequence[float]]
"""An object to write: id, properties, vector."""

_PAGE = 5_000


class Collection:
    """A collection behind its alias; a context manager that owns its connection.

    Args:
        target: which collection.
        http_url: root of Weaviate's REST API.
        grpc: host and port of Weaviate's gRPC API, `host:port`.
        api_key: for both.
        vector_name: the named vector that is supplied; None for the unnamed one.
        may_write: raises where vectors of this run must not be written any more; asked before each request.
    """

    def __init__(
        self,
        target: Target,
        http_url: str,
        grpc: str,
        api_key: str | None,
        vector_name: str | None,
        may_write: Callable[[], None] = lambda: None,
    ) -> None:
        self._vector_name, self._may_write = vector_name, may_write
        self._client = connect(http_url, grpc, api_key)
        collection = self._client.collections.use(target.alias)
        self._data = collection.with_tenant(target.tenant) if target.tenant else collection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def dimensions(self) -> int | None:
        """The size of the vectors inside, from one of them; None when there is none."""
        with translated("sampled"):
            found = self._data.query.fetch_objects(limit=1, include_vector=True, return_properties=[]).objects
        vector = self._vector(found[0].vector) if found else None
        return len(vector) if vector else None

    def stored(self, ids: Sequence[UUID], properties: Names[str]) -> dict[UUID, Mapping[str, Any]]:
        """The properties of those objects that exist.

        Args:
            ids: a few hundred at most.
            properties: which properties.
        """
        for attempt in attempts():
            with attempt, translated("read"):
                found = self._data.query.fetch_objects_by_ids(ids, limit=len(ids), return_properties=list(properties))
        return {item.uuid: item.properties for item in found.objects}

    def vectors(self, ids: Sequence[UUID]) -> dict[UUID, Sequence[float]]:
        """The vectors of those objects that exist and have one."""
        for attempt in attempts():
            with attempt, translated("read"):
                found = self._data.query.fetch_objects_by_ids(
                    ids, limit=len(ids), include_vector=True, return_properties=[]
                )
        vectors = {item.uuid: self._vector(item.vector) for item in found.objects}
        return {identity: vector for identity, vector in vectors.items() if vector}

    def write(self, objects: Sequence[Written]) -> dict[UUID, str]:
        """Writes objects, replacing those of the same id.

        Returns:
            Id → complaint of each object that Weaviate refused for good.

        Raises:
            VectorStoreError: Weaviate takes nothing, however often it is asked.
            ConfigurationError: vectors of this run are not wanted here any more.
        """
        refused: dict[UUID, str] = {}
        waiting = {item[0]: item for item in objects}
        passing: dict[UUID, str] = {}
        try:
            for attempt in attempts():
                with attempt:
                    self._may_write()
                    complaints = self._insert(list(waiting.values()))
                    passing = {key: text for key, text in complaints.items() if PASSING.search(text)}
                    refused |= {key: text for key, text in complaints.items() if key not in passing}
                    waiting = {key: waiting[key] for key in passing}
                    _none_waits(passing)
        except VectorStoreError:
            if len(waiting) == len(objects):
                raise
        return refused | {key: passing.get(key, "not tried") for key in waiting}

    def trim(self, level: str, chunk_counts: Mapping[str, int], *, dry_run: bool = False) -> int:
        """Removes the chunks behind the ends of documents.

        Args:
            level: whose documents.
            chunk_counts: document id → how many chunks it has now; 0 removes a document. A hundred at most.
            dry_run: whether to count alone.

        Returns:
            How many objects were removed, or would be.
        """
        beyond = [
            Filter.by_property("parentId").equal(document) & Filter.by_property("chunkIndex").greater_or_equal(count)
            for document, count in chunk_counts.items()
        ]
        if not beyond:
            return 0
        where = Filter.by_property("level").equal(level) & Filter.any_of(beyond)
        return self._delete(where, dry_run=True).matches if dry_run else self._delete_all(where)

    def documents(self) -> Iterator[tuple[str, str]]:
        """Level and document id of every object, one after the other."""
        with translated("listed"):
            for item in self._data.iterator(return_properties=["level", "parentId"], cache_size=_PAGE):
                yield str(item.properties.get("level")), str(item.properties.get("parentId"))

    def _insert(self, objects: Sequence[Written]) -> dict[UUID, str]:
        batch: list[DataObject[Mapping[str, Any], None]] = [
            DataObject(uuid=identity, properties=properties, vector=self._named(vector))
            for identity, properties, vector in objects
        ]
        try:
            with translated("written"):
                answer = self._data.data.insert_many(batch)
        except WeaviateInsertManyAllFailedError as error:
            return {identity: str(error) for identity, _, _ in objects}
        return {objects[index][0]: error.message for index, error in answer.errors.items()}

    def _delete_all(self, where: FilterReturn) -> int:
        """Deletes what matches, page by page: Weaviate deletes a bounded number at once."""
        removed = 0
        while page := self._delete(where, dry_run=False).successful:
            removed += page
        return removed

    def _delete(self, where: FilterReturn, *, dry_run: bool) -> DeleteManyReturn[None]:
        for attempt in attempts():
            with attempt, translated("trimmed"):
                answer = self._data.data.delete_many(where, dry_run=dry_run)
                _none_kept(answer)
        return answer

    def _named(self, vector: Sequence[float]) -> Any:
        return list(vector) if self._vector_name is None else {self._vector_name: list(vector)}

    def _vector(self, vectors: Any) -> Sequence[float] | None:
        vector: Sequence[float] | None = vectors.get(self._vector_name or "default")
        return vector


def _none_waits(complaints: Mapping[UUID, str]) -> None:
    if complaints:
        raise VectorStoreError(f"{len(complaints)} objects were not taken: {next(iter(complaints.values()))}")


def _none_kept(answer: DeleteManyReturn[None]) -> None:
    # A deletion that fails for some raises nothing by itself.
    if answer.failed:
        raise VectorStoreError(f"{answer.failed} of {answer.matches} objects were not deleted")
