"""Handing replicas over to an autoscaler without a dip.

A field that its only owner stops applying falls back to the API's default: a Deployment of five replicas would be cut
to one at the moment when an autoscaler is to take over. So before we stop, a second field manager of ours applies the
live figure; the autoscaler finds it and moves it from there.
Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#transferring-ownership
"""

from collections.abc import Mapping
from typing import Any

from hirag_operator.plan.steps import HandOverReplicas

Json = Mapping[str, Any]


def handover(wanted: Json, live: Json, manager: str) -> HandOverReplicas | None:
    """Return the step that keeps the live replicas when `manager` owns them and `wanted` no longer says how many."""
    if wanted["kind"] != "Deployment" or "replicas" in wanted["spec"] or not _owns_replicas(live, manager):
        return None
    metadata = live["metadata"]
    return HandOverReplicas(metadata["namespace"], metadata["name"], int(live["spec"]["replicas"]))


def _owns_replicas(live: Json, manager: str) -> bool:
    entries = live["metadata"].get("managedFields") or []
    return any(
        entry.get("manager") == manager and "f:replicas" in entry.get("fieldsV1", {}).get("f:spec", {})
        for entry in entries
    )
