"""What the operator exposes at /metrics of its own work. Label values are few: kinds, operations, results, never text.

What stands in the status of objects is told beside it, by `plan/figures.py`.
"""

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)

# The moment of each series' birth would double the exposition, and nobody asks for it.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it without types

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)  # memory, processor time and open files, by their usual names

RESULTS = ("done", "retry", "interrupted", "not_leading", "outdated", "defect")

BUILD = Gauge(
    "hirag_operator_build_info", "1; what runs, in its labels.", ["version", "python_version"], registry=REGISTRY
)
BUILD.labels(version("hirag-operator"), platform.python_version()).set(1)
RECONCILES = Counter("hirag_operator_reconciles", "Finished reconciles.", ["kind", "result"], registry=REGISTRY)
RECONCILE_SECONDS = Histogram(
    "hirag_operator_reconcile_seconds", "Duration of one reconcile.", ["kind"], registry=REGISTRY
)
QUEUE_DEPTH = Gauge(
    "hirag_operator_queue_depth", "Objects that are due and wait for a worker.", ["kind"], registry=REGISTRY
)
QUEUE_AGE = Gauge(
    "hirag_operator_queue_age_seconds", "How long the oldest of them has been due.", ["kind"], registry=REGISTRY
)
QUEUE_SECONDS = Histogram(
    "hirag_operator_queue_seconds", "Time between an object falling due and its reconcile.", ["kind"], registry=REGISTRY
)
STEPS = Counter("hirag_operator_steps", "Changes made to the world.", ["step"], registry=REGISTRY)
FAILED_STEPS = Counter(
    "hirag_operator_failed_steps", "Changes that another server did not take.", ["step"], registry=REGISTRY
)
CALL_SECONDS = Histogram(
    "hirag_operator_call_seconds", "Latency of calls to other servers.", ["server", "operation"], registry=REGISTRY
)
WATCH_AGE = Gauge(
    "hirag_operator_watch_age_seconds",
    "Time since the API server was last heard of a kind: of its most silent watch.",
    ["kind"],
    registry=REGISTRY,
)
LEADER = Gauge("hirag_operator_leader", "1 while this process leads, else 0.", registry=REGISTRY)
WEAVIATE_UP = Gauge(
    "hirag_operator_weaviate_up",
    "1 when the server of a connection answers, else 0.",
    ["connection"],
    registry=REGISTRY,
)


def expect(kinds: Iterable[str], steps: Iterable[str]) -> None:
    """Begin the series of what will happen at 0, so that the first time counts as an increase."""
    for kind in kinds:
        for result in RESULTS:
            RECONCILES.labels(kind, result)
        RECONCILE_SECONDS.labels(kind)
        QUEUE_SECONDS.labels(kind)
    for step in steps:
        STEPS.labels(step)
        FAILED_STEPS.labels(step)


def queues(waiting: Mapping[str, tuple[int, float]]) -> None:
    """Set how many objects wait for a worker, and for how many seconds the oldest, by kind."""
    for kind, (depth, seconds) in waiting.items():
        QUEUE_DEPTH.labels(kind).set(depth)
        QUEUE_AGE.labels(kind).set(seconds)


def watches(ages: Mapping[str, float]) -> None:
    """Set how long ago the watches last heard of the API server, in seconds by kind."""
    WATCH_AGE.clear()
    for kind, age in ages.items():
        WATCH_AGE.labels(kind).set(age)
