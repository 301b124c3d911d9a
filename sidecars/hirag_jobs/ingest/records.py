"""What a chunk becomes: an object with an id that is derived from its document, and all its properties."""

import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from hirag_jobs.ingest.chunking import Chunker
from hirag_jobs.ingest.documents import Document
from hirag_kit.composition import Composition

_NAMESPACE = uuid.UUID("6f0b3d0e-5a1c-4d3e-9b5f-3c0a4f1f7c11")

_NOT_COMPARED = {"text", "createdAt", "updatedAt"}

Properties = dict[str, object]


@dataclass(frozen=True)
class Record:
    """An object to be.

    Args:
        id: the same in every run, for the same level, document and place in it.
        embedded_text: what its vector is made from.
        properties: all but `createdAt` and `updatedAt`.
    """

    id: uuid.UUID
    embedded_text: str
    properties: Properties

    @property
    def content_hash(self) -> str:
        """SHA-256 of the embedded text, hexadecimal."""
        return str(self.properties["contentHash"])

    def described_by(self, stored: Mapping[str, object]) -> bool:
        """Whether a stored object has these properties and no others; `text` counts by its hash."""
        names = (self.properties.keys() | stored.keys()) - _NOT_COMPARED
        return all(_present(self.properties.get(name)) == _present(stored.get(name)) for name in names)

    def dated(self, now: datetime, stored: Mapping[str, object] | None) -> Properties:
        """The properties with their times: what was created stays created when it is replaced."""
        created = (stored or {}).get("createdAt") or now
        return {**self.properties, "createdAt": created, "updatedAt": now}


def _present(value: object) -> object:
    # An array without elements comes back as a missing one.
    return None if value == [] else value


def record_id(level: str, document_id: str, chunk_index: int) -> uuid.UUID:
    """The id of a document's chunk in a level."""
    return uuid.uuid5(_NAMESPACE, json.dumps([level, document_id, chunk_index], ensure_ascii=False))


def records(document: Document, chunker: Chunker, composition: Composition, level: str) -> Iterator[Record]:
    """The objects of a document, in the order of its chunks."""
    for index, chunk in enumerate(chunker(document.text)):
        properties: Properties = {
            **document.properties,
            "text": chunk.text,
            "source": document.source,
            "title": document.title_at(chunk.start),
            "level": level,
            "parentId": document.id,
            "chunkIndex": index,
            "chunkStart": chunk.start,
            "chunkEnd": chunk.end,
            "tokenCount": chunk.tokens,
        }
        text = composition.text(properties)
        properties["contentHash"] = hashlib.sha256(text.encode()).hexdigest()
        yield Record(record_id(level, document.id, index), text, properties)
