"""The run itself: takes documents one by one, works on a window of their chunks at a time, and keeps the report."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hirag_jobs.batching import BatchLimits, fitting, next_size
from hirag_jobs.embedding import Embedder
from hirag_jobs.ingest.chunking import Chunker
from hirag_jobs.ingest.collection import Collection
from hirag_jobs.ingest.documents import Document, Reason, Skipped
from hirag_jobs.ingest.progress import Progress
from hirag_jobs.ingest.records import Record, records
from hirag_jobs.ingest.report import FailedObject, Report
from hirag_jobs.ingest.seen import Seen
from hirag_kit.composition import Composition
from hirag_kit.errors import InvalidRequestError

WINDOW = 512
"""Chunks that are compared with the collection at once."""
DOCUMENTS_AT_ONCE = 64
"""Documents whose ends are trimmed, or which are pruned, in one request."""
BATCH_CHARACTERS = 4_000_000
"""The most text in one request, whatever the number of texts."""

Stored = Mapping[UUID, Mapping[str, Any]]


@dataclass(frozen=True)
class Plan:
    """What decides how documents become objects.

    Args:
        level: the level written to.
        chunker: cuts documents.
        composition: which properties are embedded.
        properties: names of all properties that are compared.
        limits: of embedding batches.
        dry_run: whether nothing is embedded, written or removed.
    """

    level: str
    chunker: Chunker
    composition: Composition
    properties: frozenset[str]
    limits: BatchLimits
    dry_run: bool


class Ingest:
    """Brings documents into a collection, as far as they are not there yet.

    Args:
        plan: how.
        collection: where to.
        embedder: gives the vectors.
        seen: remembers the documents of this run.
        report: is kept up to date.
        progress: shows it.
    """

    def __init__(
        self, plan: Plan, collection: Collection, embedder: Embedder, seen: Seen, report: Report, progress: Progress
    ) -> None:
        self._plan = plan
        self._collection = collection
        self._embedder = embedder
        self._seen = seen
        self._report = report
        self._progress = progress
        self._window: list[Record] = []
        self._ends: dict[str, int] = {}
        self._batch_size = plan.limits.start()

    def run(self, items: Iterable[Document | Skipped]) -> None:
        """Ingests all documents and counts what was skipped.

        Raises:
            HiragError: the collection or the embedder failed for good; a later run goes on from here.
        """
        for item in items:
            if isinstance(item, Document):
                self._take(item)
            else:
                self._seen.add(item.source)
                self._report.skip(item)
        self._flush()
        self._report.finished = True

    def _take(self, document: Document) -> None:
        self._report.bytes += document.size
        if not self._seen.add(document.id):
            self._report.skip(Skipped(document.id, Reason.DUPLICATE))
            return
        self._report.documents += 1
        count = 0
        for record in records(document, self._plan.chunker, self._plan.composition, self._plan.level):
            count += 1
            self._window.append(record)
            if len(self._window) >= WINDOW:
                self._flush()
        self._ends[document.id] = count
        if len(self._ends) >= DOCUMENTS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        """Works off the window; documents that ended in it are then trimmed to their new length."""
        window, self._window = self._window, []
        ends, self._ends = self._ends, {}
        stored = self._collection.stored([record.id for record in window], self._plan.properties) if window else {}
        new = [item for item in window if stored.get(item.id, {}).get("contentHash") != item.content_hash]
        same = [item for item in window if stored.get(item.id, {}).get("contentHash") == item.content_hash]
        relabelled = [record for record in same if not record.described_by(stored[record.id])]
        self._report.chunks += len(window)
        self._report.tokens += sum(int(str(record.properties["tokenCount"])) for record in window)
        self._report.unchanged += len(same) - len(relabelled)
        self._embed(new, stored)
        self._relabel(relabelled, stored)
        self._report.removed += self._collection.trim(self._plan.level, ends, dry_run=self._plan.dry_run)
        self._progress.show(self._report)

    def _embed(self, new: Sequence[Record], stored: Stored) -> None:
        if self._plan.dry_run:
            self._count(new, stored, {})
            return
        start = 0
        while start < len(new):
            batch = new[start : start + self._batch_size]
            batch = batch[: fitting([len(record.embedded_text) for record in batch], BATCH_CHARACTERS)]
            start += len(batch)
            began = time.perf_counter()
            embedded = list(self._embedded(batch))
            seconds = time.perf_counter() - began
            self._report.embedding_seconds += seconds
            if len(batch) == self._batch_size or seconds > self._plan.limits.target_seconds:
                self._batch_size = next_size(self._batch_size, seconds, self._plan.limits)
            self._write(embedded, stored)
            self._progress.show(self._report)

    def _embedded(self, batch: Sequence[Record]) -> Iterator[tuple[Record, Sequence[float]]]:
        """Records with their vectors; those that the embedder refuses are found by halving, reported and left out."""
        try:
            vectors = self._embedder.embed([record.embedded_text for record in batch])
        except InvalidRequestError as error:
            if len(batch) == 1:
                self._fail(batch[0], error.message)
                return
            middle = len(batch) // 2
            yield from self._embedded(batch[:middle])
            yield from self._embedded(batch[middle:])
        else:
            self._report.embedded += len(batch)
            yield from zip(batch, vectors, strict=True)

    def _relabel(self, changed: Sequence[Record], stored: Stored) -> None:
        """Writes objects whose text stayed: with the vectors that they have."""
        if self._plan.dry_run or not changed:
            self._report.relabelled += len(changed)
            return
        vectors = self._collection.vectors([record.id for record in changed])
        self._embed([record for record in changed if record.id not in vectors], stored)
        kept = [(record, vectors[record.id]) for record in changed if record.id in vectors]
        self._write(kept, stored)

    def _write(self, embedded: Sequence[tuple[Record, Sequence[float]]], stored: Stored) -> None:
        now = datetime.now(UTC)
        objects = [(record.id, record.dated(now, stored.get(record.id)), vector) for record, vector in embedded]
        refused = self._collection.write(objects) if objects else {}
        self._count([record for record, _ in embedded], stored, refused)

    def _count(self, done: Sequence[Record], stored: Stored, refused: Mapping[UUID, str]) -> None:
        for record in done:
            before = stored.get(record.id)
            if record.id in refused:
                self._fail(record, refused[record.id])
            elif before is None:
                self._report.written += 1
            elif before.get("contentHash") == record.content_hash:
                self._report.relabelled += 1
            else:
                self._report.replaced += 1

    def _fail(self, record: Record, reason: str) -> None:
        values = record.properties
        self._report.fail(
            FailedObject(
                source=str(values["source"]),
                document=str(values["parentId"]),
                chunk=int(str(values["chunkIndex"])),
                reason=reason,
            )
        )
