"""How far an embedder's pods are, from its Deployment, its pods and the GPU profile."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.api.pods import GpuProfile
from hirag_operator.plan.model.gpuprofiles import Choice
from hirag_operator.plan.model.serving import rollout, stuck, waiting
from hirag_operator.plan.verdict import State, working
from tests.operator.plan.pods.pods import NO_GPU, pod, terminated, unscheduled
from tests.operator.plan.pods.pods import waiting as container_waiting

LATE = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
CRASHING = pod(containerStatuses=[container_waiting("CrashLoopBackOff", lastState=terminated())])
NOWHERE = pod(**unscheduled())
LAST = GpuProfile(name="cpu")
EXHAUSTED = Choice(LAST, (LAST,), datetime(2026, 1, 2, tzinfo=UTC), exhausted=True, words=NO_GPU)


def deployment(*conditions: dict[str, str], ready: int = 0, replicas: int = 1) -> dict[str, Any]:
    """A Deployment that has looked at its newest spec."""
    return {
        "metadata": {"name": "minilm-embedder", "generation": 2},
        "spec": {"replicas": replicas},
        "status": {"observedGeneration": 2, "readyReplicas": ready, "conditions": list(conditions)},
    }


def failure(message: str) -> dict[str, str]:
    """What the Deployment controller passes on of its ReplicaSet, e.g. of Kubernetes 1.35."""
    return {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}


QUOTA = failure(
    'pods "minilm-embedder-5d4-x7k2p" is forbidden: exceeded quota: small, requested: requests.cpu=1, '
    "used: requests.cpu=0, limited: requests.cpu=500m"
)
SECURITY = failure(
    'pods "minilm-embedder-5d4-x7k2p" is forbidden: violates PodSecurity "restricted:latest": restricted volume types '
    '(volume "model" uses restricted volume type "hostPath")'
)


@pytest.mark.parametrize(
    ("live", "pods", "choice", "state", "reason", "told"),
    [
        pytest.param(
            deployment(QUOTA),
            [],
            Choice(),
            State.STALLED,
            Reason.QUOTA_EXCEEDED,
            "A ResourceQuota admits no more pods of Deployment minilm-embedder: exceeded quota: small, requested: "
            "requests.cpu=1, used: requests.cpu=0, limited: requests.cpu=500m. Raise the quota, remove other pods, or "
            "ask for less in spec.serving.resources.",
            id="a quota",
        ),
        pytest.param(
            deployment(SECURITY),
            [],
            Choice(),
            State.STALLED,
            Reason.PODS_REFUSED,
            'The API server admits no pod of Deployment minilm-embedder: violates PodSecurity "restricted:latest": '
            'restricted volume types (volume "model" uses restricted volume type "hostPath").',
            id="pod security",
        ),
        pytest.param(
            deployment(),
            [NOWHERE],
            Choice(),
            State.WORKING,
            Reason.UNSCHEDULABLE,
            f"No node takes pod minilm-1: {NO_GPU} Add nodes, or ask for less.",
            id="no node yet",
        ),
        pytest.param(
            deployment(LATE),
            [NOWHERE],
            Choice(),
            State.STALLED,
            Reason.UNSCHEDULABLE,
            f"No node takes pod minilm-1: {NO_GPU} Add nodes, or ask for less. No new pod of Deployment "
            "minilm-embedder became ready within spec.serving.startupDeadlineSeconds.",
            id="no node within the deadline",
        ),
        pytest.param(
            deployment(),
            [NOWHERE],
            EXHAUSTED,
            State.STALLED,
            Reason.UNSCHEDULABLE,
            EXHAUSTED.told(),
            id="no node under the last profile",
        ),
        pytest.param(
            deployment(),
            [NOWHERE, CRASHING],
            Choice(),
            State.STALLED,
            Reason.CRASH_LOOPING,
            "Container embedder of pod minilm-1 ends again and again, last with exit code 1. See kubectl logs minilm-1 "
            "-c embedder --previous.",
            id="a crash loop beside a pod without a node",
        ),
    ],
)
def test_what_a_model_waits_for(
    live: dict[str, Any], pods: list[Any], choice: Choice, state: State, reason: Reason, told: str
) -> None:
    found = waiting(live, pods, choice)
    assert found is not None
    assert (found.state, found.reason, found.message) == (state, reason, told)


def test_a_model_that_one_pod_serves_waits_for_nothing() -> None:
    assert waiting(deployment(QUOTA, LATE, ready=1), [CRASHING], EXHAUSTED) is None


def test_behind_pods_that_serve_the_trouble_of_others_is_told() -> None:
    assert rollout(deployment(ready=1, replicas=2), [NOWHERE], Choice()) == (
        "1 of 2 replicas are ready in their newest version. "
        f"No node takes pod minilm-1: {NO_GPU} Add nodes, or ask for less."
    )


def test_pods_that_are_left_over_trouble_nobody_once_all_is_as_wanted() -> None:
    assert rollout(deployment(ready=1), [CRASHING], Choice()) == ""


def turning_over(*conditions: dict[str, str]) -> dict[str, Any]:
    """A Deployment with a pod of an earlier version that answers, and one of the newest."""
    live = deployment(*conditions, ready=1)
    return {**live, "status": {**live["status"], "replicas": 2, "updatedReplicas": 1}}


@pytest.mark.parametrize(
    ("live", "pods", "reason"),
    [
        pytest.param(turning_over(), [CRASHING], Reason.CRASH_LOOPING, id="a new pod that ends again and again"),
        pytest.param(turning_over(QUOTA), [], Reason.QUOTA_EXCEEDED, id="a quota"),
        pytest.param(turning_over(LATE), [], Reason.STARTUP_DEADLINE_EXCEEDED, id="time that is over"),
        pytest.param(turning_over(LATE), [NOWHERE], Reason.UNSCHEDULABLE, id="time that is over without a node"),
        pytest.param(turning_over(), [NOWHERE], None, id="a new pod that may find a node yet"),
        pytest.param(turning_over(), [], None, id="nothing"),
        pytest.param(deployment(ready=1), [CRASHING], None, id="no pod of an earlier version"),
        pytest.param(None, [], None, id="no Deployment"),
    ],
)
def test_what_keeps_the_newest_version_away_while_an_earlier_one_answers(
    live: dict[str, Any] | None, pods: list[Any], reason: Reason | None
) -> None:
    found = stuck(live, pods, Choice())
    assert (found and found.reason) == reason
    assert found is None or found.state is State.STALLED


def test_the_trouble_of_pods_of_an_earlier_version_is_told_no_more() -> None:
    live = deployment()
    live["spec"]["template"] = {"metadata": {"annotations": {"hirag.dev/version": "new"}}}
    assert waiting(live, [CRASHING], Choice()) == working(
        Reason.PODS_NOT_READY, "No pod of Deployment minilm-embedder is ready yet."
    )
    fresh = {**CRASHING, "metadata": {"name": "minilm-2", "annotations": {"hirag.dev/version": "new"}}}
    found = waiting(live, [CRASHING, fresh], Choice())
    assert found is not None
    assert "pod minilm-2 " in found.message
