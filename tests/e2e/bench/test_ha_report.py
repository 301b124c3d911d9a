"""What several rounds come to: a median, and the longest, which alone is held against a goal."""

import pytest

from e2e.bench.ha.report import PEER, Report


def test_of_several_rounds_the_longest_is_held_against_the_goal() -> None:
    report = Report()
    report.add_rounds("kill -9", [9.0, 14.0, 10.0], 15.0, [16.0, 17.0, 21.0])
    median, longest = report.figures
    assert (median.value, median.goal, median.peers) == (10.0, None, {PEER: 17.0})
    assert (longest.value, longest.goal, longest.peers) == (14.0, 15.0, {PEER: 21.0})


def test_one_round_is_told_once() -> None:
    report = Report()
    report.add_rounds("SIGTERM", [1.25])
    assert [(one.name, one.value, one.peers) for one in report.figures] == [("SIGTERM: longest", 1.25, {})]


@pytest.mark.parametrize(("value", "verdict"), [(15.0, "met"), (15.1, "MISSED")])
def test_a_goal_is_met_or_missed_in_print(value: float, verdict: str, capsys: pytest.CaptureFixture[str]) -> None:
    Report().add("kill -9", value, "s", 15.0)
    assert capsys.readouterr().out.rstrip().endswith(verdict)
