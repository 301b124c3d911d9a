"""What goes wrong with the pods of a model is said by the model: real controllers, the node's part is played."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from e2e.cluster import data
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.podrunner import PodRunner
from e2e.cluster.program import answers
from tests.operator.reconcile.nodeless import NO_NODE, container_is, deployment, finds_no_node, pod_under, spec

Json = dict[str, Any]


@pytest.fixture
def pod(namespace: Namespace) -> Json:
    """The pod of a model called minilm."""
    namespace.apply("EmbeddingModel", "minilm", spec())
    return pod_under(namespace)


def test_a_pod_that_no_node_takes_is_told_in_the_schedulers_words(namespace: Namespace, pod: Json) -> None:
    finds_no_node(namespace, pod)
    said = namespace.await_reason("EmbeddingModel", "minilm", "Unschedulable", "Reconciling")
    assert NO_NODE[:-1] in said["message"]
    assert pod["metadata"]["name"] in said["message"]


@pytest.mark.parametrize(
    ("status", "reason", "told"),
    [
        pytest.param(
            {"state": {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "e:1"'}}},
            "ImagePullFailed",
            'Back-off pulling image "e:1"',
            id="an image that cannot be pulled",
        ),
        pytest.param(
            {
                "restartCount": 3,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting"}},
                "lastState": {
                    "terminated": {"exitCode": 2, "reason": "Error", "message": "hirag-embedder: 768 dimensions"}
                },
            },
            "CrashLooping",
            "exit code 2: hirag-embedder: 768 dimensions",
            id="a server that ends again and again",
        ),
        pytest.param(
            {
                "restartCount": 3,
                "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting"}},
                "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
            },
            "OutOfMemory",
            "more memory than",
            id="too little memory",
        ),
        pytest.param(
            {"state": {"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}}},
            "ContainerNotCreated",
            'secret "x" not found',
            id="a Secret that is missing",
        ),
    ],
)
def test_what_a_person_must_see_to_stalls_the_model_until_it_is_gone(
    namespace: Namespace, pod: Json, status: Json, reason: str, told: str
) -> None:
    container_is(namespace, pod, **status)
    said = namespace.await_reason("EmbeddingModel", "minilm", reason, "Stalled")
    assert (said["status"], told in said["message"]) == ("True", True)
    container_is(namespace, pod, state={"running": {"startedAt": "2026-01-02T03:04:05Z"}})
    assert namespace.await_reason("EmbeddingModel", "minilm", "NotStalled", "Stalled")["status"] == "False"


def test_a_trouble_that_was_seen_to_is_told_no_more_though_its_pod_is_still_there(
    namespace: Namespace, pod: Json
) -> None:
    waits = {"reason": "ErrImagePull", "message": "no such image"}
    container_is(namespace, pod, state={"waiting": waits})
    namespace.await_reason("EmbeddingModel", "minilm", "ImagePullFailed", "Stalled")
    namespace.apply("EmbeddingModel", "minilm", spec(image="registry.example.com/embedder:2"))
    namespace.await_reason("EmbeddingModel", "minilm", "PodsNotReady", "Reconciling")
    assert pod["metadata"]["name"] in {one["metadata"]["name"] for one in namespace.all_of("Pod")}


def test_a_fetch_that_fails_is_told_by_its_own_words(namespace: Namespace, pod: Json) -> None:
    ended = {"terminated": {"exitCode": 2, "reason": "Error", "message": "hirag-embedder: hub answers 503"}}
    container_is(namespace, pod, init=True, state=ended)
    said = namespace.await_reason("EmbeddingModel", "minilm", "PodFailed", "Reconciling")
    assert "hub answers 503" in said["message"]


def test_a_pod_that_waits_for_longer_than_the_deadline_stalls_the_model(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", spec(startupDeadlineSeconds=10))
    pod = pod_under(namespace)
    said = namespace.await_reason("EmbeddingModel", "minilm", "StartupDeadlineExceeded", "Stalled")
    assert "raise the deadline" in said["message"]
    finds_no_node(namespace, pod)
    said = namespace.await_reason("EmbeddingModel", "minilm", "Unschedulable", "Stalled")
    assert NO_NODE[:-1] in said["message"]
    assert "within spec.serving.startupDeadlineSeconds" in said["message"]


def test_a_quota_stalls_the_model_until_it_is_raised(namespace: Namespace) -> None:
    quota(namespace, "requests.cpu", "500m")
    namespace.apply("EmbeddingModel", "minilm", spec())
    said = namespace.await_reason("EmbeddingModel", "minilm", "QuotaExceeded", "Stalled")
    assert "exceeded quota: small, requested: requests.cpu=1" in said["message"]
    assert "limited: requests.cpu=500m" in said["message"]
    quota(namespace, "requests.cpu", "4")
    pod_under(namespace)
    namespace.await_reason("EmbeddingModel", "minilm", "PodsNotReady")


def test_a_quota_of_objects_stalls_the_model_until_it_is_raised(namespace: Namespace) -> None:
    quota(namespace, "count/services", "0")
    namespace.apply("EmbeddingModel", "minilm", spec())
    said = namespace.await_reason("EmbeddingModel", "minilm", "QuotaExceeded", "Stalled")
    assert "exceeded quota: small" in said["message"]
    quota(namespace, "count/services", "5")
    namespace.await_reason("EmbeddingModel", "minilm", "PodsNotReady")


def quota(namespace: Namespace, what: str, most: str) -> None:
    """Set a quota, and wait until its controller has counted: before that, admission lets nothing through."""
    body = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "small"}, "spec": {"hard": {what: most}}}
    namespace.control_plane.kubectl("apply", "-n", namespace.name, "-f", "-", stdin=json.dumps(body))

    def counted() -> Json:
        answer = namespace.control_plane.kubectl("get", "resourcequota", "small", "-n", namespace.name, "-o", "json")
        return dict(json.loads(answer).get("status") or {})

    eventually(counted, lambda status: status.get("hard") == {what: most} and what in status.get("used", {}))


def test_pods_that_the_namespace_does_not_admit_stall_the_model(namespaces: Callable[..., Namespace]) -> None:
    namespace = namespaces(**{"pod-security.kubernetes.io/enforce": "restricted"})
    namespace.apply("EmbeddingModel", "minilm", {**spec(), "source": {"hostPath": {"path": "/srv/models"}}})
    said = namespace.await_reason("EmbeddingModel", "minilm", "PodsRefused", "Stalled")
    assert "restricted volume types" in said["message"]


def test_a_restricted_namespace_admits_all_other_pods(namespaces: Callable[..., Namespace]) -> None:
    namespace = namespaces(**{"pod-security.kubernetes.io/enforce": "restricted"})
    namespace.apply("EmbeddingModel", "minilm", spec())
    pod = pod_under(namespace)
    assert pod["spec"]["serviceAccountName"] == deployment(namespace)["metadata"]["name"]
    assert not [volume for volume in pod["spec"]["volumes"] if "projected" in volume], "a token is mounted"


def test_the_trouble_of_a_new_version_is_told_by_a_model_that_still_serves(
    namespace: Namespace, control_plane: ControlPlane, pod_port: int
) -> None:
    served = {**spec(), "source": {"hostPath": {"path": str(data.model_folder())}}, "maxTokens": 256}
    namespace.apply("EmbeddingModel", "minilm", served)
    older = pod_under(namespace)
    address = {"HIRAG_EMBEDDER_HOST": "127.0.0.1", "HIRAG_EMBEDDER_PORT": str(pod_port)}
    with PodRunner(control_plane, address) as runner:
        runner.run(older, lambda: answers(f"http://127.0.0.1:{pod_port}/.well-known/ready"))
        namespace.await_ready("EmbeddingModel", "minilm")
        newer = {**served, "serving": {**served["serving"], "image": "registry.example.com/embedder:2"}}
        namespace.apply("EmbeddingModel", "minilm", newer)
        name = older["metadata"]["name"]
        (fresh,) = eventually(
            lambda: [pod for pod in namespace.all_of("Pod") if pod["metadata"]["name"] != name], lambda found: found
        )
        waits = {"reason": "ErrImagePull", "message": 'image "registry.example.com/embedder:2" not found'}
        container_is(namespace, fresh, state={"waiting": waits})
        said = eventually(
            lambda: namespace.condition("EmbeddingModel", "minilm", "Reconciling"),
            lambda condition: "cannot be pulled" in condition.get("message", ""),
        )
        assert "0 of 1 replicas are ready in their newest version" in said["message"]
        assert namespace.condition("EmbeddingModel", "minilm")["status"] == "True"
