"""GPU profiles find the nodes they ask for, and give way in order where there are none.

No GPU is needed: to Kubernetes a GPU is a number that a node offers under a name.
"""

from typing import Any

import pytest

from e2e.cluster.cluster import Cluster
from e2e.cluster.namespace import Namespace, eventually
from e2e.scenarios import models, nodes

LABEL, TAINT = "hirag.dev/gpu-model", "hirag.dev/gpu=fake:NoSchedule"
ON_GPU = {
    "name": "gpu",
    "resource": {"name": nodes.DEVICE, "count": 1},
    "nodeSelector": {LABEL: "fake"},
    "tolerations": [{"key": "hirag.dev/gpu", "operator": "Equal", "value": "fake", "effect": "NoSchedule"}],
    "fallbackAfterSeconds": 10,
}
ON_CPU = {"name": "cpu", "fallbackAfterSeconds": 10}


@pytest.fixture
def weights(tenant: Namespace, cluster: Cluster, jobs_image: str) -> dict[str, Any]:
    """Spec of a model with both profiles; its files are there."""
    models.fill_claim(cluster, tenant.name, "weights", jobs_image)
    return models.spec("weights", serving={"gpuProfiles": [ON_GPU, ON_CPU]})


def running(tenant: Namespace) -> list[dict[str, Any]]:
    return [one for one in tenant.all_of("Pod") if one["status"].get("phase") == "Running"]


def used(tenant: Namespace) -> str:
    return str((tenant.get("EmbeddingModel", "fast") or {}).get("status", {}).get("gpuProfile", ""))


def test_a_pod_runs_on_the_node_that_has_what_its_profile_asks_for(
    tenant: Namespace, cluster: Cluster, weights: dict[str, Any]
) -> None:
    with nodes.devices(cluster, 1, {LABEL: "fake"}, TAINT) as node:
        tenant.apply("EmbeddingModel", "fast", weights)
        tenant.await_ready("EmbeddingModel", "fast", models.READY_SECONDS)
        (pod,) = running(tenant)
    assert pod["spec"]["nodeName"] == node
    assert pod["spec"]["containers"][0]["resources"]["limits"] == {nodes.DEVICE: "1"}
    assert used(tenant) == "gpu"


def test_without_such_a_node_the_model_says_so_within_seconds_and_then_takes_the_next_profile(
    tenant: Namespace, weights: dict[str, Any]
) -> None:
    tenant.apply("EmbeddingModel", "fast", weights)
    said = tenant.await_reason("EmbeddingModel", "fast", "Unschedulable", "Reconciling", seconds=10)
    assert "node" in said["message"]
    tenant.await_ready("EmbeddingModel", "fast", models.READY_SECONDS)
    assert used(tenant) == "cpu"
    (pod,) = eventually(lambda: running(tenant), lambda found: len(found) == 1)
    assert "limits" not in pod["spec"]["containers"][0]["resources"]
    notes = [one["note"] for one in tenant.all_of("Event") if one.get("reason") == "GpuProfileFallback"]
    assert len(notes) == 1
