"""The rules of the chart: Prometheus reads them, each alert fires and is silent in a test, and leads to its remedy."""

import re
import subprocess
from typing import Any

import pytest
import yaml

from e2e.cluster.toolchain import Toolchain
from tests.charts.monitoring.expressions import ROOT, RULES

TESTS = sorted((ROOT / "charts/hirag-operator/rules/tests").glob("*.yaml"))
ALERTS = {
    rule["alert"]: rule
    for file in RULES
    for group in yaml.safe_load(file.read_text())["groups"]
    for rule in group["rules"]
}
PAGE = (ROOT / "docs/alerts.md").read_text()


def promtool(toolchain: Toolchain, *arguments: object) -> None:
    done = subprocess.run(
        [toolchain.path("promtool"), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_reads_the_rules(toolchain: Toolchain) -> None:
    promtool(toolchain, "check", "rules", "--lint=all", "--lint-fatal", *RULES)


def test_alerts_fire_when_they_should_and_are_silent_when_not(toolchain: Toolchain) -> None:
    assert {file.name for file in TESTS} == {file.name for file in RULES}
    promtool(toolchain, "test", "rules", *TESTS)


def told() -> tuple[set[str], set[str]]:
    """The alerts that some test wants to fire, and those that one wants silent at a moment, whatever they are of."""
    firing, silent = set[str](), set[str]()
    for file in TESTS:
        for test in yaml.safe_load(file.read_text())["tests"]:
            for one in test.get("alert_rule_test", []):
                (firing if one["exp_alerts"] else silent).add(one["alertname"])
            for one in test.get("promql_expr_test", []):
                # By the series that Prometheus keeps of an alert that fires.
                firing |= set(re.findall(r'^ALERTS{alertname="(\w+)", alertstate="firing"}$', one["expr"]))
                assert one["exp_samples"], f"{file.name}: {one['expr']} asks for nothing: say so by exp_alerts"
    return firing, silent


def test_every_alert_is_tested_firing_and_silent() -> None:
    firing, silent = told()
    assert firing == set(ALERTS)
    assert silent == set(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_how_grave_it_is_what_is_wrong_and_where_the_remedy_stands(name: str) -> None:
    rule: dict[str, Any] = ALERTS[name]
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    page, anchor = rule["annotations"]["runbook_url"].split("#")
    assert page == "docs/alerts.md"
    assert anchor == name.lower()
    assert f"\n### {name}\n" in PAGE


def test_the_runbook_tells_of_no_alert_that_is_not_there() -> None:
    assert set(re.findall(r"^### (\w+)$", PAGE, re.MULTILINE)) == set(ALERTS)
