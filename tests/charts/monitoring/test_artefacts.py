"""What charts/monitoring writes is what is committed, and leaves out no metric."""

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from charts.monitoring.__main__ import PAGE, artefacts
from hirag_embedder.app.metrics import Metrics
from hirag_operator.metrics import REGISTRY
from hirag_operator.plan.figures import FAMILIES
from tests.charts.monitoring.expressions import DASHBOARDS


@pytest.mark.parametrize("path", artefacts(), ids=lambda path: path.name)
def test_what_is_generated_is_fresh(path: Path) -> None:
    assert path.read_text() == artefacts()[path], "make dashboards"


def test_no_dashboard_is_there_that_nothing_generates() -> None:
    assert set(DASHBOARDS) == {path for path in artefacts() if path != PAGE}


def collected(registry: CollectorRegistry) -> set[str]:
    """The names under which a registry exposes metrics of ours."""
    families = (family for family in registry.collect() if family.name.startswith("hirag_"))
    return {f"{family.name}_total" if family.type == "counter" else family.name for family in families}


def test_the_page_tells_of_every_metric_and_of_no_other() -> None:
    documented = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text(), re.MULTILINE))
    ours = {name for name in documented if name.startswith("hirag_")}
    assert ours == collected(REGISTRY) | collected(Metrics().registry) | {family.name for family in FAMILIES}
