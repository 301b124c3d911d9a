"""Rendering Kubernetes Events (events.k8s.io/v1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hirag_operator.plan.digest import digest
from hirag_operator.plan.names import workload_name

NOTE_LIMIT = 1024  # bytes of UTF-8: what the API takes


def event(body: Mapping[str, Any], reason: str, note: str, now: datetime, *, warning: bool = False) -> dict[str, Any]:
    """Return an Event about `body`; two of the same moment, reason and note share a name, so one is kept."""
    metadata = body["metadata"]
    stamp = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {
            "namespace": metadata["namespace"],
            "name": f"{workload_name(metadata['name'])}.{digest([metadata['uid'], stamp, reason, note], 16)}",
        },
        "eventTime": stamp,
        "type": "Warning" if warning else "Normal",
        "reason": reason,
        "action": "Reconcile",
        "note": note.encode()[:NOTE_LIMIT].decode(errors="ignore"),
        "reportingController": "hirag.dev/operator",
        "reportingInstance": "hirag-operator",
        "regarding": {
            "apiVersion": body["apiVersion"],
            "kind": body["kind"],
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
        },
    }
