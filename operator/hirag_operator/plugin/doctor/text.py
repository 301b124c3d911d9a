"""A doctor's report as a person reads it."""

import itertools
from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.tree import Tree

from hirag_operator.plugin.doctor.report import DoctorReport, Finding
from hirag_operator.plugin.terminal import counted, line, marked


def text(report: DoctorReport) -> RenderableType:
    """Return the report as text: a tree for each area, then the sum."""
    return Group(*_parts(report))


def _parts(report: DoctorReport) -> Iterator[RenderableType]:
    for area, findings in itertools.groupby(report.findings, key=lambda one: one.area):
        tree = Tree(marked(area, "bold"), guide_style="dim", highlight=False)
        for finding in findings:
            tree.add(_finding(finding))
        yield tree
    yield ""
    levels = Counter(one.level for one in report.findings)
    wrong, warnings = levels["wrong"], levels["warning"]
    yield line(
        f"{counted(wrong, 'thing')} wrong, {counted(warnings, 'warning')}." if wrong or warnings else "All is well."
    )


def _finding(finding: Finding) -> RenderableType:
    remedy = f"\nRemedy: {finding.remedy}" if finding.remedy else ""
    return line(marked(finding.level), f"  {finding.message}", remedy)
