"""`hirag-jobs ingest PATH`: opens and checks, runs, reports."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hirag_jobs.ingest.chunking import Chunker, by_sentences, by_tokens
from hirag_jobs.ingest.declared import OURS, Declared
from hirag_jobs.ingest.opening import Opened, opened
from hirag_jobs.ingest.pipeline import Ingest, Plan
from hirag_jobs.ingest.progress import Progress
from hirag_jobs.ingest.prune import prune
from hirag_jobs.ingest.report import Report
from hirag_jobs.ingest.seen import Seen
from hirag_jobs.ingest.sources import FORMATS, Item, Reader, total_bytes
from hirag_jobs.settings import IngestSettings
from hirag_kit.errors import ConfigurationError
from hirag_kit.tokens import TokenCounter, token_counter

STDIN = "-"


def run(path: str, settings: IngestSettings) -> int:
    """Ingests a folder, a file, or standard input.

    Args:
        path: folder or file; `-` is standard input.
        settings: all else.

    Returns:
        The exit status: 0 when the collection holds all that was asked for, else 1.

    Raises:
        HiragError: it could not start, or could not go on; what was done until then is reported.
    """
    began = time.monotonic()
    root = _root(path, settings)
    counter = token_counter()
    with opened(settings) as parts:
        report = _new_report(parts, root, counter, settings)
        try:
            _ingest(path, settings, parts, counter, report)
        finally:
            report.seconds = round(time.monotonic() - began, 3)
            _publish(report, settings.report)
    return 0 if report.complete else 1


def _ingest(path: str, settings: IngestSettings, parts: Opened, counter: TokenCounter, report: Report) -> None:
    declared = Declared.of_class(parts.target.schema)
    reader = Reader(report.root, declared, settings.max_bytes, report.unknown_field)
    plan = Plan(
        level=parts.level,
        chunker=_chunker(settings, counter),
        composition=parts.composition,
        properties=frozenset(OURS) - {"text"} | declared.types.keys(),
        limits=settings.batches,
        dry_run=settings.dry_run,
    )
    items, size = _items(path, settings, reader)
    with Seen() as seen, Progress(size, every_seconds=settings.progress_seconds, stream=sys.stderr) as progress:
        Ingest(plan, parts.collection, parts.embedder, seen, report, progress).run(items)
        if settings.prune:
            prune(
                parts.collection,
                level=parts.level,
                root=report.root,
                seen=seen,
                report=report,
                dry_run=settings.dry_run,
            )


def _items(path: str, settings: IngestSettings, reader: Reader) -> tuple[Iterator[Item], int | None]:
    """What is read, and its size in bytes where that is known."""
    if path == STDIN:
        if settings.format is None:
            raise ConfigurationError("--format is needed to read standard input: text, markdown or jsonl")
        return reader.stream(sys.stdin.buffer, settings.format), None
    location = Path(path)
    if location.is_dir():
        return reader.folder(location), total_bytes(location)
    if not location.is_file():
        raise ConfigurationError(f"{path} is neither a folder nor a file")
    format_ = settings.format or FORMATS.get(location.suffix.lower())
    if format_ is None:
        raise ConfigurationError(f"the format of {path} is not known by its name: give --format")
    return reader.file(location, format_), location.stat().st_size


def _root(path: str, settings: IngestSettings) -> str:
    name = settings.source or ("stdin" if path == STDIN else Path(path).resolve().name)
    if not name or set("/#:") & set(name):
        raise ConfigurationError(f"{path!r} does not make a name for this ingest: give --source, without / # and :")
    return name


def _chunker(settings: IngestSettings, counter: TokenCounter) -> Chunker:
    if settings.strategy == "tokens":
        return by_tokens(counter, max_tokens=settings.max_tokens, overlap=settings.overlap)
    return by_sentences(
        counter, max_tokens=settings.max_tokens, min_tokens=settings.min_tokens, language=settings.language
    )


def _new_report(parts: Opened, root: str, counter: TokenCounter, settings: IngestSettings) -> Report:
    report = Report(
        alias=parts.target.alias,
        collection=parts.target.collection,
        tenant=parts.target.tenant,
        level=parts.level,
        root=root,
        model=parts.embedder.model,
        dry_run=settings.dry_run,
        token_counter=counter.name,
        token_counts_exact=counter.exact,
    )
    meta = parts.embedder.meta
    if meta and meta.max_tokens < settings.max_tokens:
        report.warnings.append(
            f"{meta.model} reads {meta.max_tokens} tokens of its own and cuts what is longer; chunks may have "
            f"{settings.max_tokens}: lower --max-tokens if their ends should count"
        )
    return report


def _publish(report: Report, file: Path | None) -> None:
    print("\n".join(report.lines()), file=sys.stderr)  # noqa: T201  the report is what a person at a terminal reads
    if file is not None:
        file.write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
