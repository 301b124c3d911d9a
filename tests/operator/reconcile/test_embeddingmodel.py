"""A model that the operator serves: Deployment and Service, Ready only once a live probe has answered."""

from typing import Any

from e2e.cluster import data
from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.podrunner import PodRunner
from e2e.cluster.program import answers

Json = dict[str, Any]


def _spec() -> Json:
    return {
        "source": {"hostPath": {"path": str(data.model_folder())}},
        "dimensions": 384,
        "maxTokens": 256,
        "serving": {"resources": {"requests": {"cpu": "0.5", "memory": "1024Mi"}}},
    }


def test_a_served_model_is_ready_when_its_pod_answers_a_probe_and_not_before(
    namespace: Namespace, control_plane: ControlPlane, pod_port: int
) -> None:
    namespace.apply("EmbeddingModel", "minilm", _spec())
    condition = namespace.await_reason("EmbeddingModel", "minilm", "PodsNotReady")
    assert "minilm-embedder" in condition["message"]
    service = namespace.get("Service", "minilm-embedder")
    assert service is not None
    assert service["spec"]["ports"][0]["targetPort"] == "http"
    pod = eventually(lambda: namespace.all_of("Pod"), lambda pods: len(pods) == 1)[0]
    assert pod["metadata"]["labels"].items() >= service["spec"]["selector"].items()

    url = f"http://127.0.0.1:{pod_port}"
    address = {"HIRAG_EMBEDDER_HOST": "127.0.0.1", "HIRAG_EMBEDDER_PORT": str(pod_port)}
    with PodRunner(control_plane, address) as pods:
        pods.run(pod, lambda: answers(f"{url}/.well-known/ready"))
        status = namespace.await_ready("EmbeddingModel", "minilm")["status"]
        assert status["dimensions"] == 384
        assert status["readyReplicas"] == 1
        assert status["endpoint"] == f"{url}/v1"
        spec = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}}
        namespace.apply("ContextCollection", "handbook", spec)
        namespace.await_ready("ContextCollection", "handbook")
    namespace.await_reason("EmbeddingModel", "minilm", "ProbeFailed")


def test_kubectl_scale_on_the_model_scales_its_deployment(namespace: Namespace) -> None:
    spec = _spec()
    spec["serving"]["replicas"] = 1
    namespace.apply("EmbeddingModel", "minilm", spec)
    eventually(lambda: namespace.get("Deployment", "minilm-embedder"), lambda found: found)
    namespace.control_plane.kubectl("scale", "emb", "minilm", "-n", namespace.name, "--replicas=2")
    eventually(
        lambda: (namespace.get("Deployment", "minilm-embedder") or {})["spec"]["replicas"], lambda count: count == 2
    )


def test_an_autoscaler_owns_the_replicas_where_one_is_asked_for(namespace: Namespace) -> None:
    spec = _spec()
    spec["serving"]["autoscaling"] = {"minReplicas": 2, "maxReplicas": 5}
    namespace.apply("EmbeddingModel", "minilm", spec)
    autoscaler = eventually(lambda: namespace.get("HorizontalPodAutoscaler", "minilm-embedder"), lambda found: found)
    assert autoscaler is not None
    assert autoscaler["spec"]["minReplicas"] == 2
    deployment = namespace.get("Deployment", "minilm-embedder")
    assert deployment is not None
    owners = {field["manager"] for field in deployment["metadata"]["managedFields"] if "f:replicas" in str(field)}
    assert "hirag-operator" not in owners


def test_replicas_do_not_dip_when_an_autoscaler_takes_them_over(namespace: Namespace) -> None:
    spec = _spec()
    spec["serving"]["replicas"] = 3
    namespace.apply("EmbeddingModel", "minilm", spec)
    eventually(lambda: namespace.get("Deployment", "minilm-embedder"), lambda found: found)
    del spec["serving"]["replicas"]
    spec["serving"]["autoscaling"] = {"minReplicas": 2, "maxReplicas": 5}
    namespace.apply("EmbeddingModel", "minilm", spec)

    def owners() -> set[str]:
        fields = (namespace.get("Deployment", "minilm-embedder") or {})["metadata"]["managedFields"]
        return {field["manager"] for field in fields if "f:replicas" in field["fieldsV1"].get("f:spec", {})}

    eventually(owners, lambda managers: managers == {"hirag-operator-replicas"})

    def settled() -> Json | None:
        found = namespace.get("Deployment", "minilm-embedder") or {}
        return found if found["status"].get("observedGeneration") == found["metadata"]["generation"] else None

    after = eventually(settled, lambda found: found)
    assert after is not None
    assert after["spec"]["replicas"] == 3
    assert [event for event in namespace.all_of("Event") if "Scaled down" in event.get("note", "")] == []


def test_a_foreign_deployment_of_that_name_is_not_taken_over(namespace: Namespace) -> None:
    namespace.control_plane.kubectl(
        "create", "deployment", "minilm-embedder", "-n", namespace.name, "--image=somebody/elses"
    )
    namespace.apply("EmbeddingModel", "minilm", _spec())
    condition = namespace.await_reason("EmbeddingModel", "minilm", "Conflict", "Stalled")
    assert "minilm-embedder" in condition["message"]
    deployment = namespace.get("Deployment", "minilm-embedder")
    assert deployment is not None
    assert deployment["spec"]["template"]["spec"]["containers"][0]["image"] == "somebody/elses"


def test_what_the_model_owns_goes_with_it(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", _spec())
    eventually(lambda: namespace.get("Deployment", "minilm-embedder"), lambda found: found)
    namespace.delete("EmbeddingModel", "minilm")
    eventually(lambda: namespace.get("Deployment", "minilm-embedder"), lambda found: found is None)
    eventually(lambda: namespace.get("Service", "minilm-embedder"), lambda found: found is None)
