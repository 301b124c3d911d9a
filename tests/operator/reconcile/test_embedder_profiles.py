"""Falling back through GPU profiles: a real API server and Deployment controller, the scheduler's part is played."""

from typing import Any

from e2e.cluster.namespace import Namespace, eventually
from tests.operator.reconcile.nodeless import NO_NODE, deployment, events, finds_no_node, pod_under, spec

A100 = {"name": "a100", "resource": {}, "nodeSelector": {"gpu": "a100"}, "fallbackAfterSeconds": 30}
L4 = {"name": "l4", "resource": {"count": 2}, "nodeSelector": {"gpu": "l4"}, "fallbackAfterSeconds": 30}
CPU = {"name": "cpu", "fallbackAfterSeconds": 30}


def container(namespace: Namespace) -> dict[str, Any]:
    found: dict[str, Any] = deployment(namespace)["spec"]["template"]["spec"]["containers"][0]
    return found


def profile(namespace: Namespace) -> str:
    body = namespace.get("EmbeddingModel", "minilm") or {}
    return str(body.get("status", {}).get("gpuProfile", ""))


def waits_for_nothing(namespace: Namespace, profile_name: str) -> dict[str, Any]:
    """Let the time of a profile be over: its pod has long had no node. The pod."""
    pod = pod_under(namespace, profile_name)
    long_ago = "hirag.dev/gpu-profile-since=2026-01-02T03:04:05Z"
    namespace.control_plane.kubectl(
        "annotate", "--overwrite", "deployment", "minilm-embedder", "-n", namespace.name, long_ago
    )
    finds_no_node(namespace, pod, seconds=31)
    return pod


def test_a_model_falls_back_profile_by_profile_and_a_new_list_begins_again(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", spec(gpuProfiles=[A100, L4, CPU]))
    finds_no_node(namespace, pod_under(namespace, "a100"), seconds=5)
    namespace.await_reason("EmbeddingModel", "minilm", "Unschedulable", "Reconciling")
    assert profile(namespace) == "a100"
    assert container(namespace)["resources"]["limits"] == {"nvidia.com/gpu": "1"}

    waits_for_nothing(namespace, "a100")
    waits_for_nothing(namespace, "l4")
    pod = pod_under(namespace, "cpu")
    assert "limits" not in pod["spec"]["containers"][0]["resources"]
    eventually(lambda: profile(namespace), lambda name: name == "cpu")
    told = sorted(events(namespace, "GpuProfileFallback"))
    assert [note.split(":")[0] for note in told] == [
        "No node takes the pods under GPU profile a100",
        "No node takes the pods under GPU profile l4",
    ]
    assert all(NO_NODE[:-1] in note for note in told)

    waits_for_nothing(namespace, "cpu")
    said = namespace.await_reason("EmbeddingModel", "minilm", "Unschedulable", "Stalled")
    assert "any profile of spec.serving.gpuProfiles (a100, l4, cpu)" in said["message"]
    assert NO_NODE[:-1] in said["message"]
    assert len(events(namespace, "GpuProfileFallback")) == 2

    namespace.apply("EmbeddingModel", "minilm", spec(gpuProfiles=[L4, CPU]))
    pod_under(namespace, "l4")
    eventually(lambda: profile(namespace), lambda name: name == "l4")
    assert container(namespace)["resources"]["limits"] == {"nvidia.com/gpu": "2"}
    assert len(events(namespace, "GpuProfileFallback")) == 2


def test_a_profile_whose_time_is_over_is_left_without_an_event(namespace: Namespace) -> None:
    soon = {**A100, "fallbackAfterSeconds": 10}
    namespace.apply("EmbeddingModel", "minilm", spec(gpuProfiles=[soon, CPU]))
    finds_no_node(namespace, pod_under(namespace, "a100"))
    pod_under(namespace, "cpu")


def test_a_model_without_profiles_names_none(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", spec())
    namespace.await_reason("EmbeddingModel", "minilm", "PodsNotReady")
    assert "gpuProfile" not in (namespace.get("EmbeddingModel", "minilm") or {})["status"]
    assert "hirag.dev/gpu-profile" not in deployment(namespace)["metadata"]["annotations"]
