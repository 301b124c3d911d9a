"""Writing for a person or for a pipe: colour and width belong to terminals, JSON to programs."""

import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TextIO

from rich.console import Console, RenderableType
from rich.text import Text

UNBOUNDED: Final = 100_000  # columns where nobody has a screen: a pipe breaks no lines
STYLES: Final[Mapping[str, str]] = {
    "Ready": "green",
    "Compliant": "green",
    "ok": "green",
    "hot": "green",
    "new": "green",
    "Stalled": "bold red",
    "Missing": "bold red",
    "Failed": "bold red",
    "wrong": "bold red",
    "forbidden": "bold red",
    "invalid": "bold red",
    "embed": "red",
    "build": "yellow",
    "PendingRebuild": "yellow",
    "Reconciling": "yellow",
    "Rebuilding": "yellow",
    "Waiting": "yellow",
    "Unseen": "yellow",
    "Deleting": "yellow",
    "Paused": "cyan",
    "warning": "yellow",
    "held": "bold red",
}


def console(out: TextIO, environment: Mapping[str, str] = os.environ, width: int | None = None) -> Console:
    """Return a console on a stream: coloured only on a terminal, and never where NO_COLOR is set (no-color.org)."""
    terminal = out.isatty()
    coloured = terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    if width is None and not terminal:
        width = int(columns) if (columns := environment.get("COLUMNS", "")).isdecimal() else UNBOUNDED
    return Console(
        file=out,
        width=width,
        force_terminal=terminal,
        color_system="auto" if coloured else None,
        highlight=False,
        markup=False,
        emoji=False,
        _environ=environment,
    )


def show(out: TextIO, renderable: RenderableType) -> None:
    """Write something for a person."""
    screen = console(out)
    with screen.capture() as captured:
        screen.print(renderable)
    out.writelines(f"{written.rstrip()}\n" for written in captured.get().splitlines())


def show_json(out: TextIO, report: Mapping[str, Any]) -> None:
    """Write something for a program."""
    out.write(f"{json.dumps(report, indent=2, ensure_ascii=False)}\n")


def marked(word: str, style: str | None = None) -> Text:
    """Return a word in the colour of what it says."""
    return Text(word, style=STYLES.get(word, "") if style is None else style)


def line(*parts: str | Text) -> Text:
    """Return a line put together from plain and coloured parts."""
    return Text.assemble(*parts, overflow="fold")


def age(since: datetime | None, now: datetime) -> str:
    """Return how long ago something was, as kubectl writes it: 40s, 12m, 5h, 3d; empty where it is not known."""
    if since is None:
        return ""
    passed = max(now - since, timedelta())
    minutes, hours = passed // timedelta(minutes=1), passed // timedelta(hours=1)
    if minutes < 2:  # noqa: PLR2004  below two of a unit, the smaller one tells more
        return f"{int(passed.total_seconds())}s"
    if hours < 2:  # noqa: PLR2004
        return f"{minutes}m"
    return f"{hours}h" if passed.days < 2 else f"{passed.days}d"  # noqa: PLR2004


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun, e.g. `1 object`, `2,507 objects`."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
