"""Removal of documents that are gone from what is ingested, and of nothing else."""

from collections.abc import Iterator

from hirag_jobs.ingest.collection import Collection
from hirag_jobs.ingest.report import Report
from hirag_jobs.ingest.seen import Seen

DOCUMENTS_AT_ONCE = 64
"""Documents that are removed in one request."""


def prune(collection: Collection, *, level: str, root: str, seen: Seen, report: Report, dry_run: bool) -> None:
    """Removes the documents of a root that this run has not met.

    Args:
        collection: where they are.
        level: whose documents alone are looked at.
        root: name of the ingest whose documents alone are looked at.
        seen: the documents that are still there.
        report: counts what is removed.
        dry_run: whether to count alone.
    """
    report.prune_refused = _doubt(report)
    if report.prune_refused:
        return
    batch: dict[str, int] = {}
    for document in _gone(collection, level, root, seen):
        batch[document] = 0
        if len(batch) == DOCUMENTS_AT_ONCE:
            report.removed += collection.trim(level, batch, dry_run=dry_run)
            batch = {}
        report.pruned_documents += 1
    report.removed += collection.trim(level, batch, dry_run=dry_run)


def belongs(document: str, root: str) -> bool:
    """Whether a document's id was given under a root: by a file (`/`), a record's id (`#`) or a line (`:`)."""
    return document == root or document.startswith((f"{root}/", f"{root}#", f"{root}:"))


def _gone(collection: Collection, level: str, root: str, seen: Seen) -> Iterator[str]:
    with Seen() as met:
        for stored_level, document in collection.documents():
            if stored_level == level and belongs(document, root) and document not in seen and met.add(document):
                yield document


def _doubt(report: Report) -> str:
    """Why what is missing may not be gone; empty when there is no doubt."""
    if report.documents == 0:
        return "no document was found; a wrong or unmounted folder looks the same"
    if report.uncertain:
        return "some of what was skipped may hold documents that would be taken for gone"
    return ""
