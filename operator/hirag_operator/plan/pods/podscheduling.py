"""Why a pod has no node yet, in the scheduler's own words.

Shapes: `pkg/scheduler/schedule_one.go` (condition PodScheduled) and `pkg/scheduler/framework/plugins/volumebinding`
of Kubernetes 1.35.
"""

import re
from collections.abc import Mapping
from typing import Any

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.pods.trouble import Trouble, brief, condition

Json = Mapping[str, Any]

# What the scheduler's volume plugin says before it has looked at any node.
_VOLUMES = re.compile(r'unbound immediate PersistentVolumeClaims|persistentvolumeclaim "')


def unschedulable(pod: Json) -> Json | None:
    """Return the condition in which the scheduler says that no node fits; None when volumes are what it waits for."""
    said = condition(pod, "PodScheduled")
    fits_nowhere = said.get("status") == "False" and said.get("reason") == "Unschedulable"
    return said if fits_nowhere and not _VOLUMES.search(str(said.get("message", ""))) else None


def gated(pod: Json) -> Trouble | None:
    """Return that scheduling gates hold the pod back, if they do."""
    if condition(pod, "PodScheduled").get("reason") != "SchedulingGated":
        return None
    gates = ", ".join(gate["name"] for gate in pod["spec"].get("schedulingGates") or [])
    return Trouble(Reason.UNSCHEDULABLE, f"Pod {pod['metadata']['name']} is held back by scheduling gates: {gates}.")


def unbound(pod: Json) -> Trouble | None:
    """Return that the pod waits for its volumes, if it does."""
    said = condition(pod, "PodScheduled")
    if said.get("status") != "False" or not _VOLUMES.search(str(said.get("message", ""))):
        return None
    volumes = pod["spec"].get("volumes") or []
    claims = [volume["persistentVolumeClaim"]["claimName"] for volume in volumes if "persistentVolumeClaim" in volume]
    return Trouble(
        Reason.VOLUME_NOT_BOUND,
        f"Pod {pod['metadata']['name']} waits for its volumes: {brief(said['message'])}. See kubectl describe pvc "
        f"{' '.join(claims)}: the claim must exist, and its storage class must be able to make the volume.",
    )


def nowhere(pod: Json) -> Trouble | None:
    """Return that no node takes the pod, if none does."""
    said = unschedulable(pod)
    if said is None:
        return None
    message = (
        f"No node takes pod {pod['metadata']['name']}: {brief(said.get('message', ''))}. Add nodes, or ask for less."
    )
    return Trouble(Reason.UNSCHEDULABLE, message)
