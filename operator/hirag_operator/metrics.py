"""What the operator exposes at /metrics. Label sets are bounded: kinds, operations and results, never free text."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

RECONCILES = Counter("hirag_operator_reconciles", "Finished reconciles.", ["kind", "result"], registry=REGISTRY)
RECONCILE_SECONDS = Histogram(
    "hirag_operator_reconcile_seconds", "Duration of one reconcile.", ["kind"], registry=REGISTRY
)
QUEUE_DEPTH = Gauge("hirag_operator_queue_depth", "Objects waiting for a worker.", ["kind"], registry=REGISTRY)
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
WATCH_AGE = Gauge(
    "hirag_operator_last_event_timestamp_seconds", "When a watch last brought an event.", ["kind"], registry=REGISTRY
)


def forget(kind: str, namespace: str, name: str) -> None:
    """Drop the series of an object that is gone, so that label sets stay as many as there are objects."""
    READY.remove_by_labels({"kind": kind, "namespace": namespace, "name": name})
