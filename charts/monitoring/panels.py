"""Panels of Grafana dashboards, as data. Every one says in words what it shows and when to worry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
GREEN, AMBER, RED, BLUE = "green", "orange", "red", "blue"


@dataclass(frozen=True)
class Query:
    """A PromQL expression; `legend` names its series by their labels. In tables `name` is the column of its value."""

    expr: str
    legend: str = "__auto"
    name: str = "Value"


@dataclass(frozen=True)
class Panel:
    """A panel of whatever type; `width` of the 24 columns of a dashboard, `height` in its rows."""

    title: str
    tells: str
    type: str
    queries: tuple[Query, ...]
    width: int
    height: int
    instant: bool = False
    defaults: Mapping[str, Any] = field(default_factory=dict)
    overrides: Sequence[Json] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    transformations: Sequence[Json] = ()

    def rendered(self, number: int, x: int, y: int) -> Json:
        """The panel as Grafana reads it, at a place of its dashboard."""
        targets = [
            {
                "datasource": DATASOURCE,
                "expr": query.expr,
                "legendFormat": query.legend,
                "refId": "ABCDEFGH"[index],
                "instant": self.instant,
                "range": not self.instant,
                "format": "table" if self.type == "table" else "time_series",
            }
            for index, query in enumerate(self.queries)
        ]
        panel: Json = {
            "id": number,
            "type": self.type,
            "title": self.title,
            "description": self.tells,
            "datasource": DATASOURCE,
            "gridPos": {"h": self.height, "w": self.width, "x": x, "y": y},
            "fieldConfig": {"defaults": dict(self.defaults), "overrides": list(self.overrides)},
            "options": dict(self.options),
            "targets": targets,
        }
        if self.transformations:
            panel["transformations"] = list(self.transformations)
        return panel


def stat(
    title: str,
    tells: str,
    expr: str,
    *,
    steps: Sequence[tuple[float | None, str]],
    unit: str = "short",
    width: int = 4,
    none: str = "",
) -> Panel:
    """One number, coloured from each step of `steps` upwards (the first is None: from the bottom); `none`: no data."""
    defaults: Json = {
        "unit": unit,
        "color": {"mode": "thresholds"},
        "thresholds": {"mode": "absolute", "steps": [{"value": value, "color": color} for value, color in steps]},
    }
    if none:
        defaults["noValue"] = none
    return Panel(
        title,
        tells,
        "stat",
        (Query(expr),),
        width,
        4,
        instant=True,
        defaults=defaults,
        options={
            "colorMode": "background",
            "graphMode": "none",
            "justifyMode": "auto",
            "orientation": "auto",
            "textMode": "auto",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        },
    )


def series(
    title: str,
    tells: str,
    *queries: Query,
    unit: str,
    width: int = 8,
    stacked: bool = False,
    least: float | None = 0,
    most: float | None = None,
) -> Panel:
    """Lines over time, from `least` to `most` (None: as the values are)."""
    defaults: Json = {
        "unit": unit,
        "color": {"mode": "palette-classic"},
        "custom": {
            "drawStyle": "line",
            "lineWidth": 1,
            "fillOpacity": 30 if stacked else 10,
            "showPoints": "never",
            "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        },
    }
    defaults |= {name: value for name, value in (("min", least), ("max", most)) if value is not None}
    return Panel(
        title,
        tells,
        "timeseries",
        queries,
        width,
        8,
        defaults=defaults,
        options={
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
    )


def table(
    title: str, tells: str, *queries: Query, columns: Mapping[str, str], units: Mapping[str, str] | None = None,
    width: int = 12,
) -> Panel:  # fmt: skip
    """Rows of labels; `columns` are labels (or Value) with their headings, in order, and all others are left out.

    Several queries are joined by their labels, and their values are `Value #A`, `Value #B`, ….
    """
    units = units or {}
    return Panel(
        title,
        tells,
        "table",
        queries,
        width,
        8,
        instant=True,
        defaults={"custom": {"align": "auto", "filterable": True}, "noValue": "none"},
        overrides=[
            {"matcher": {"id": "byName", "options": heading}, "properties": [{"id": "unit", "value": unit}]}
            for heading, unit in units.items()
        ],
        options={"showHeader": True, "cellHeight": "sm"},
        transformations=[
            *([{"id": "merge", "options": {}}] if len(queries) > 1 else []),
            {"id": "filterFieldsByName", "options": {"include": {"names": list(columns)}}},
            {
                "id": "organize",
                "options": {
                    "excludeByName": {},
                    "indexByName": {label: place for place, label in enumerate(columns)},
                    "renameByName": dict(columns),
                },
            },
        ],
    )
