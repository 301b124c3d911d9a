"""What stands around a model: replicas both ways, budget, cache, and changes by hand."""

import json
from typing import Any

import pytest

from e2e.cluster.errors import KubectlError
from e2e.cluster.namespace import Namespace, eventually
from tests.operator.reconcile.nodeless import deployment, events, pod_under, spec

Json = dict[str, Any]

NAME = "minilm-embedder"
CACHE = "minilm-model-cache"


def kubectl(namespace: Namespace, *args: str, stdin: str | None = None) -> str:
    return namespace.control_plane.kubectl(*args, "-n", namespace.name, stdin=stdin)


def present(namespace: Namespace, kind: str, name: str = NAME) -> Json:
    found = eventually(lambda: namespace.get(kind, name), lambda body: body)
    assert found is not None
    return found


def settled(namespace: Namespace) -> Json:
    """The Deployment once its controller has taken up the newest spec."""

    def taken_up(body: Json) -> bool:
        return bool(body["status"].get("observedGeneration") == body["metadata"]["generation"])

    return eventually(lambda: deployment(namespace), taken_up)


def scaled_down(namespace: Namespace) -> list[Json]:
    return [event for event in namespace.all_of("Event") if "Scaled down" in event.get("note", "")]


def test_pods_run_as_an_account_of_their_own_that_has_no_token(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", spec())
    assert present(namespace, "ServiceAccount")["automountServiceAccountToken"] is False
    assert pod_under(namespace)["spec"]["serviceAccountName"] == NAME


def test_a_budget_stands_while_there_is_more_than_one_replica(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", spec(replicas=2))
    budget = present(namespace, "PodDisruptionBudget")
    assert (budget["spec"]["maxUnavailable"], budget["spec"]["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")
    kubectl(namespace, "scale", "emb", "minilm", "--replicas=1")
    eventually(lambda: namespace.get("PodDisruptionBudget", NAME), lambda body: body is None)
    kubectl(namespace, "scale", "emb", "minilm", "--replicas=3")
    present(namespace, "PodDisruptionBudget")


def test_scaling_makes_no_new_version_of_the_pods(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", spec(replicas=1))
    before = deployment(namespace)["spec"]["template"]
    kubectl(namespace, "scale", "emb", "minilm", "--replicas=2")
    eventually(lambda: deployment(namespace)["spec"], lambda found: found["replicas"] == 2)
    assert deployment(namespace)["spec"]["template"] == before


def test_replicas_pass_to_an_autoscaler_and_back_without_a_dip(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", spec(replicas=2))
    present(namespace, "Deployment")
    namespace.apply("EmbeddingModel", "minilm", spec(autoscaling={"minReplicas": 2, "maxReplicas": 5}))
    present(namespace, "HorizontalPodAutoscaler")
    kubectl(namespace, "scale", "deployment", NAME, "--replicas=4")  # what an autoscaler would do
    assert settled(namespace)["spec"]["replicas"] == 4

    namespace.apply("EmbeddingModel", "minilm", spec(replicas=4))
    eventually(lambda: namespace.get("HorizontalPodAutoscaler", NAME), lambda body: body is None)
    assert settled(namespace)["spec"]["replicas"] == 4
    assert scaled_down(namespace) == []

    namespace.apply("EmbeddingModel", "minilm", spec(autoscaling={"minReplicas": 2, "maxReplicas": 5}))
    present(namespace, "HorizontalPodAutoscaler")
    assert settled(namespace)["spec"]["replicas"] == 4
    assert scaled_down(namespace) == []


def test_what_was_changed_by_hand_is_put_back_and_an_event_names_it(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", spec(replicas=1))
    present(namespace, "Service")
    kubectl(namespace, "scale", "deployment", NAME, "--replicas=3")
    eventually(lambda: deployment(namespace)["spec"]["replicas"], lambda count: count == 1)
    told = eventually(lambda: events(namespace, "DriftCorrected"), lambda notes: notes)
    assert told == [f"Put back spec.replicas of Deployment {NAME}, changed by hand."]
    assert namespace.await_reason("EmbeddingModel", "minilm", "InSync", "InSync")["status"] == "True"


def test_under_warn_a_change_by_hand_stays_and_is_reported_until_it_is_gone(namespace: Namespace) -> None:
    warn = {"driftPolicy": "Warn"}
    namespace.apply("EmbeddingModel", "minilm", {**spec(replicas=1), **warn})
    present(namespace, "Service")
    kubectl(namespace, "scale", "deployment", NAME, "--replicas=3")
    patch = json.dumps({"spec": {"sessionAffinity": "ClientIP", "selector": {"app": "other"}}})
    kubectl(namespace, "patch", "service", NAME, "-p", patch)

    def told(condition: Json) -> bool:
        return all(part in condition.get("message", "") for part in ("spec.replicas of Deployment", "Service"))

    eventually(lambda: namespace.condition("EmbeddingModel", "minilm", "InSync"), told)
    assert deployment(namespace)["spec"]["replicas"] == 3
    assert events(namespace, "DriftCorrected") == []

    namespace.apply("EmbeddingModel", "minilm", {**spec(replicas=1, image="registry.example.com/e:2"), **warn})
    eventually(lambda: deployment(namespace)["spec"]["replicas"], lambda count: count == 1)
    kubectl(namespace, "delete", "service", NAME)
    eventually(
        lambda: namespace.condition("EmbeddingModel", "minilm", "InSync"), lambda found: found.get("status") == "True"
    )
    assert present(namespace, "Service")["spec"]["selector"].keys() == {
        "app.kubernetes.io/managed-by",
        "hirag.dev/embedding-model",
    }


def test_a_cache_is_kept_when_its_section_goes_and_goes_with_the_model(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", spec(modelCache={"size": "1Gi"}))
    claim = present(namespace, "PersistentVolumeClaim", CACHE)
    made = present(namespace, "Deployment")
    assert made["spec"]["strategy"] == {"type": "Recreate"}
    assert {"name": "cache", "persistentVolumeClaim": {"claimName": CACHE}} in made["spec"]["template"]["spec"][
        "volumes"
    ]

    namespace.apply("EmbeddingModel", "minilm", spec())
    eventually(lambda: deployment(namespace)["spec"]["strategy"]["type"], lambda kind: kind == "RollingUpdate")
    assert present(namespace, "PersistentVolumeClaim", CACHE)["metadata"]["uid"] == claim["metadata"]["uid"]
    namespace.delete("EmbeddingModel", "minilm")
    eventually(
        lambda: namespace.get("PersistentVolumeClaim", CACHE),
        lambda body: body is None or body["metadata"].get("deletionTimestamp"),
    )


def test_a_cache_takes_on_no_other_class_and_says_so(namespace: Namespace) -> None:
    cache = {"size": "1Gi", "storageClassName": "fast"}
    namespace.apply("EmbeddingModel", "minilm", spec(modelCache=cache))
    present(namespace, "PersistentVolumeClaim", CACHE)
    namespace.apply("EmbeddingModel", "minilm", spec(modelCache={**cache, "storageClassName": "slow"}))
    said = namespace.await_reason("EmbeddingModel", "minilm", "VolumeChangeForbidden", "Stalled")
    assert f"{CACHE} keeps storageClassName fast and cannot have slow" in said["message"]
    namespace.apply("EmbeddingModel", "minilm", spec(modelCache=cache))
    namespace.await_reason("EmbeddingModel", "minilm", "NotStalled", "Stalled")


def test_a_bound_cache_grows_where_its_class_allows_it(namespace: Namespace) -> None:
    grows = f"grows-{namespace.name}"
    bind(namespace, grows)
    cache = {"size": "1Gi", "storageClassName": grows}
    namespace.apply("EmbeddingModel", "minilm", spec(modelCache=cache))
    eventually(
        lambda: present(namespace, "PersistentVolumeClaim", CACHE), lambda body: body["status"].get("phase") == "Bound"
    )
    namespace.apply("EmbeddingModel", "minilm", spec(modelCache={**cache, "size": "2Gi"}))
    eventually(lambda: size(namespace), lambda found: found == "2Gi")
    namespace.apply("EmbeddingModel", "minilm", spec(modelCache={"size": "3Gi"}))
    eventually(lambda: size(namespace), lambda found: found == "3Gi")
    assert present(namespace, "PersistentVolumeClaim", CACHE)["spec"]["storageClassName"] == grows


def size(namespace: Namespace) -> str:
    claim = present(namespace, "PersistentVolumeClaim", CACHE)
    return str(claim["spec"]["resources"]["requests"]["storage"])


def bind(namespace: Namespace, storage_class: str) -> None:
    """Make a class whose volumes may grow, and a volume of it."""
    volume = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": storage_class,
        "hostPath": {"path": "/srv/volume"},
    }
    items = [
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": storage_class},
            "provisioner": "example.com/none",
            "allowVolumeExpansion": True,
        },
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": storage_class}, "spec": volume},
    ]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    namespace.control_plane.kubectl("apply", "-f", "-", stdin=listed)


def test_a_cache_of_one_writer_is_not_scaled(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", spec(replicas=1, modelCache={"size": "1Gi"}))
    with pytest.raises(KubectlError, match="set accessMode: ReadWriteMany"):
        kubectl(namespace, "scale", "emb", "minilm", "--replicas=2")
