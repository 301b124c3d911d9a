"""A real scheduler decides: its words reach the model, and a profile that fits nowhere is left for one that does."""

import uuid
from collections.abc import Iterator

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.scheduler import Node, Scheduler
from e2e.cluster.toolchain import Toolchain
from tests.operator.reconcile.nodeless import events, pod_under, spec

NAME = "scheduler-of-this-test"


@pytest.fixture(scope="module")
def scheduler(toolchain: Toolchain, control_plane: ControlPlane) -> Iterator[Scheduler]:
    with Scheduler(toolchain, control_plane, NAME) as scheduler:
        yield scheduler


@pytest.fixture
def node(control_plane: ControlPlane, scheduler: Scheduler) -> Iterator[str]:
    """A node with processors and memory, and without a GPU."""
    assert scheduler
    name = f"node-{uuid.uuid4().hex[:8]}"
    with Node(control_plane, name, {"cpu": "4", "memory": "8Gi", "pods": "10"}):
        yield name


def test_a_model_that_finds_no_gpu_runs_on_the_cpu(namespace: Namespace, node: str) -> None:
    gpu = {"name": "gpu", "resource": {}, "fallbackAfterSeconds": 10}
    namespace.apply("EmbeddingModel", "minilm", spec(schedulerName=NAME, gpuProfiles=[gpu, {"name": "cpu"}]))
    said = eventually(  # the first words may be of a moment before the scheduler knew the node
        lambda: namespace.condition("EmbeddingModel", "minilm", "Reconciling"),
        lambda found: "0/1 nodes are available: 1 Insufficient nvidia.com/gpu." in found.get("message", ""),
    )
    assert said["reason"] == "Unschedulable"
    pod_under(namespace, "cpu")
    eventually(lambda: pod_under(namespace, "cpu")["spec"].get("nodeName"), lambda found: found == node)
    (told,) = events(namespace, "GpuProfileFallback")
    assert "1 Insufficient nvidia.com/gpu" in told
    model = eventually(
        lambda: namespace.get("EmbeddingModel", "minilm") or {}, lambda body: body["status"].get("gpuProfile") == "cpu"
    )
    assert model["status"]["conditions"]


@pytest.mark.usefixtures("node")
def test_a_claim_that_does_not_exist_is_told_by_its_name(namespace: Namespace) -> None:
    source = {"persistentVolumeClaim": {"claimName": "models"}}
    namespace.apply("EmbeddingModel", "minilm", {**spec(schedulerName=NAME), "source": source})
    said = namespace.await_reason("EmbeddingModel", "minilm", "VolumeNotBound", "Reconciling")
    assert 'persistentvolumeclaim "models" not found' in said["message"]


@pytest.mark.usefixtures("node")
def test_a_cache_of_a_class_that_makes_no_volume_is_told(namespace: Namespace) -> None:
    cache = {"size": "1Gi", "storageClassName": "nothing"}
    gpu = [{"name": "gpu", "resource": {}, "fallbackAfterSeconds": 10}, {"name": "cpu"}]
    namespace.apply("EmbeddingModel", "minilm", spec(schedulerName=NAME, modelCache=cache, gpuProfiles=gpu))
    said = eventually(  # the first words may be of a moment before the scheduler knew the claim
        lambda: namespace.condition("EmbeddingModel", "minilm", "Reconciling"),
        lambda found: "pod has unbound immediate PersistentVolumeClaims" in found.get("message", ""),
    )
    assert said["reason"] == "VolumeNotBound"
    assert "kubectl describe pvc minilm-model-cache" in said["message"]
