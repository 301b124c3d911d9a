"""A person at a terminal sees a bar; a log gets a line now and then."""

import io

from structlog.testing import capture_logs

from hirag_jobs.ingest.documents import Reason, Skipped
from hirag_jobs.ingest.progress import Progress
from hirag_jobs.ingest.report import LISTED, SHOWN, Report


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _report(**counts: int) -> Report:
    return Report(
        alias="Alias",
        collection="Alias_R1",
        tenant=None,
        level="longTerm",
        root="docs",
        model="model",
        dry_run=False,
        token_counter="words",  # noqa: S106  tokens of text
        token_counts_exact=False,
        **counts,
    )


def test_a_terminal_shows_a_bar_with_counts() -> None:
    terminal = Terminal()
    with Progress(2_000, every_seconds=10, stream=terminal) as progress:
        progress.show(_report(bytes=1_000, documents=3, chunks=9))
        progress.show(_report(bytes=2_000, documents=6, chunks=18))
    assert "100%" in terminal.getvalue()
    assert "6 documents, 18 chunks" in terminal.getvalue()


def test_a_log_gets_a_line_with_counts_and_no_bar() -> None:
    stream = io.StringIO()
    with capture_logs() as logs, Progress(2_000, every_seconds=0.0, stream=stream) as progress:
        progress.show(_report(bytes=1_000, documents=3, chunks=9))
    assert stream.getvalue() == ""
    assert [(line["event"], line["documents"], line["total_bytes"]) for line in logs] == [("ingesting", 3, 2_000)]


def test_a_report_shows_the_first_of_many_and_counts_all() -> None:
    report = _report()
    for number in range(LISTED + 5):
        report.skip(Skipped(f"docs/{number}", Reason.HIDDEN))
    said = report.lines()
    assert (report.skipped_total, len(report.skipped)) == (LISTED + 5, LISTED)
    assert sum(line.startswith("skipped: docs/") for line in said) == SHOWN
    assert f"skipped: {LISTED + 5 - SHOWN} more, see --report" in said
    assert any("an estimate" in line for line in said)
