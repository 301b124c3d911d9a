"""The scheduler's and the kubelet's part, played on a control plane without nodes: what they would say of a pod.

Shapes: k8s.io/kubernetes v1.35, `pkg/scheduler/schedule_one.go` (handleSchedulingFailure) and the container statuses of
`pkg/kubelet/kubelet_pods.go` (convertToAPIContainerStatuses).
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from e2e.cluster.namespace import Namespace, eventually
from tests.operator.plan.objects import HUB

Json = dict[str, Any]

NO_NODE = "0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: not eligible due to a terminating pod."


def spec(**serving: Any) -> Json:
    """An EmbeddingModel's spec, served from the hub."""
    resources = {"requests": {"cpu": "1", "memory": "1Gi"}}
    return {"source": HUB, "dimensions": 384, "serving": {"resources": resources, **serving}}


def deployment(namespace: Namespace, name: str = "minilm-embedder") -> Json:
    """The Deployment of the model, once there is one."""
    found = eventually(lambda: namespace.get("Deployment", name), lambda body: body)
    assert found is not None
    return found


def pod_under(namespace: Namespace, profile: str = "") -> Json:
    """The pod of a GPU profile (of any, when none is named), once there is one."""

    def in_use(pod: Json) -> str:
        return str((pod["metadata"].get("annotations") or {}).get("hirag.dev/gpu-profile", "")).split(".")[0]

    def look() -> list[Json]:
        return [pod for pod in pods(namespace) if in_use(pod) == profile]

    return eventually(look, lambda found: found)[0]


def pods(namespace: Namespace) -> list[Json]:
    """The pods that are not being deleted."""
    return [pod for pod in namespace.all_of("Pod") if not pod["metadata"].get("deletionTimestamp")]


def finds_no_node(namespace: Namespace, pod: Json, seconds: float = 0, message: str = NO_NODE) -> None:
    """Say as the scheduler does that no node fits, since some seconds."""
    since = (datetime.now(UTC) - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
    _say(namespace, pod, {"conditions": [{**condition, "lastTransitionTime": since}]})


def container_is(namespace: Namespace, pod: Json, *, init: bool = False, **status: Any) -> None:
    """Say as the kubelet does what becomes of the pod's first container, or of its first init container."""
    declared = pod["spec"]["initContainers" if init else "containers"][0]
    said = {"name": declared["name"], "image": declared["image"], "imageID": "", "ready": False, "restartCount": 0}
    scheduled = [{"type": "PodScheduled", "status": "True"}]
    field = "initContainerStatuses" if init else "containerStatuses"
    _say(namespace, pod, {"conditions": scheduled, field: [{**said, **status}]})


def _say(namespace: Namespace, pod: Json, status: Json) -> None:
    patch = ("patch", "pod", pod["metadata"]["name"], "-n", namespace.name, "--subresource=status", "--type=merge")
    namespace.control_plane.kubectl(*patch, "-p", json.dumps({"status": status}))


def events(namespace: Namespace, reason: str) -> list[str]:
    """The notes of the namespace's Events of a reason."""
    return [event.get("note", "") for event in namespace.all_of("Event") if event["reason"] == reason]
