"""How far the pods of an embedder are, judged from its Deployment and from what each pod says."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.model.embedderpod import VERSION
from hirag_operator.plan.model.gpuprofiles import Choice
from hirag_operator.plan.pods.podtrouble import worst_trouble
from hirag_operator.plan.pods.trouble import Trouble, brief, condition
from hirag_operator.plan.verdict import Verdict, stalled, working

Json = Mapping[str, Any]

_UNSEEN = "The Deployment has taken up no change of its spec yet."


def ready_replicas(deployment: Json | None) -> int:
    """Return how many pods are ready."""
    return int(((deployment or {}).get("status") or {}).get("readyReplicas", 0))


def waiting(deployment: Json | None, pods: Sequence[Json], choice: Choice) -> Verdict | None:
    """Return what a model waits for that no pod serves yet; None when at least one does."""
    if deployment is None:
        return working(Reason.RECONCILING, "The Deployment of the embedder is being made.")
    if ready_replicas(deployment) > 0:
        return None
    name = deployment["metadata"]["name"]
    if deployment["spec"].get("replicas") == 0:
        return working(Reason.PODS_NOT_READY, f"Deployment {name} is scaled to 0 replicas.")
    trouble = _trouble(deployment, pods, choice)
    if (blocked := _blocked(deployment, trouble)) is not None:
        return blocked
    if trouble is None:
        return working(Reason.PODS_NOT_READY, f"No pod of Deployment {name} is ready yet.")
    return working(trouble.reason, trouble.message)


def stuck(deployment: Json | None, pods: Sequence[Json], choice: Choice) -> Verdict | None:
    """Return why no pod of the newest version comes while earlier ones answer in its place; None when one may."""
    if deployment is None or not turnover(deployment):
        return None
    return _blocked(deployment, _trouble(deployment, pods, choice))


def rollout(deployment: Json | None, pods: Sequence[Json], choice: Choice) -> str:
    """Return what goes on behind replicas that serve; empty when all is as wanted."""
    if deployment is None:
        return ""
    wanted, counted = deployment["spec"].get("replicas", 1), deployment.get("status") or {}
    if counted.get("observedGeneration", 0) < deployment["metadata"].get("generation", 0):
        return _UNSEEN
    # The counts do not tell which pods are ready; as long as earlier ones are there, it is they that serve.
    earlier = counted.get("replicas", 0) - counted.get("updatedReplicas", 0)
    fresh = max(0, counted.get("readyReplicas", 0) - earlier)
    if fresh >= wanted:
        return ""
    trouble = _trouble(deployment, pods, choice)
    cause = f" {trouble.message}" if trouble else ""
    return f"{fresh} of {wanted} replicas are ready in their newest version.{cause}"


def turnover(deployment: Json | None) -> str:
    """Return whether pods of an earlier version may answer in place of the newest; empty when none can."""
    if deployment is None:
        return ""
    counted = deployment.get("status") or {}
    if counted.get("observedGeneration", 0) < deployment["metadata"].get("generation", 0):
        return _UNSEEN
    earlier = counted.get("replicas", 0) - counted.get("updatedReplicas", 0)
    return f"{earlier} of the pods are still of an earlier version." if earlier > 0 else ""


def _trouble(deployment: Json, pods: Sequence[Json], choice: Choice) -> Trouble | None:
    if (refused := _refused(deployment)) is not None:
        return refused
    if choice.exhausted:
        return Trouble(Reason.UNSCHEDULABLE, choice.told(), needs_person=True)
    return worst_trouble(_newest(deployment, pods))


def _newest(deployment: Json, pods: Sequence[Json]) -> list[Json]:
    """Return the pods of the Deployment's present template; what ails earlier ones may have been seen to."""
    version = _version(deployment["spec"].get("template", {}))
    return [pod for pod in pods if _version(pod) == version]


def _version(body: Json) -> str | None:
    return (body.get("metadata", {}).get("annotations") or {}).get(VERSION)


def _refused(deployment: Json) -> Trouble | None:
    """Return why the API server admits no pod, which a ReplicaSet is told and its Deployment passes on.

    Shapes: `pkg/controller/replicaset/replica_set_utils.go` of Kubernetes 1.35 (ReplicaFailure, FailedCreate).
    """
    said = condition(deployment, "ReplicaFailure")
    if said.get("status") != "True":
        return None
    words = brief(re.sub(r'^pods "[^"]*" is forbidden: ', "", str(said.get("message", ""))))
    name = deployment["metadata"]["name"]
    if "exceeded quota" in words or "failed quota" in words:
        remedy = "Raise the quota, remove other pods, or ask for less in spec.serving.resources."
        message = f"A ResourceQuota admits no more pods of Deployment {name}: {words}. {remedy}"
        return Trouble(Reason.QUOTA_EXCEEDED, message, needs_person=True)
    message = f"The API server admits no pod of Deployment {name}: {words}."
    return Trouble(Reason.PODS_REFUSED, message, needs_person=True)


def _blocked(deployment: Json, trouble: Trouble | None) -> Verdict | None:
    """Return that a person must act, because of a trouble or because the time is over; else None."""
    if condition(deployment, "Progressing").get("reason") == "ProgressDeadlineExceeded":
        name = deployment["metadata"]["name"]
        late = f"No new pod of Deployment {name} became ready within spec.serving.startupDeadlineSeconds"
        if trouble is not None:
            return stalled(trouble.reason, f"{trouble.message} {late}.")
        remedy = "see kubectl describe pods, or raise the deadline for a large model"
        return stalled(Reason.STARTUP_DEADLINE_EXCEEDED, f"{late}; {remedy}")
    return stalled(trouble.reason, trouble.message) if trouble is not None and trouble.needs_person else None
