"""The tables of metrics in docs/observability.md, from the metrics themselves."""

from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry

from hirag_embedder.app.metrics import Metrics
from hirag_operator import metrics
from hirag_operator.plan.figures import FAMILIES

Entry = tuple[str, str, tuple[str, ...], str]  # name, type, labels, what it tells


def operator_work() -> list[Entry]:
    """What the operator counts of its own work."""
    return list(_declared(metrics.REGISTRY))


def operator_objects() -> list[Entry]:
    """What it tells of the objects that it watches."""
    return [(family.name, "gauge", family.labels, family.tells) for family in FAMILIES]


def embedder() -> list[Entry]:
    """What an embedding server exposes."""
    return list(_declared(Metrics().registry))


def table(entries: Iterable[Entry]) -> str:
    """Markdown of a table."""
    rows = [
        f"| `{name}` | {type_} | {', '.join(f'`{label}`' for label in labels)} | {tells} |"
        for name, type_, labels, tells in sorted(entries)
    ]
    return "\n".join(["| metric | type | labels | |", "|---|---|---|---|", *rows])


def _declared(registry: CollectorRegistry) -> Iterator[Entry]:
    for collector in registry._collector_to_names:  # noqa: SLF001  a registry does not tell what it collects from
        own: Any = collector
        if hasattr(own, "_labelnames"):
            name = f"{own._name}_total" if own._type == "counter" else own._name  # noqa: SLF001  nor a metric its labels
            yield name, own._type, tuple(own._labelnames), own._documentation  # noqa: SLF001
