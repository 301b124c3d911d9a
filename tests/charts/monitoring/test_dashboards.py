"""The dashboards as Grafana reads them, and as somebody on call does."""

import json
import re
from itertools import combinations, pairwise
from typing import Any

import pytest
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.charts.monitoring.expressions import DASHBOARDS

Json = dict[str, Any]

plugins.register_default_plugins()


def load(file: Any) -> Json:
    return dict(json.loads(file.read_text()))


def panels(dashboard: Json) -> list[Json]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


each = pytest.mark.parametrize("dashboard", [load(file) for file in DASHBOARDS], ids=lambda one: one["uid"])


def lost(written: Any, read: Any, path: str = "") -> list[str]:
    """What stood in a document and did not survive being read into Grafana's own types, by its path."""
    if isinstance(written, dict) and isinstance(read, dict):
        kept = {key: value for key, value in written.items() if key in read}
        gone = [f"{path}.{key}" for key, value in written.items() if key not in read and value is not None]
        return gone + [one for key, value in kept.items() for one in lost(value, read[key], f"{path}.{key}")]
    if isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        pairs = enumerate(zip(written, read, strict=True))
        return [one for place, pair in pairs for one in lost(*pair, f"{path}[{place}]")]
    return [] if written == read else [f"{path}: {written!r} became {read!r}"]


@each
def test_grafanas_own_types_know_every_field(dashboard: Json) -> None:
    read = json.loads(json.dumps(Dashboard.from_json(dashboard), cls=JSONEncoder))
    assert lost(dashboard, read) == []


def test_a_field_that_grafana_does_not_know_is_found() -> None:
    dashboard = load(DASHBOARDS[0])
    dashboard["panels"][1]["options"]["colour"] = "red"
    dashboard["titel"] = "x"
    read = json.loads(json.dumps(Dashboard.from_json(dashboard), cls=JSONEncoder))
    assert lost(dashboard, read) == [".titel", ".panels[1].options.colour"]


@each
def test_the_data_come_from_the_source_that_the_reader_chose(dashboard: Json) -> None:
    (source, *_) = dashboard["templating"]["list"]
    assert (source["type"], source["name"], source["query"]) == ("datasource", "datasource", "prometheus")
    uids = re.findall(r'"uid": "([^"]*)"', json.dumps({**dashboard, "uid": None}))
    assert set(uids) == {"${datasource}"}


@each
def test_every_panel_says_what_it_shows_in_which_unit(dashboard: Json) -> None:
    for panel in panels(dashboard):
        assert panel["description"].endswith((".", "?")), panel["title"]
        if panel["type"] != "table":
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["targets"], panel["title"]


@each
def test_panels_have_numbers_of_their_own_and_do_not_overlap(dashboard: Json) -> None:
    everything = dashboard["panels"]
    assert len({panel["id"] for panel in everything}) == len(everything)
    for one, other in combinations((panel["gridPos"] for panel in everything), 2):
        apart = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart or above, (one, other)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in everything)


@each
def test_rows_ask_first_whether_it_is_fine_and_last_why_not(dashboard: Json) -> None:
    rows = [panel for panel in dashboard["panels"] if panel["type"] == "row"]
    assert (rows[0]["title"], rows[-1]["title"]) == ("Is it fine?", "Why not?")
    assert all(one["gridPos"]["y"] < other["gridPos"]["y"] for one, other in pairwise(rows))


@each
def test_a_variable_is_used_and_what_is_used_is_one(dashboard: Json) -> None:
    declared = {variable["name"] for variable in dashboard["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(dashboard)))
    assert declared == {name for name in used if not name.startswith("__")}


def test_addresses_are_of_the_files_names_and_titles_are_their_own() -> None:
    dashboards = {file.stem: load(file) for file in DASHBOARDS}
    assert {stem: one["uid"] for stem, one in dashboards.items()} == {stem: f"hirag-{stem}" for stem in dashboards}
    assert len({one["title"] for one in dashboards.values()}) == len(dashboards)
