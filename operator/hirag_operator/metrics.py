"""What the operator exposes at /metrics. Label sets are bounded: kinds, operations and results, never free text."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

RECONCILES = Counter("hirag_operator_reconciles", "Finished reconciles.", ["kind", "result"], registry=REGISTRY)
RECONCILE_SECONDS = Histogram(
    "hirag_operator_reconcile_seconds", "Duration of one reconcile.", ["kind"], registry=REGISTRY
)
QUEUE_DEPTH = Gauge("hirag_operator_queue_depth", "Objects waiting for a worker.", ["kind"], registry=REGISTRY)
QUEUE_AGE = Gauge(
    "hirag_operator_queue_age_seconds", "How long the oldest of them has been due.", ["kind"], registry=REGISTRY
)
QUEUE_SECONDS = Histogram(
    "hirag_operator_queue_seconds", "Time between an object falling due and its reconcile.", ["kind"], registry=REGISTRY
)
STEPS = Counter("hirag_operator_steps", "Changes made to the world.", ["step"], registry=REGISTRY)
CALL_SECONDS = Histogram(
    "hirag_operator_call_seconds", "Latency of calls to other servers.", ["server", "operation"], registry=REGISTRY
)
READY = Gauge(
    "hirag_operator_object_ready",
    "1 when the object's Ready condition is True, else 0.",
    ["kind", "namespace", "name"],
    registry=REGISTRY,
)
DRIFTED = Gauge(
    "hirag_operator_object_drifted",
    "1 when something was changed by hand and is left so, else 0.",
    ["kind", "namespace", "name"],
    registry=REGISTRY,
)
OF_OBJECTS = (READY, DRIFTED)  # with a series for each object
WATCH_AGE = Gauge(
    "hirag_operator_watch_age_seconds",
    "Time since a watch last brought an event or bookmark.",
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


def drifted(kind: str, namespace: str, name: str, value: bool) -> None:  # noqa: FBT001  the gauge's value, as in .set()
    """Say whether an object's world differs from its spec because somebody changed it by hand."""
    DRIFTED.labels(kind, namespace, name).set(value)


def queues(waiting: Mapping[str, tuple[int, float]]) -> None:
    """Set how many objects wait for a worker, and for how many seconds the oldest, by kind; kinds left out: none."""
    QUEUE_DEPTH.clear()
    QUEUE_AGE.clear()
    for kind, (depth, seconds) in waiting.items():
        QUEUE_DEPTH.labels(kind).set(depth)
        QUEUE_AGE.labels(kind).set(seconds)


def watches(ages: Mapping[str, float]) -> None:
    """Set how long ago the watches last heard of the API server, in seconds by kind."""
    WATCH_AGE.clear()
    for kind, age in ages.items():
        WATCH_AGE.labels(kind).set(age)


def leads(value: bool) -> None:  # noqa: FBT001  the gauge's value, as in .set()
    """Say whether this process leads; of one that does not, nothing is known of the state of objects."""
    LEADER.set(value)
    if not value:
        for gauge in OF_OBJECTS:
            gauge.clear()


def forget(kind: str, namespace: str, name: str) -> None:
    """Drop the series of an object that is gone, so that label sets stay as many as there are objects."""
    for gauge in OF_OBJECTS:
        gauge.remove_by_labels({"kind": kind, "namespace": namespace, "name": name})
