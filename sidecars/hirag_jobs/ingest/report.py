"""What a run did: for a program as JSON, for a person as a few lines."""

from collections import Counter

from pydantic import BaseModel, Field, computed_field

from hirag_jobs.ingest.documents import Skipped

LISTED = 10_000
"""The most skipped and failed items that are listed one by one; all are counted."""
SHOWN = 20
"""The most of them that a person is shown."""


class SkippedItem(BaseModel):
    """Something left out, and why."""

    source: str
    reason: str
    detail: str = ""


class FailedObject(BaseModel):
    """An object that should be in the collection and is not."""

    source: str
    document: str
    chunk: int
    reason: str


class Report(BaseModel):
    """One run. Counts are of objects (chunks) where nothing else is said."""

    alias: str
    collection: str
    tenant: str | None
    level: str
    root: str
    model: str
    dry_run: bool
    token_counter: str = Field(description="`cl100k_base`, or `words` for an estimate")
    token_counts_exact: bool

    finished: bool = Field(default=False, description="whether everything was read")
    documents: int = 0
    chunks: int = 0
    written: int = Field(default=0, description="new objects")
    replaced: int = Field(default=0, description="objects whose text changed")
    relabelled: int = Field(default=0, description="objects whose text stayed and whose other properties changed")
    unchanged: int = 0
    removed: int = Field(default=0, description="objects behind the new end of a document, or of a pruned document")
    pruned_documents: int = 0
    prune_refused: str = Field(default="", description="why nothing was pruned although it was asked for")
    embedded: int = Field(default=0, description="texts that were embedded")
    embedding_seconds: float = 0.0
    tokens: int = Field(default=0, description="tokens of all chunks, by the token counter")
    bytes: int = Field(default=0, description="bytes of documents read")
    seconds: float = 0.0
    skipped_total: int = 0
    skipped: list[SkippedItem] = []
    uncertain: bool = Field(default=False, description="whether documents may be behind what was skipped")
    failed_total: int = 0
    failed: list[FailedObject] = []
    unknown_fields: dict[str, int] = Field(default={}, description="JSON field → records from which it was left out")
    warnings: list[str] = []

    @computed_field(description="texts embedded a second while embedding")  # type: ignore[prop-decorator]
    @property
    def embeddings_per_second(self) -> float:
        """Texts embedded a second, the time of everything else left out."""
        return round(self.embedded / self.embedding_seconds, 1) if self.embedding_seconds else 0.0

    @property
    def complete(self) -> bool:
        """Whether the collection now holds all that was asked for."""
        return self.finished and self.failed_total == 0 and not self.prune_refused

    def skip(self, item: Skipped) -> None:
        """Notes something that was left out."""
        self.skipped_total += 1
        self.uncertain |= item.hides
        if len(self.skipped) < LISTED:
            self.skipped.append(SkippedItem(source=item.source, reason=item.reason, detail=item.detail))

    def fail(self, failed: FailedObject) -> None:
        """Notes an object that was not written."""
        self.failed_total += 1
        if len(self.failed) < LISTED:
            self.failed.append(failed)

    def unknown_field(self, name: str) -> None:
        """Counts a JSON field that the collection has no property for."""
        if name in self.unknown_fields or len(self.unknown_fields) < LISTED:
            self.unknown_fields[name] = self.unknown_fields.get(name, 0) + 1

    def lines(self) -> list[str]:
        """The report for a person."""
        exact = "" if self.token_counts_exact else " (an estimate: the ranks of cl100k_base are not at hand)"
        did = "would have " if self.dry_run else ""
        return [
            f"{self.documents} documents, {self.chunks} chunks, {self.tokens} tokens by {self.token_counter}{exact}",
            f"{did}written {self.written} and replaced {self.replaced} objects; {self.unchanged} are as they were",
            f"{did}updated the properties of {self.relabelled} objects and removed {self.removed}",
            f"{self.embedded} texts embedded by {self.model}, {self.embeddings_per_second} a second",
            f"{self.seconds:.1f} s in all",
            *(
                f"field left out: {name}, {count} records"
                for name, count in sorted(self.unknown_fields.items())[:SHOWN]
            ),
            *_listed("skipped", self.skipped_total, [_skipped_line(item) for item in self.skipped[:SHOWN]]),
            *self._skipped_reasons(),
            *_listed("failed", self.failed_total, [_failed_line(item) for item in self.failed[:SHOWN]]),
            *([f"not pruned: {self.prune_refused}"] if self.prune_refused else []),
            *(f"warning: {warning}" for warning in self.warnings),
        ]

    def _skipped_reasons(self) -> list[str]:
        if self.skipped_total <= SHOWN:
            return []
        reasons = Counter(item.reason for item in self.skipped)
        return [f"skipped, of those listed: {reason}: {count}" for reason, count in reasons.most_common()]


def _skipped_line(item: SkippedItem) -> str:
    return f"{item.source}: {item.reason}" + (f" ({item.detail})" if item.detail else "")


def _failed_line(item: FailedObject) -> str:
    return f"{item.document}, chunk {item.chunk}: {item.reason}"


def _listed(what: str, total: int, shown: list[str]) -> list[str]:
    more = [f"{what}: {total - len(shown)} more, see --report"] if total > len(shown) else []
    return [f"{what}: {line}" for line in shown] + more
