"""An operator that has nothing to do writes nothing: counted at the servers, not believed."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.faultproxy import FaultProxy
from e2e.cluster.faults import Asked
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from tests.operator.reconcile.faults.audit import Audit

Json = dict[str, Any]

RECONCILES = 50
OF_EACH_KIND = 10
FIRST = 20  # reconciles after which everything has settled


@pytest.fixture
def restless(
    control_plane: ControlPlane, weaviate_proxy: FaultProxy, operator: OperatorProcess, pod_port: int
) -> Iterator[OperatorProcess]:
    """An operator that looks at everything every second, in place of the session's."""
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


def reconciles(operator: OperatorProcess) -> dict[str, int]:
    """Return how many reconciles have ended, by kind."""
    counts: dict[str, int] = {}
    found = re.findall(
        r'^hirag_operator_reconciles_total\{kind="(\w+)",result="(\w+)"\} (\S+)$',
        httpx.get(f"{operator.url}/metrics", trust_env=False).text,
        re.MULTILINE,
    )
    for kind, result, number in found:
        assert result in {"done", "retry"}, f"{number} {result} of {kind}"
        counts[kind] = counts.get(kind, 0) + int(float(number))
    return counts


def await_reconciles(operator: OperatorProcess, total: int, of_each: int) -> None:
    """Wait for so many more reconciles."""
    before = reconciles(operator)
    eventually(
        lambda: {kind: number - before.get(kind, 0) for kind, number in reconciles(operator).items()},
        lambda more: sum(more.values()) >= total and len(more) == 3 and min(more.values()) >= of_each,
        90,
    )


def changes(asked: Asked) -> bool:
    """Return whether a request could change something; a question in GraphQL comes as a POST."""
    return asked.method != "GET" and (asked.method, asked.path) != ("POST", "/v1/graphql")


@pytest.mark.usefixtures("objects")
def test_fifty_reconciles_without_a_cause_write_nothing(
    restless: OperatorProcess, weaviate_proxy: FaultProxy, audit: Audit
) -> None:
    await_reconciles(restless, FIRST, 2)
    before = audit.writes()
    weaviate_proxy.asked.clear()
    for written in ("contextcollections", "embeddingmodels", "cronjobs", "configmaps", "deployments", "events"):
        assert any(f" {written}/" in one and "python" in one for one in before), "the log tells of the operator's work"
    await_reconciles(restless, RECONCILES, OF_EACH_KIND)
    assert audit.writes()[len(before) :] == []
    assert [asked for asked in weaviate_proxy.asked if changes(asked)] == []
    assert weaviate_proxy.asked, "it looked"
