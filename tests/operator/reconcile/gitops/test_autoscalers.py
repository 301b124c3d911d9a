"""Real autoscalers, through the scale subresource as they do it: what they decide stands, and Git does not undo it."""

import json
from typing import Any

import pytest

from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from tests.operator.reconcile.scrape import await_reconciles

Json = dict[str, Any]

SERVED = {"source": {"persistentVolumeClaim": {"claimName": "models"}}, "dimensions": 384}
ROUNDS = 20  # reconciles of each kind in which an operator that fought would have


def scaled_between(least: int, most: int) -> Json:
    return {**SERVED, "serving": {"autoscaling": {"minReplicas": least, "maxReplicas": most}}}


def replicas(namespace: Namespace, name: str) -> int:
    deployment = namespace.get("Deployment", f"{name}-embedder") or {}
    return int((deployment.get("spec") or {}).get("replicas", 0))


def owners(body: Json, *path: str) -> set[str]:
    """The field managers of a field; what comes by the scale subresource is not noted by all API servers."""

    def found(fields: Json | None) -> bool:
        for key in path:
            fields = (fields or {}).get(f"f:{key}")
        return fields is not None

    return {one["manager"] for one in body["metadata"]["managedFields"] if found(one["fieldsV1"])}


def await_replicas(namespace: Namespace, name: str, count: int) -> None:
    """Wait for the autoscaler, which looks every 15 seconds."""
    eventually(lambda: replicas(namespace, name), lambda found: found == count, 60)


def test_what_the_autoscaler_of_a_model_decides_stands(team: Namespace, operator: OperatorProcess) -> None:
    for least, most, count in ((2, 4, 2), (3, 4, 3), (1, 2, 2)):
        team.apply("EmbeddingModel", "elastic", scaled_between(least, most))
        await_replicas(team, "elastic", count)
        await_reconciles(operator, 0, 2)
        deployment = team.get("Deployment", "elastic-embedder")
        assert deployment is not None
        assert deployment["spec"]["replicas"] == count
        assert "hirag-operator" in owners(deployment, "spec", "template")
        assert "hirag-operator" not in owners(deployment, "spec", "replicas")


def test_an_autoscaler_of_the_user_scales_the_model_itself_and_git_does_not_undo_it(
    team: Namespace, operator: OperatorProcess
) -> None:
    kubectl = team.control_plane.kubectl
    manifest = {
        "apiVersion": "hirag.dev/v1alpha1",
        "kind": "EmbeddingModel",
        "metadata": {"name": "keda", "namespace": team.name},
        "spec": SERVED,
    }
    apply = ("apply", "--server-side", "--field-manager=argocd-controller", "-f", "-")
    kubectl(*apply, stdin=json.dumps(manifest))
    kubectl("scale", "emb", "keda", "--replicas=1", "-n", team.name)  # of none an autoscaler takes no care
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "of-the-user", "namespace": team.name},
        "spec": {
            "scaleTargetRef": {"apiVersion": "hirag.dev/v1alpha1", "kind": "EmbeddingModel", "name": "keda"},
            "minReplicas": 2,
            "maxReplicas": 3,
        },
    }
    kubectl("apply", "-f", "-", stdin=json.dumps(scaler))
    await_replicas(team, "keda", 2)
    kubectl(*apply, stdin=json.dumps(manifest))
    await_reconciles(operator, 0, ROUNDS)
    model = team.get("EmbeddingModel", "keda")
    assert model is not None
    assert model["spec"]["serving"]["replicas"] == replicas(team, "keda") == 2
    assert "argocd-controller" in owners(model, "spec", "dimensions")
    assert {"argocd-controller", "hirag-operator"}.isdisjoint(owners(model, "spec", "serving", "replicas"))


@pytest.fixture(autouse=True)
def policies(team: Namespace) -> None:
    """Some of each kind, so that reconciles of each can be counted."""
    team.apply("HNSWIndexPolicy", "counted", {})
    spec = {"embeddingModelRef": {"name": "nobody"}, "levels": {"longTerm": {}}}
    team.apply("ContextCollection", "counted", spec)
