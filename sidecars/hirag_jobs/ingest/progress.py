"""How far a run is: a bar at a terminal, a log line now and then elsewhere."""

import time
from types import TracebackType
from typing import Self, TextIO

import structlog
from tqdm import tqdm

from hirag_jobs.ingest.report import Report


class Progress:
    """Shows a growing report; a context manager.

    Args:
        total_bytes: what there is to read; None where that is not known.
        every_seconds: the pause between log lines.
        stream: where it is shown.
    """

    def __init__(self, total_bytes: int | None, *, every_seconds: float, stream: TextIO) -> None:
        self._log = structlog.get_logger("hirag_jobs.ingest")
        self._every = every_seconds
        self._total = total_bytes
        self._shown_at = time.monotonic()
        self._bar = tqdm(total=total_bytes, unit="B", unit_scale=True, file=stream) if stream.isatty() else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, report: Report) -> None:
        """Shows how far a report has come."""
        if self._bar is not None:
            self._bar.set_postfix_str(f"{report.documents} documents, {report.chunks} chunks", refresh=False)
            self._bar.update(report.bytes - self._bar.n)
        elif time.monotonic() - self._shown_at >= self._every:
            self._shown_at = time.monotonic()
            counts = report.model_dump(include={"documents", "chunks", "embedded", "unchanged", "skipped_total"})
            self._log.info("ingesting", bytes=report.bytes, total_bytes=self._total, **counts)
