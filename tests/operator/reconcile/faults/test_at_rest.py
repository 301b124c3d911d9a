"""An operator that has nothing to do writes nothing: counted at the servers, not believed."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.faultproxy import FaultProxy
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from tests.operator.reconcile.faults.audit import Audit, changes
from tests.operator.reconcile.scrape import await_reconciles

Json = dict[str, Any]

RECONCILES = 50
OF_EACH_KIND = 10
FIRST = 20  # reconciles after which everything has settled


@pytest.fixture
def restless(
    control_plane: ControlPlane, weaviate_proxy: FaultProxy, operator: OperatorProcess, pod_port: int
) -> Iterator[OperatorProcess]:
    """An operator that looks at everything every second, in place of the folder's."""
    operator.stop()
    env = {
        "HIRAG_OPERATOR_RESYNC_SECONDS": "1",
        "HIRAG_OPERATOR_SERVICE_URL": f"http://127.0.0.1:{pod_port}",
    }
    with OperatorProcess(control_plane, {"default": {"http_url": weaviate_proxy.url}}, env=env) as restless:
        yield restless
    operator.start()


@pytest.fixture
def objects(namespace: Namespace, restless: OperatorProcess, collection_spec: Json) -> Namespace:
    """One of everything that lasts: children in Kubernetes, collections, a pool and tenants in Weaviate."""
    restless.check()
    serving = {
        "autoscaling": {"minReplicas": 2, "maxReplicas": 4},
        "modelCache": {"size": "1Gi", "accessMode": "ReadWriteMany"},
        "gpuProfiles": [{"name": "gpu", "resource": {}}, {"name": "cpu"}],
    }
    source = {"persistentVolumeClaim": {"claimName": "models"}}
    namespace.apply("EmbeddingModel", "served", {"source": source, "dimensions": 384, "serving": serving})
    namespace.apply("HNSWIndexPolicy", "fast", {"hnsw": {"ef": 64}})
    job = {"schedule": "0 3 1 1 *", "llm": {"url": "http://127.0.0.1:9/v1", "model": "none"}}
    levels = {"shortTerm": {}, "longTerm": {"indexPolicyRef": {"name": "fast"}}}
    spec = {**collection_spec, "levels": levels, "summarization": job}
    tenants = {"enabled": True, "tenants": [{"name": "a"}, {"name": "b", "state": "Inactive"}]}
    namespace.apply("ContextCollection", "handbook", spec)
    namespace.apply("ContextCollection", "tenants", {**collection_spec, "multiTenancy": tenants})
    namespace.apply("ContextCollection", "shared", {**collection_spec, "placement": "Shared"})
    for name in ("handbook", "tenants", "shared"):
        namespace.await_ready("ContextCollection", name)
    namespace.await_ready("EmbeddingModel", "minilm")
    namespace.await_reason("EmbeddingModel", "served", "PodsNotReady")
    # The autoscaler looks every 15 seconds, and first brings the Deployment to its least replicas.
    eventually(lambda: namespace.get("EmbeddingModel", "served"), lambda body: body and body["status"]["replicas"] == 2)
    return namespace


@pytest.mark.usefixtures("objects")
def test_fifty_reconciles_without_a_cause_write_nothing(
    restless: OperatorProcess, weaviate_proxy: FaultProxy, audit: Audit
) -> None:
    await_reconciles(restless, FIRST, 2)
    before = audit.writes()
    weaviate_proxy.asked.clear()
    for written in ("contextcollections", "embeddingmodels", "cronjobs", "configmaps", "deployments", "events"):
        assert any(f" {written}/" in one and " by hirag-operator/" in one for one in before), (
            "the log tells of the operator's work"
        )
    await_reconciles(restless, RECONCILES, OF_EACH_KIND)
    assert audit.writes()[len(before) :] == []
    assert [asked for asked in weaviate_proxy.asked if changes(asked)] == []
    assert weaviate_proxy.asked, "it looked"
