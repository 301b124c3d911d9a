"""What keeps a pod from running is said by the model, in the words of who refused it, within seconds."""

import json
from typing import Any

import pytest

from e2e.cluster.cluster import Cluster
from e2e.cluster.namespace import Namespace
from e2e.scenarios import models

_SECONDS = 60.0  # a kubelet tries a while before it calls a thing failed


@pytest.fixture
def weights(tenant: Namespace, cluster: Cluster, jobs_image: str) -> str:
    models.fill_claim(cluster, tenant.name, "weights", jobs_image)
    return "weights"


def says(tenant: Namespace, reason: str, type_: str = "Stalled") -> str:
    return str(tenant.await_reason("EmbeddingModel", "broken", reason, type_, _SECONDS)["message"])


def test_an_image_that_cannot_be_pulled_is_named(tenant: Namespace, weights: str) -> None:
    serving = {"image": "registry.invalid/no/such-image:1"}
    tenant.apply("EmbeddingModel", "broken", models.spec(weights, serving=serving))
    assert "registry.invalid/no/such-image:1" in says(tenant, "ImagePullFailed")


def test_a_container_that_crashes_is_told_by_the_last_line_of_its_log(tenant: Namespace, weights: str) -> None:
    spec = models.spec(weights)
    spec["source"]["persistentVolumeClaim"]["path"] = "nothing/here"
    tenant.apply("EmbeddingModel", "broken", spec)
    assert "nothing/here" in says(tenant, "CrashLooping")


def test_a_container_that_outgrows_its_memory_is_told_so(tenant: Namespace, weights: str) -> None:
    limits = {"limits": {"memory": "64Mi"}}
    tenant.apply("EmbeddingModel", "broken", models.spec(weights, serving={"resources": limits}))
    assert "64Mi" in says(tenant, "OutOfMemory")


def test_a_quota_that_refuses_the_pods_is_told_in_the_servers_words(
    tenant: Namespace, cluster: Cluster, weights: str
) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "no-pods", "namespace": tenant.name},
        "spec": {"hard": {"pods": "0"}},
    }
    cluster.kubectl("apply", "-f", "-", stdin=json.dumps(quota))
    tenant.apply("EmbeddingModel", "broken", models.spec(weights))
    assert "no-pods" in says(tenant, "QuotaExceeded")


def test_a_claim_that_no_volume_answers_keeps_the_model_waiting(tenant: Namespace) -> None:
    tenant.apply("EmbeddingModel", "broken", models.spec("no-such-claim"))
    assert "no-such-claim" in says(tenant, "VolumeNotBound", "Reconciling")


def test_a_model_that_was_in_trouble_becomes_ready_once_its_cause_is_gone(tenant: Namespace, weights: str) -> None:
    spec: dict[str, Any] = models.spec(weights, serving={"image": "registry.invalid/no/such-image:1"})
    tenant.apply("EmbeddingModel", "broken", spec)
    says(tenant, "ImagePullFailed")
    tenant.apply("EmbeddingModel", "broken", models.spec(weights))
    tenant.await_ready("EmbeddingModel", "broken", models.READY_SECONDS)
