"""A Grafana dashboard: variables and rows of panels, laid out from left to right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from charts.monitoring.panels import DATASOURCE, Panel

Json = dict[str, Any]

COLUMNS = 24
SCHEMA_VERSION = 39  # of Grafana 11; newer ones take it up as they open it
TAG = "hirag"


@dataclass(frozen=True)
class Variable:
    """A choice at the top of a dashboard: the values that `label` has in the series of `metric`."""

    name: str
    label: str
    metric: str
    heading: str
    everything: bool = False

    def rendered(self) -> Json:
        """The variable as Grafana reads it."""
        query = f"label_values({self.metric}, {self.label})"
        variable: Json = {
            "type": "query",
            "name": self.name,
            "label": self.heading,
            "datasource": DATASOURCE,
            "definition": query,
            "query": {"qryType": 1, "query": query, "refId": f"Variable-{self.name}"},
            "refresh": 2,
            "sort": 1,
            "multi": self.everything,
            "includeAll": self.everything,
            "hide": 0,
            "regex": "",
            "options": [],
        }
        if self.everything:
            variable |= {"allValue": ".*", "current": {"text": ["All"], "value": ["$__all"]}}
        return variable


@dataclass(frozen=True)
class Row:
    """A question that its panels answer."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True)
class Dashboard:
    """All that one page shows. `uid` is its address in Grafana, and its file's name: it stays."""

    uid: str
    title: str
    tells: str
    variables: Sequence[Variable]
    rows: Sequence[Row]

    def rendered(self) -> Json:
        """The dashboard as Grafana reads it."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.tells,
            "tags": [TAG],
            "schemaVersion": SCHEMA_VERSION,
            "editable": False,
            "graphTooltip": 1,
            "refresh": "1m",
            "time": {"from": "now-6h", "to": "now"},
            "timezone": "browser",
            "links": [_others()],
            "annotations": {"list": []},
            "templating": {"list": [_datasource(), *(variable.rendered() for variable in self.variables)]},
            "panels": _laid_out(self.rows),
        }


def _laid_out(rows: Sequence[Row]) -> list[Json]:
    panels: list[Json] = []
    y = 0
    for row in rows:
        place = {"h": 1, "w": COLUMNS, "x": 0, "y": y}
        panels.append(
            {
                "id": len(panels) + 1,
                "type": "row",
                "title": row.title,
                "collapsed": False,
                "gridPos": place,
                "panels": [],
            }
        )
        x, y, tallest = 0, y + 1, 0
        for panel in row.panels:
            if x + panel.width > COLUMNS:
                x, y, tallest = 0, y + tallest, 0
            panels.append(panel.rendered(len(panels) + 1, x, y))
            x, tallest = x + panel.width, max(tallest, panel.height)
        y += tallest
    return panels


def _datasource() -> Json:
    return {
        "type": "datasource",
        "name": "datasource",
        "label": "Prometheus",
        "query": "prometheus",
        "refresh": 1,
        "hide": 0,
        "regex": "",
        "multi": False,
        "includeAll": False,
        "options": [],
    }


def _others() -> Json:
    """A menu of all our dashboards, which keeps the time and the choices."""
    return {
        "type": "dashboards",
        "title": "HiRAG",
        "tags": [TAG],
        "asDropdown": True,
        "includeVars": True,
        "keepTime": True,
        "targetBlank": False,
        "icon": "external link",
        "tooltip": "",
        "url": "",
    }
