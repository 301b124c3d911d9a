"""An explanation as a person reads it."""

import json
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hirag_operator.plugin.explain.report import ChangeReport, FieldReport, WordReport
from hirag_operator.plugin.terminal import STYLES, line, marked


def text(report: FieldReport | WordReport) -> RenderableType:
    """Return the explanation as text."""
    return Group(*(_word(report) if isinstance(report, WordReport) else _field(report)))


def _word(report: WordReport) -> Iterator[RenderableType]:
    yield line(marked(report.word, "bold"), f"  {report.role} of a condition")
    yield line(report.meaning)
    if report.remedy:
        yield line(f"Remedy: {report.remedy}")


def _field(report: FieldReport) -> Iterator[RenderableType]:
    yield line(marked(f"{report.kind} {report.path}".rstrip(), "bold"), f"  {', '.join(_facts(report))}")
    if report.description:
        yield line(report.description)
    if report.change is not None:
        yield ""
        yield from _change(report.change, report.path)
    if report.unacted:
        yield line(f"This release does not act on it: {report.unacted}.")
    if report.rules:
        yield ""
        yield line("Rules:")
        yield from (Padding(line(f"{rule}."), (0, 0, 0, 2)) for rule in report.rules)
    if report.fields:
        yield ""
        yield line("Fields:")
        yield Padding(_below(report), (0, 0, 0, 2))


def _facts(report: FieldReport) -> Iterator[str]:
    yield report.type
    if report.values:
        yield " | ".join(report.values)
    if report.bounds:
        yield report.bounds
    if report.required:
        yield "required"
    elif report.default is not None:
        yield f"default {json.dumps(report.default)}"


def _change(change: ChangeReport, path: str) -> Iterator[Text]:
    yield line("Change: ", marked(change.class_), f". {change.meaning}")
    if change.shared:
        yield line("With placement Shared: ", marked(change.shared))
    if change.note:
        yield line(change.note)
    if change.of != path:
        yield line(f"So says the table of {change.of}, for all below it.")


def _below(report: FieldReport) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for column in ("name", "type", "class"):
        table.add_column(column, no_wrap=True)
    for field in report.fields:
        name = f"{field.name}*" if field.required else field.name
        style = STYLES.get(field.class_.partition(",")[0], "")
        table.add_row(name, field.type, marked(field.class_, style), field.description)
    return table
