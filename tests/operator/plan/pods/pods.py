"""Pods as the scheduler and the kubelet leave them.

Shapes: k8s.io/kubernetes v1.35, `pkg/scheduler/schedule_one.go` (handleSchedulingFailure), the messages of
`pkg/scheduler/framework/types.go` (FitError) and `pkg/scheduler/framework/plugins/volumebinding`,
`pkg/kubelet/images/image_manager.go`, `pkg/kubelet/kuberuntime/kuberuntime_manager.go` (doBackOff).
"""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

NO_GPU = (
    "0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes are available: 3 No preemption "
    "victims found for incoming pod."
)
NO_VOLUME = "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found."


def pod(name: str = "minilm-1", *, spec: Mapping[str, Any] | None = None, **status: Any) -> Json:
    """A pod of the embedder, with whatever is said of its status."""
    containers = [{"name": "embedder", "image": "hirag-embedder:1", "env": [{"name": "KEY", "value": "s3cret"}]}]
    return {
        "metadata": {"name": name, "namespace": "team-a"},
        "spec": {"containers": containers, **(spec or {})},
        "status": status,
    }


def unscheduled(message: str = NO_GPU, since: str = "2026-01-02T03:00:00Z", reason: str = "Unschedulable") -> Json:
    """The status of a pod that the scheduler found no node for."""
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "reason": reason,
        "message": message,
        "lastTransitionTime": since,
    }
    return {"phase": "Pending", "conditions": [condition]}


def container(name: str = "embedder", **status: Any) -> Json:
    """The status of a container that is not ready."""
    return {"name": name, "image": "hirag-embedder:1", "ready": False, "restartCount": 0, **status}


def waiting(reason: str, message: str = "", **status: Any) -> Json:
    """The status of a container that waits."""
    return container(state={"waiting": {"reason": reason, "message": message}}, **status)


def terminated(exit_code: int = 1, reason: str = "Error", message: str = "", **more: Any) -> Json:
    """How a container ended."""
    return {"terminated": {"exitCode": exit_code, "reason": reason, "message": message, **more}}
