"""The benchmark of migration with little data: that it runs and finds nothing wrong, never how fast anything is."""

import math

import pytest

from e2e.bench.migration.copies import measure_copies
from e2e.bench.migration.embedding import measure_embedding
from e2e.bench.migration.freezing import measure_freezes
from e2e.bench.migration.memory import QUANTIZERS, measure_memory
from e2e.bench.migration.report import Report
from e2e.bench.migration.tenants import measure_tenants
from e2e.cluster.toolchain import Toolchain


@pytest.fixture(scope="module")
def report(toolchain: Toolchain) -> Report:
    report = Report()
    measure_copies(toolchain, 300, report)
    measure_embedding(toolchain, 16, report)
    measure_freezes(toolchain, [300], report)
    measure_tenants(toolchain, 40, report)
    measure_memory(toolchain, 300, report, rest_seconds=1)
    return report


def test_every_figure_is_a_number_and_taken_once(report: Report) -> None:
    assert all(math.isfinite(figure.value) and figure.value >= 0 for figure in report.figures)
    names = [figure.name for figure in report.figures]
    assert sorted(names) == sorted(set(names))


def test_nothing_is_lost_and_nothing_comes_back(report: Report) -> None:
    counted = [figure for figure in report.figures if figure.unit == "" and "recall" not in figure.name]
    assert len(counted) == 9
    assert [figure.value for figure in counted] == [0] * 9


def test_each_quantizer_is_measured(report: Report) -> None:
    recalls = {figure.name: figure.value for figure in report.figures if "recall" in figure.name}
    assert recalls.keys() == {f"{quantizer}: recall@10" for quantizer in QUANTIZERS}
    assert all(0.5 < recall <= 1 for recall in recalls.values())
