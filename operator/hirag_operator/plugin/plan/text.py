"""A plan as a person reads it."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from hirag_operator.plugin.plan.report import DocumentReport, EffectReport, PlanReport
from hirag_operator.plugin.terminal import counted, line, marked

_ACTIONS: Final = {
    "create": "is new",
    "change": "changes",
    "nothing": "keeps its spec",
    "refused": "is refused",
    "leftOut": "is left out: no object of hirag.dev",
}
_SUMMARIES: Final = {
    "nothing": "Nothing changes.",
    "new": "What is new is made; nothing that exists changes.",
    "hot": "All of it is applied in place, at once; no data moves.",
    "build": "A new revision of the data is needed.",
    "embed": "A new revision with new vectors is needed.",
    "held": "The operator would stop and wait for a person.",
    "forbidden": "It changes what cannot change.",
    "invalid": "It would be refused.",
}
MOST_SHOWN: Final = 20  # effects: gravest first, and the rest is counted
_MOST_CHARACTERS: Final = 80  # of a value that is shown


def text(report: PlanReport) -> RenderableType:
    """Return the plan as text."""
    return Group(*_parts(report))


def _parts(report: PlanReport) -> Iterator[RenderableType]:
    for document in report.documents:
        yield _document(document)
    if report.effects:
        yield ""
        yield line("What it comes to:")
        yield from map(_effect, report.effects[:MOST_SHOWN])
    if more := Counter(effect.takes for effect in report.effects[MOST_SHOWN:]):
        told = ", ".join(f"{count:,} {takes}" for takes, count in more.items())
        yield line(f"and {more.total():,} more ({told}); -o json has them all.")
    if report.notes:
        yield ""
        yield from map(line, report.notes)
    yield ""
    yield line(marked(report.takes), f": {_SUMMARIES[report.takes]}{_extent(report)} Nothing was written.")


def _extent(report: PlanReport) -> str:
    """Return how much has to be carried into new revisions, in all."""
    rebuilt = [effect for effect in report.effects if effect.pending]
    if not rebuilt:
        return ""
    known = [effect.objects for effect in rebuilt if effect.objects is not None]
    uncounted = f" (of {len(rebuilt) - len(known):,} the objects are not known)" if len(known) < len(rebuilt) else ""
    return f" {counted(len(rebuilt), 'level')}, {counted(sum(known), 'object')} to carry{uncounted}."


def _document(document: DocumentReport) -> Tree:
    name = f"{document.namespace}/{document.name}" if document.namespace else document.name
    what = f"{document.kind or 'document'} {name}".rstrip()
    style = "bold red" if document.action == "refused" else ""
    checked = f"  ({document.checked})" if document.checked else ""
    tree = Tree(
        line(marked(what, "bold"), " ", marked(_ACTIONS[document.action], style), f"  {document.source}{checked}"),
        guide_style="dim",
        highlight=False,
    )
    for error in document.errors:
        tree.add(line(marked(error.field, "bold"), ": " if error.field else "", error.message))
    for change in document.changes:
        note = f"\n{change.note}" if change.note else ""
        values = f"{_shown(change.before)} → {_shown(change.after)}"
        tree.add(line(marked(change.class_), f"  {change.path}: {values}", marked(note, "dim")))
    return tree


def _effect(effect: EffectReport) -> Tree:
    level = f" {effect.level}" if effect.level else ""
    objects = f", {counted(effect.objects, 'object')} to carry" if effect.objects is not None else ""
    tree = Tree(
        line(
            marked(f"{effect.kind} {effect.namespace}/{effect.name}{level}", "bold"),
            "  ",
            marked(effect.takes),
            objects,
        ),
        guide_style="dim",
        highlight=False,
    )
    for step in effect.steps:
        tree.add(line(step))
    for pending in effect.pending:
        tree.add(line(pending))
    if effect.waits:
        tree.add(Text(effect.waits, overflow="fold"))
    return tree


def _shown(value: Any) -> str:
    if value is None:
        return "(none)"
    written = json.dumps(value, ensure_ascii=False)
    return written if len(written) <= _MOST_CHARACTERS else f"{written[: _MOST_CHARACTERS - 1]}…"
