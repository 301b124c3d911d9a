"""An EmbeddingModel is served by pods that run, are probed, answer, and scale."""

import json
from typing import Any

from e2e.cluster.cluster import Cluster
from e2e.cluster.namespace import Namespace, eventually
from e2e.scenarios import models
from e2e.scenarios.conftest import MODEL

_ASK = """
import json, sys, urllib.request
request = urllib.request.Request(sys.argv[1], json.dumps({"model": sys.argv[2], "input": ["a", "b"]}).encode(),
                                 {"Content-Type": "application/json"})
print(len(json.load(urllib.request.urlopen(request, timeout=10))["data"][1]["embedding"]))
"""


def pods(namespace: Namespace, model: str = MODEL) -> list[dict[str, Any]]:
    found = [one for one in namespace.all_of("Pod") if one["metadata"]["name"].startswith(f"{model}-embedder-")]
    return [one for one in found if "deletionTimestamp" not in one["metadata"]]


def test_a_model_from_a_claim_is_served_by_a_probed_pod_without_rights(model: Namespace) -> None:
    (pod,) = pods(model)
    assert {one["type"] for one in pod["status"]["conditions"] if one["status"] == "True"} >= {"Ready", "PodScheduled"}
    assert pod["status"]["containerStatuses"][0]["restartCount"] == 0
    (container,) = pod["spec"]["containers"]
    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys()
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["spec"]["automountServiceAccountToken"] is False
    body = model.get("EmbeddingModel", MODEL)
    assert body is not None
    assert body["status"]["dimensions"] == 384
    assert body["status"]["readyReplicas"] == 1


def test_any_pod_reaches_it_by_the_address_in_its_status(model: Namespace, cluster: Cluster) -> None:
    (pod,) = pods(model)
    body = model.get("EmbeddingModel", MODEL) or {}
    url = f"{body['status']['endpoint']}/embeddings"
    name = pod["metadata"]["name"]
    said = cluster.kubectl("exec", "-n", model.name, name, "-c", "embedder", "--", "python", "-c", _ASK, url, MODEL)
    assert said.strip() == "384"


def test_an_autoscaler_stands_where_one_is_declared_and_owns_the_replicas(
    tenant: Namespace, cluster: Cluster, jobs_image: str
) -> None:
    models.fill_claim(cluster, tenant.name, "weights", jobs_image)
    serving = {"autoscaling": {"minReplicas": 1, "maxReplicas": 2}, "resources": {"requests": {"cpu": "10m"}}}
    tenant.apply("EmbeddingModel", "scaled", models.spec("weights", serving=serving))
    tenant.await_ready("EmbeddingModel", "scaled", models.READY_SECONDS)
    (autoscaler,) = tenant.all_of("HorizontalPodAutoscaler")
    assert autoscaler["spec"]["maxReplicas"] == 2
    # What the autoscaler would do, when there is load.
    cluster.kubectl("scale", "-n", tenant.name, "deployment/scaled-embedder", "--replicas=2")
    ready = eventually(
        lambda: (tenant.get("EmbeddingModel", "scaled") or {})["status"].get("readyReplicas"),
        lambda count: count == 2,
        models.READY_SECONDS,
    )
    assert ready == 2
    deployment = tenant.get("Deployment", "scaled-embedder") or {}
    owners = {one["manager"] for one in deployment["metadata"]["managedFields"] if "f:replicas" in json.dumps(one)}
    assert "hirag-operator" not in owners


def test_a_pod_that_is_lost_is_told_of_and_replaced(model: Namespace, cluster: Cluster) -> None:
    (pod,) = pods(model)
    name = pod["metadata"]["name"]
    cluster.kubectl("delete", "pod", "-n", model.name, name, "--grace-period=0", "--force")
    eventually(lambda: model.condition("EmbeddingModel", MODEL), lambda one: one.get("status") == "False")
    model.await_ready("EmbeddingModel", MODEL, models.READY_SECONDS)
    (another,) = pods(model)
    assert another["metadata"]["name"] != name
