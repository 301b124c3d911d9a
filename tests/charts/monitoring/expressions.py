"""What PromQL expressions ask for: every expression of dashboards and rules, and the labels that come out of each.

An expression is walked with what a system exposes. A metric that is not there, a label that its series do not have, or
a value of a label that none of them has, is an error: such a query gives nothing, for ever, and without a word.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import promql_parser as promql
import yaml

ROOT = Path(__file__).parents[3]
DASHBOARDS = sorted((ROOT / "charts/hirag-operator/dashboards").glob("*.json"))
RULES = sorted((ROOT / "charts/hirag-operator/rules").glob("*.yaml"))

# What Prometheus gives to every sample of a target (the chart's monitors see to namespace and pod).
TARGET = frozenset({"job", "instance", "namespace", "pod"})

Exposed = Mapping[str, Mapping[str, set[str]]]  # metric → label → its values
_GRAFANA = {"$__rate_interval": "5m", "$__range": "6h"}
_SETS = {"and", "or", "unless"}
_LITERAL = (promql.MatchOp.Equal, promql.MatchOp.NotEqual)


class AskedInVain(AssertionError):
    """An expression asks for what nothing exposes."""


@dataclass(frozen=True)
class Asking:
    """An expression, where it stands, and the labels that its place shows: legends, columns, annotations."""

    where: str
    expr: str
    shows: frozenset[str] = frozenset()


def of_dashboards() -> Iterator[Asking]:
    for file in DASHBOARDS:
        dashboard = json.loads(file.read_text())
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                series, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()  # type: ignore[union-attr]
                yield Asking(f"{file.name}: ${variable['name']}", series, frozenset({label}))
        for panel in dashboard["panels"]:
            columns = _columns(panel)
            for target in panel.get("targets", []):
                shows = set(re.findall(r"{{(\w+)}}", target["legendFormat"])) | columns
                yield Asking(f"{file.name}: {panel['title']}", target["expr"], frozenset(shows))


def of_rules() -> Iterator[Asking]:
    for file in RULES:
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                shows = re.findall(r"\$labels\.(\w+)", str(rule["annotations"]))
                yield Asking(f"{file.name}: {rule['alert']}", rule["expr"], frozenset(shows))


def check(asking: Asking, exposed: Exposed) -> None:
    """Raise AskedInVain when a running system would not answer it, or not with the labels that are shown."""
    for variable, value in _GRAFANA.items():
        asking = Asking(asking.where, asking.expr.replace(variable, value), asking.shows)
    found = _labels(promql.parse(asking.expr), exposed)
    _among(asking.shows, found, f"{asking.where} shows")


def _columns(panel: Mapping[str, Any]) -> set[str]:
    """The labels among the columns of a table."""
    names = [
        name
        for one in panel.get("transformations", [])
        if one["id"] == "filterFieldsByName"
        for name in one["options"]["include"]["names"]
    ]
    return {name for name in names if not name.startswith("Value")}


def _labels(expr: Any, exposed: Exposed) -> frozenset[str]:  # noqa: PLR0911  one answer for each kind of expression
    """The labels of what an expression gives."""
    match expr:
        case promql.VectorSelector():
            return _selected(expr, exposed)
        case promql.MatrixSelector():
            return _labels(expr.vector_selector, exposed)
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            return _labels(expr.expr, exposed)
        case promql.AggregateExpr():
            inner = _labels(expr.expr, exposed)
            by = frozenset(expr.modifier.labels) if expr.modifier else frozenset()
            assert expr.modifier is None or expr.modifier.type == promql.AggModifierType.By, "without keeps what comes"
            return _among(by, inner, f"by in {expr.prettify()}")
        case promql.BinaryExpr():
            return _combined(expr, exposed)
        case promql.Call():
            return _called(expr, exposed)
        case promql.NumberLiteral() | promql.StringLiteral():
            return frozenset()
    raise NotImplementedError(type(expr).__name__)


def _selected(selector: promql.VectorSelector, exposed: Exposed) -> frozenset[str]:
    name = selector.name or ""
    if name not in exposed:
        raise AskedInVain(f"nothing exposes {selector}")
    of_metric = exposed[name]
    for matcher in selector.matchers.matchers:
        _among({matcher.name}, of_metric.keys() | TARGET, f"matcher of {name}")
        literal = "$" not in matcher.value and matcher.op in _LITERAL and matcher.name in of_metric
        if literal and matcher.value not in of_metric[matcher.name]:
            values = sorted(of_metric[matcher.name])
            raise AskedInVain(f"no {name} has {matcher.name}={matcher.value!r}; there are {values}")
    return frozenset(of_metric) | TARGET


def _combined(expr: promql.BinaryExpr, exposed: Exposed) -> frozenset[str]:
    left, right = _labels(expr.lhs, exposed), _labels(expr.rhs, exposed)
    if _is_number(expr.lhs) or _is_number(expr.rhs):
        return left | right
    modifier = expr.modifier
    if modifier is None or modifier.matching is None:
        return left | right if str(expr.op) == "or" else _alike(left, right, expr.prettify())
    on = frozenset(modifier.matching.labels)
    _among(on, left, f"on, left in {expr.prettify()}")
    _among(on, right, f"on, right in {expr.prettify()}")
    if str(expr.op) in _SETS:
        return left
    match modifier.card:
        case promql.VectorMatchCardinality.ManyToOne:
            return left | _among(frozenset(modifier.group_labels or ()), right, f"group_left in {expr.prettify()}")
        case promql.VectorMatchCardinality.OneToMany:
            return right | _among(frozenset(modifier.group_labels or ()), left, f"group_right in {expr.prettify()}")
    return on


def _is_number(expr: Any) -> bool:
    """Whether it has no labels because it is no vector."""
    match expr:
        case promql.ParenExpr() | promql.UnaryExpr():
            return _is_number(expr.expr)
        case promql.BinaryExpr():
            return _is_number(expr.lhs) and _is_number(expr.rhs)
        case promql.Call():
            return bool(expr.func.name in {"time", "scalar"})
    return isinstance(expr, promql.NumberLiteral)


def _called(call: promql.Call, exposed: Exposed) -> frozenset[str]:
    name, vectors = call.func.name, [one for one in call.args if not isinstance(one, promql.NumberLiteral)]
    if name == "label_join":
        vector, made, _, *sources = vectors
        inner = _labels(vector, exposed)
        _among({source.val for source in sources}, inner, "label_join")
        return inner | {made.val}
    if not vectors or name in {"absent", "vector", "time"}:
        for one in vectors:
            _labels(one, exposed)
        return frozenset()
    inner = _labels(vectors[-1], exposed)
    if name == "histogram_quantile":
        return inner - _among({"le"}, inner, "histogram_quantile")
    return inner


def _alike(left: frozenset[str], right: frozenset[str], where: str) -> frozenset[str]:
    if left != right:
        raise AskedInVain(f"{where}: series of two sides match by all their labels, and these are not the same")
    return left


def _among(asked: Any, there: Any, where: str) -> frozenset[str]:
    if missing := set(asked) - set(there):
        raise AskedInVain(f"{where}: no label {', '.join(sorted(missing))}; there are {', '.join(sorted(there))}")
    return frozenset(asked)
