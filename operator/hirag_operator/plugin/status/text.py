"""A status report as a person reads it: what is wrong as a tree each, the rest as one line each."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from hirag_operator.plugin.status.branches import branches
from hirag_operator.plugin.status.report import CollectionReport, ModelReport, ObjectReport, PolicyReport, StatusReport
from hirag_operator.plugin.terminal import age, counted, line, marked

MOST_TREES: Final = 20  # of objects that are not as they should be: more than that nobody reads


def text(report: StatusReport, now: datetime, *, full: bool) -> RenderableType:
    """Return the report as text; `full`: a tree for each object, those that are fine too."""
    return Group(*_parts(report, now, full=full))


def _parts(report: StatusReport, now: datetime, *, full: bool) -> Iterator[RenderableType]:
    if len(report.objects) != 1:
        yield _summary(report)
    wrong = [one for one in report.objects if full or one.problems]
    trees = wrong if full else wrong[:MOST_TREES]
    for one in trees:
        if len(report.objects) > 1:
            yield ""
        yield tree(one, now)
    if len(wrong) > len(trees):
        yield ""
        yield line(f"{len(wrong) - len(trees):,} more are not as they should be; --full shows each as a tree.")
    if rest := report.objects[len(trees) :]:
        yield ""
        yield _table(rest)
    if report.unseen:
        yield ""
        yield from (line("Left out: ", f"{what}.") for what in report.unseen)


def tree(one: ObjectReport, now: datetime) -> Tree:
    """Return an object as a tree."""
    root = Tree(_heading(one, now), guide_style="dim", highlight=False)
    for problem in one.problems:
        label = line(
            marked(f"{problem.condition}: {problem.reason}", "bold red" if problem.grave else "yellow"),
            f", for {since}" if (since := age(problem.since, now)) else "",
            f"\n{problem.message}" if problem.message else "",
            f"\nRemedy: {problem.remedy}" if problem.remedy else "",
        )
        root.add(label)
    for branch in branches(one, now):
        root.add(branch)
    return root


def _heading(one: ObjectReport, now: datetime) -> Text:
    since = age(one.since, now)
    return line(
        marked(f"{one.kind} {one.namespace}/{one.name}", "bold"),
        "  ",
        marked(one.state),
        f" for {since}" if since else "",
    )


def _summary(report: StatusReport) -> Text:
    if not report.objects:
        return line("There are no objects of hirag.dev here.")
    states = Counter(one.state for one in report.objects).items()
    told = [part for state, count in states for part in (f", {count:,} ", marked(state))][1:]
    warned = sum(one.state == "Ready" and bool(one.problems) for one in report.objects)
    first = next(iter(states))[1]
    return line(
        f"{counted(len(report.objects), 'object')}: {first:,} ",
        *told,
        f", {warned:,} with a warning." if warned else ".",
    )


def _table(rest: list[CollectionReport | ModelReport | PolicyReport]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    for one in rest:
        told = one.problems[0].reason if one.problems else _in_a_line(one)
        table.add_row(f"{one.kind} {one.namespace}/{one.name}", marked(one.state), told)
    return table


def _in_a_line(one: CollectionReport | ModelReport | PolicyReport) -> str:
    match one:
        case CollectionReport():
            objects = counted(one.objects, "object") if one.objects is not None else ""
            migration = f"migration {one.migration.phase}" if one.migration is not None else ""
            parts = [f"model {one.model.name}", *(level.level for level in one.levels), objects, migration]
            return ", ".join(part for part in parts if part)
        case ModelReport():
            replicas = f"{one.ready_replicas or 0} of {one.replicas} replicas" if one.replicas is not None else ""
            return ", ".join(part for part in (one.model, f"{one.dimensions} dimensions", replicas) if part)
        case PolicyReport():
            return f"{one.index}, {counted(one.binding_count, 'level')}"
