"""A person at a terminal sees a bar; a log gets a line now and then, with the rate and what is left."""

import io

from structlog.testing import capture_logs

from hirag_jobs.archive.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_a_bar_that_counts_what_was_there_before() -> None:
    terminal = Terminal()
    with Progress("exporting", every_seconds=10, stream=terminal, before=500) as progress:
        progress.show(750, 1_000)
        progress.show(1_000, 900)
    assert "100%" in terminal.getvalue()
    assert "objects" in terminal.getvalue()


def test_a_log_gets_a_line_with_the_rate_of_this_run_alone() -> None:
    stream = io.StringIO()
    with (
        capture_logs() as logs,
        Progress("importing", every_seconds=0.0, stream=stream, before=500) as progress,
    ):
        progress.show(500, 1_000)
        progress.show(750, 1_000)
        progress.show(1_000, 1_000)
    assert stream.getvalue() == ""
    assert [(line["event"], line["objects"], line["total"]) for line in logs] == [
        ("importing", 500, 1_000),
        ("importing", 750, 1_000),
        ("importing", 1_000, 1_000),
    ]
    assert (logs[0]["per_second"], logs[0]["remaining_seconds"]) == (0, None)
    assert logs[1]["per_second"] > 0
    assert logs[2]["remaining_seconds"] == 0
