"""The benchmark of convergence in its quick form: that it runs and finds nothing wrong, never how fast anything is."""

import math

import pytest

from e2e.bench.converge.figures import QUICK, measure
from e2e.bench.converge.report import LOOP, Report
from e2e.bench.converge.scene import Scene


@pytest.fixture(scope="module")
def report() -> Report:
    """What the quick form finds."""
    assert QUICK.resync_seconds is not None
    report = Report()
    with Scene(QUICK.resync_seconds) as scene:
        measure(scene, QUICK, QUICK.resync_seconds, report)
    return report


def test_every_figure_is_a_number(report: Report) -> None:
    assert all(math.isfinite(figure.value) and figure.value >= 0 for figure in report.figures)


def test_no_figure_is_taken_twice(report: Report) -> None:
    names = [figure.name for figure in report.figures]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("work", ["50 Shared", "5 Dedicated", "hot edit bound by 5", "300 tenants declared"])
def test_the_loop_ran_beside_the_operator(report: Report, work: str) -> None:
    (figure,) = (one for one in report.figures if one.name.startswith(work) and one.unit == "ratio")
    assert figure.goal == 1.5
    assert figure.peers[LOOP] > 0


def test_the_operator_wrote_no_less_than_the_loop(report: Report) -> None:
    short = {
        (work, what): found
        for work, different in report.differences.items()
        for what, found in different.items()
        if found[0] < found[1]
    }
    assert not short


def test_nothing_went_wrong(report: Report) -> None:
    assert not [figure for figure in report.figures if figure.goal == 0 and figure.value]
