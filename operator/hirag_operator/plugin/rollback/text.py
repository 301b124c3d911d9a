"""What going back comes to, as a person reads it."""

from collections.abc import Iterator
from datetime import UTC
from typing import Final

from rich.console import Group, RenderableType
from rich.tree import Tree

from hirag_operator.plan.collection.rollback import ROLLBACK, undo
from hirag_operator.plugin.rollback.report import LevelReport, RollbackReport
from hirag_operator.plugin.terminal import line, marked

_ENDS: Final = {
    "possible": "It can be undone. Nothing was written.",
    "asked": "Annotation {annotation} names it now; kubectl hirag status {name} -n {namespace} tells how far it is.",
    "done": "It is undone: what served before it serves, with all that was written since.",
}


def text(report: RollbackReport) -> RenderableType:
    """Return the report as text."""
    return Group(*_parts(report))


def _parts(report: RollbackReport) -> Iterator[RenderableType]:
    tree = Tree(line(marked(f"ContextCollection {report.namespace}/{report.name}", "bold"), f"  plan {report.plan}"))
    tree.guide_style = "dim"
    for one in report.levels:
        tree.add(line(f"Level {one.level}: ", marked(one.becomes), f"\n{_fate(one)}"), highlight=False)
    yield tree
    yield ""
    yield line(_ENDS[report.outcome].format(annotation=ROLLBACK, **dict(report)))
    if report.outcome != "possible":
        yield line(f"To have the change carried out after all: {undo(report.namespace, report.name)}")


def _fate(one: LevelReport) -> str:
    if one.becomes == "returns":
        until = (
            f"; it is kept until {one.previous_until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if one.previous_until else ""
        )
        return f"{one.source} → {one.target}, with all that was written since{until}"
    if one.becomes == "aborts":
        return f"{one.source} serves on, and what was begun goes"
    return f"{one.source} serves on"
