"""A change that needs new data, carried through by pods: the Job runs beside the operator, with the key of Weaviate."""

import json
from typing import Any

import pytest

from e2e.cluster.cluster import Cluster
from e2e.cluster.namespace import Namespace, eventually
from e2e.scenarios import models
from e2e.scenarios.conftest import MODELS, RELEASE
from e2e.scenarios.test_filling import fill, found, spec
from e2e.scenarios.weaviate import InCluster

Json = dict[str, Any]

SECONDS = 180.0
MIGRATION = {"migration": {"soak": "0s", "verify": {"sampleSize": 3}}}
CAREFUL = {"longTerm": {"indexPolicyRef": {"name": "careful"}}}
OTHER = "other-minilm"


def collection_of(tenant: Namespace) -> str:
    body = tenant.get("ContextCollection", "notes") or {}
    return str(body["status"]["address"]["longTerm"]["collection"])


def carried(tenant: Namespace, before: str) -> Json:
    """Wait until another collection serves and nothing is left of the migration; return the object."""

    def look() -> Json:
        status = (tenant.get("ContextCollection", "notes") or {})["status"]
        return {key: status.get(key) for key in ("address", "migration", "conditions")}

    def over(seen: Json) -> bool:
        return seen["address"]["longTerm"]["collection"] != before and seen["migration"] is None

    eventually(look, over, SECONDS)
    return tenant.await_ready("ContextCollection", "notes")


def jobs_of(cluster: Cluster) -> list[Json]:
    selector = "app.kubernetes.io/component=migration"
    listed = cluster.kubectl("get", "jobs", "-n", RELEASE, "-l", selector, "-o", "json")
    return list(json.loads(listed)["items"])


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("placement", ["Dedicated", "Shared"])
def test_another_index_is_built_by_pods(
    tenant: Namespace, cluster: Cluster, index: InCluster, jobs_image: str, placement: str
) -> None:
    tenant.apply("HNSWIndexPolicy", "careful", {"hnsw": {"efConstruction": 64}})
    declared = spec(levels=CAREFUL, placement=placement, deletionPolicy="Delete", **MIGRATION)
    tenant.apply("ContextCollection", "notes", declared)
    tenant.await_ready("ContextCollection", "notes")
    fill(cluster, tenant, index, jobs_image, "notes")
    before = collection_of(tenant)

    tenant.apply("HNSWIndexPolicy", "careful", {"hnsw": {"efConstruction": 96}})
    (job,) = eventually(lambda: jobs_of(cluster), bool, SECONDS)
    assert index.key not in json.dumps(job)
    after = carried(tenant, before)
    assert after["status"]["objects"] == 3
    answer = found(cluster, tenant, index, jobs_image, "notes", "how do I bake a loaf?")
    assert "bread" in json.dumps(json.loads(answer)["data"])
    assert jobs_of(cluster) == []


def test_new_vectors_are_made_by_pods(
    model: Namespace, tenant: Namespace, cluster: Cluster, index: InCluster, jobs_image: str
) -> None:
    tenant.apply("ContextCollection", "notes", spec(deletionPolicy="Delete", **MIGRATION))
    before = str(tenant.await_ready("ContextCollection", "notes")["status"]["fingerprint"])
    fill(cluster, tenant, index, jobs_image, "notes")
    old = collection_of(tenant)

    model.apply(
        "EmbeddingModel", OTHER, {**models.spec("weights"), "instructions": {"query": "", "passage": "passage: "}}
    )
    model.await_ready("EmbeddingModel", OTHER, seconds=models.READY_SECONDS)
    other = {"embeddingModelRef": {"name": OTHER, "namespace": MODELS}}
    tenant.apply("ContextCollection", "notes", {**spec(deletionPolicy="Delete", **MIGRATION), **other})
    after = carried(tenant, old)
    assert after["status"]["fingerprint"] != before
    assert after["status"]["objects"] == 3
    answer = found(cluster, tenant, index, jobs_image, "notes", "why does the sea rise?")
    assert "tides" in json.dumps(json.loads(answer)["data"])
    tenant.delete("ContextCollection", "notes")
    model.delete("EmbeddingModel", OTHER)
