"""Every query of every dashboard, and every alert, asks for what a running system exposes."""

import subprocess
from collections import defaultdict

import pytest
from prometheus_client.parser import text_string_to_metric_families

from e2e.cluster.toolchain import Toolchain
from tests.charts.monitoring.expressions import AskedInVain, Asking, Exposed, check, of_dashboards, of_rules
from tests.charts.monitoring.scene import Scene

ASKED = [*of_dashboards(), *of_rules()]


@pytest.fixture(scope="module")
def exposed(running: Scene) -> Exposed:
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for text in running.exposed():
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                for label, value in sample.labels.items():
                    found[sample.name][label].add(value)
                found[sample.name]  # one without labels is there too
    return found


@pytest.mark.parametrize("asking", ASKED, ids=lambda asking: asking.where)
def test_an_expression_asks_for_metrics_labels_and_values_that_are_exposed(asking: Asking, exposed: Exposed) -> None:
    check(asking, exposed)


def test_every_metric_is_asked_for_or_left_to_people_on_purpose(exposed: Exposed) -> None:
    """A metric that no dashboard and no rule asks for costs and helps nobody."""
    asked = " ".join(asking.expr for asking in ASKED)
    left = {"hirag_operator_policy_levels", "hirag_operator_policy_compliant_levels"}  # kubectl get hnsw shows them
    own = {name.removesuffix("_count").removesuffix("_sum") for name in exposed if name.startswith("hirag_")}
    assert {name for name in own - left if name.removesuffix("_bucket") not in asked} == set()


def test_names_and_helps_are_as_prometheus_wants_them(running: Scene, toolchain: Toolchain) -> None:
    promtool = toolchain.path("promtool")
    for text in running.exposed():
        done = subprocess.run(
            [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


SMALL: Exposed = {
    "a_total": {"kind": {"x"}},
    "b": {"kind": {"x"}, "name": {"n"}},
    "s_bucket": {"le": {"1"}, "kind": {"x"}},
}


@pytest.mark.parametrize(
    ("expr", "why"),
    [
        ("gone", "nothing exposes gone"),
        ('a_total{color="red"}', "no label color"),
        ('a_total{kind="y"}', "no a_total has kind='y'"),
        ("sum by (color) (a_total)", "no label color"),
        ("b and on (name) a_total", "no label name"),
        ("a_total and on (name) b", "no label name"),
        ("sum by (name) (sum by (kind) (b))", "no label name"),
        ("sum(b) * on (kind) b", "no label kind"),
        ("sum by (kind) (b) / sum by (name) (b)", "match by all their labels"),
        ("b * on (kind) group_left (color) a_total", "no label color"),
        ("histogram_quantile(0.9, sum by (kind) (rate(s_bucket[5m])))", "no label le"),
        ('label_join(b, "both", "/", "kind", "color")', "no label color"),
    ],
)
def test_an_expression_that_would_be_answered_by_nothing_is_found(expr: str, why: str) -> None:
    with pytest.raises(AskedInVain, match=why):
        check(Asking("here", expr), SMALL)


@pytest.mark.parametrize(
    ("expr", "shows"),
    [
        ("histogram_quantile(0.9, sum by (kind, le) (rate(s_bucket[5m])))", {"kind"}),
        ("b * on (kind) group_left (name) b", {"kind", "name"}),
        ('label_join(b, "both", "/", "kind", "name") and on (kind) a_total', {"both"}),
        ("count(b) or vector(0)", set()),
        ("time() - max by (kind) (b) > 3600", {"kind"}),
        ("rate(a_total[$__rate_interval]) and on (job, instance) b", {"instance", "kind"}),
    ],
)
def test_what_is_shown_comes_out_of_the_expression(expr: str, shows: set[str]) -> None:
    check(Asking("here", expr, frozenset(shows)), SMALL)
    with pytest.raises(AskedInVain, match="here shows: no label color"):
        check(Asking("here", expr, frozenset({"color"})), SMALL)
