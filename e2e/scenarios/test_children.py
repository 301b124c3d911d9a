"""What is declared stands beside the object, and goes when it is declared no more; data and caches stay."""

import pytest

from e2e.cluster.namespace import Namespace, eventually
from e2e.scenarios import models
from e2e.scenarios.conftest import MODEL, MODELS

NAME = "cached"
EMBEDDER = f"{NAME}-embedder"
URL = f"http://{MODEL}-embedder.{MODELS}.svc:8080/v1"


def stands(tenant: Namespace, kind: str, name: str, *, wanted: bool = True) -> None:
    eventually(lambda: tenant.get(kind, name), lambda body: (body is not None) == wanted)


@pytest.mark.usefixtures("model")
def test_what_serves_a_model_follows_what_is_declared(tenant: Namespace) -> None:
    cache = {"size": "1Gi", "accessMode": "ReadWriteMany"}
    scaled = {"autoscaling": {"minReplicas": 2, "maxReplicas": 3}, "modelCache": cache}
    tenant.apply("EmbeddingModel", NAME, models.spec("weights", serving=scaled))
    for kind in ("Deployment", "Service", "ServiceAccount", "HorizontalPodAutoscaler", "PodDisruptionBudget"):
        stands(tenant, kind, EMBEDDER)
    stands(tenant, "PersistentVolumeClaim", f"{NAME}-model-cache")

    tenant.apply("EmbeddingModel", NAME, models.spec("weights", serving={"replicas": 1}))
    for kind in ("HorizontalPodAutoscaler", "PodDisruptionBudget"):
        stands(tenant, kind, EMBEDDER, wanted=False)
    stands(tenant, "PersistentVolumeClaim", f"{NAME}-model-cache")

    bought = {"external": {"url": URL, "model": MODEL}, "dimensions": 384, "maxTokens": 256}
    tenant.apply("EmbeddingModel", NAME, bought)
    for kind in ("Deployment", "Service", "ServiceAccount"):
        stands(tenant, kind, EMBEDDER, wanted=False)
    tenant.await_ready("EmbeddingModel", NAME)
    stands(tenant, "PersistentVolumeClaim", f"{NAME}-model-cache")


@pytest.mark.usefixtures("model")
def test_a_schedule_that_is_taken_out_takes_its_cronjob_along(tenant: Namespace) -> None:
    tenant.apply("HNSWIndexPolicy", "careful", {"hnsw": {"efConstruction": 200}})
    base = {
        "embeddingModelRef": {"name": MODEL, "namespace": MODELS},
        "levels": {"longTerm": {"indexPolicyRef": {"name": "careful"}}},
        "deletionPolicy": "Delete",
    }
    tenant.apply("ContextCollection", "notes", {**base, "compaction": {"schedule": "@daily"}})
    tenant.await_ready("ContextCollection", "notes")
    eventually(lambda: tenant.all_of("CronJob"), lambda found: len(found) == 1)
    tenant.apply("ContextCollection", "notes", base)
    eventually(lambda: tenant.all_of("CronJob"), lambda found: not found)
    tenant.delete("ContextCollection", "notes")
    eventually(lambda: tenant.all_of("ContextCollection"), lambda found: not found)
