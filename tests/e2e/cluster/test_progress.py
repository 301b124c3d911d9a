import io

import pytest

from e2e.cluster.progress import Progress


def test_without_a_terminal_each_step_is_a_plain_line() -> None:
    out = io.StringIO()
    with Progress(out) as progress, progress.activity("building etcd"):
        progress.say("go is old")
    lines = out.getvalue().splitlines()
    assert lines[:2] == ["  building etcd …", "go is old"]
    assert lines[2].startswith("  building etcd: done in ")
    assert "\x1b" not in out.getvalue()


def test_on_a_terminal_the_last_line_shows_all_that_is_going_on() -> None:
    out = io.StringIO()
    progress = Progress(out, live=True)
    with progress.activity("building etcd"), progress.activity("building kubectl"):
        pass
    shown = out.getvalue().split("\x1b[2K")
    assert any("building etcd 0 s, building kubectl 0 s" in line for line in shown)
    assert [line.split(":")[0].strip() for line in shown if line.endswith("\n") or "done" in line] == [
        "building kubectl",
        "building etcd",
    ]


def test_what_failed_is_not_said_to_be_done() -> None:
    out = io.StringIO()
    progress = Progress(out)
    with pytest.raises(ValueError, match="no"), progress.activity("building etcd"):
        raise ValueError("no")
    assert "done" not in out.getvalue()
