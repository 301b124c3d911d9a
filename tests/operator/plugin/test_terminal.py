"""Colour, width and words for a terminal or a pipe."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from hirag_operator.plugin.terminal import age, console, counted, marked

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Screen(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def written(out: io.StringIO, environment: dict[str, str]) -> str:
    console(out, environment).print(marked("Stalled"))
    return out.getvalue()


def test_a_terminal_is_coloured() -> None:
    assert "\x1b[" in written(Screen(), {"TERM": "xterm-256color"})


@pytest.mark.parametrize(
    ("out", "environment"),
    [
        pytest.param(Screen(), {"TERM": "xterm-256color", "NO_COLOR": "1"}, id="NO_COLOR"),
        pytest.param(Screen(), {"TERM": "dumb"}, id="a terminal without colours"),
        pytest.param(io.StringIO(), {"TERM": "xterm-256color"}, id="a pipe"),
        pytest.param(io.StringIO(), {"TERM": "xterm-256color", "FORCE_COLOR": "1"}, id="a pipe, whatever is forced"),
    ],
)
def test_nothing_else_is(out: io.StringIO, environment: dict[str, str]) -> None:
    assert written(out, environment) == "Stalled\n"


def test_a_pipe_breaks_no_lines_and_columns_have_it_break_them() -> None:
    long = "word " * 100
    plain, narrow = io.StringIO(), io.StringIO()
    console(plain, {}).print(long)
    console(narrow, {"COLUMNS": "40"}).print(long)
    assert len(plain.getvalue().splitlines()) == 1
    assert max(map(len, narrow.getvalue().splitlines())) <= 40


@pytest.mark.parametrize(
    ("passed", "told"),
    [
        (timedelta(seconds=-3), "0s"),
        (timedelta(seconds=119), "119s"),
        (timedelta(minutes=2), "2m"),
        (timedelta(minutes=119), "119m"),
        (timedelta(hours=2), "2h"),
        (timedelta(hours=47), "47h"),
        (timedelta(days=2), "2d"),
        (timedelta(days=400), "400d"),
    ],
)
def test_ages_are_written_as_kubectl_does(passed: timedelta, told: str) -> None:
    assert age(NOON - passed, NOON) == told


def test_numbers_have_their_noun() -> None:
    assert [counted(count, "object") for count in (0, 1, 2507)] == ["0 objects", "1 object", "2,507 objects"]
