"""A model is known again by its vectors: others are told, nothing mixes, and a person accepts or restores."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster import data
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.faultproxy import TcpProxy
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.podrunner import PodRunner
from e2e.cluster.program import answers
from tests.operator.reconcile.provider import Provider, embeds, provider
from tests.operator.reconcile.tampering import tampered_copy

Json = dict[str, Any]
SETTINGS = {"dimensions": 384, "maxTokens": 256}


@pytest.fixture
def running() -> Iterator[Provider]:
    with provider() as made:
        yield made


def _status(namespace: Namespace, name: str) -> Json:
    return dict((namespace.get("EmbeddingModel", name) or {}).get("status") or {})


def _learnt(namespace: Namespace, name: str) -> Json:
    found = namespace.get("ConfigMap", f"{name}-vectors")
    assert found is not None
    return dict(found["data"])


def _accept(namespace: Namespace, name: str) -> None:
    """What the message says: delete what was learnt."""
    namespace.delete("ConfigMap", f"{name}-vectors")


def test_files_replaced_behind_the_same_address_stall_the_model_until_they_are_restored_or_accepted(
    namespace: Namespace, model_spec: Json, embedder: EmbedderServer, tmp_path: Path
) -> None:
    tampered = tampered_copy(data.model_folder(), tmp_path / "tampered")
    with EmbedderServer(tampered, tmp_path / "onnx") as other, TcpProxy(embedder.url) as address:
        model_spec["external"]["url"] = f"{address.url}/v1"
        namespace.apply("EmbeddingModel", "minilm", model_spec)
        spec = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}, "chunking": {"maxTokens": 200}}
        namespace.apply("ContextCollection", "handbook", spec)
        before = namespace.await_ready("EmbeddingModel", "minilm")["status"]
        namespace.await_ready("ContextCollection", "handbook")
        learnt = _learnt(namespace, "minilm")
        assert learnt["fingerprint"] == before["fingerprint"]

        address.lead_to(other.url)
        condition = namespace.await_reason("EmbeddingModel", "minilm", "VectorsChanged", "Stalled")
        assert f"weights {json.loads(learnt['identity'])['weights'][:12]}" in condition["message"]
        assert "deleting ConfigMap minilm-vectors" in condition["message"]
        eventually(
            lambda: namespace.condition("ContextCollection", "handbook"),
            lambda ready: "VectorsChanged" in ready.get("message", ""),
        )
        during = _status(namespace, "minilm")
        assert (during["fingerprint"], during["sketch"]) == (before["fingerprint"], before["sketch"])
        assert _learnt(namespace, "minilm") == learnt

        address.lead_to(embedder.url)
        assert namespace.await_ready("EmbeddingModel", "minilm")["status"]["fingerprint"] == before["fingerprint"]
        namespace.await_ready("ContextCollection", "handbook")

        address.lead_to(other.url)
        namespace.await_reason("EmbeddingModel", "minilm", "VectorsChanged", "Stalled")
        _accept(namespace, "minilm")
        accepted = namespace.await_ready("EmbeddingModel", "minilm")["status"]
        assert accepted["fingerprint"] != before["fingerprint"]
        refused = namespace.await_reason("ContextCollection", "handbook", "MigrationRequired")
        assert "embedding fingerprint" in refused["message"]


def test_a_provider_that_answers_other_vectors_under_the_same_name_is_found_out(
    namespace: Namespace, running: Provider
) -> None:
    namespace.apply("EmbeddingModel", "drawn", running.spec)
    before = namespace.await_ready("EmbeddingModel", "drawn")["status"]
    namespace.apply(
        "ContextCollection", "handbook", {"embeddingModelRef": {"name": "drawn"}, "levels": {"longTerm": {}}}
    )
    namespace.await_ready("ContextCollection", "handbook")
    running.answers = embeds(model=1)
    condition = namespace.await_reason("EmbeddingModel", "drawn", "VectorsChanged", "Stalled")
    assert "cosine" in condition["message"]
    assert running.spec["external"]["url"] in condition["message"]
    assert _status(namespace, "drawn")["sketch"] == before["sketch"]
    running.answers = embeds()
    namespace.await_ready("EmbeddingModel", "drawn")
    running.answers = embeds(model=1)
    namespace.await_reason("EmbeddingModel", "drawn", "VectorsChanged", "Stalled")
    _accept(namespace, "drawn")
    after = namespace.await_ready("EmbeddingModel", "drawn")["status"]
    assert after["fingerprint"] == before["fingerprint"], "the name is all that such a provider is known by"
    assert after["sketch"] != before["sketch"], "but collections tell by the sketch"
    refused = namespace.await_reason("ContextCollection", "handbook", "MigrationRequired")
    assert "other ones under the same name" in refused["message"]


def test_a_status_that_was_wiped_is_rebuilt_from_what_was_learnt(namespace: Namespace, running: Provider) -> None:
    namespace.apply("EmbeddingModel", "drawn", running.spec)
    before = namespace.await_ready("EmbeddingModel", "drawn")["status"]
    version = (namespace.get("ConfigMap", "drawn-vectors") or {})["metadata"]["resourceVersion"]
    kubectl = namespace.control_plane.kubectl
    kubectl("patch", "emb", "drawn", "-n", namespace.name, "--subresource=status", "--type=merge", "-p", _NO_STATUS)
    after = namespace.await_ready("EmbeddingModel", "drawn")["status"]
    kept = ("fingerprint", "sketch", "dimensions", "model", "endpoint")
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    assert (namespace.get("ConfigMap", "drawn-vectors") or {})["metadata"]["resourceVersion"] == version


_NO_STATUS = json.dumps({"status": None})


def test_another_declaration_is_learnt_without_a_person(namespace: Namespace, running: Provider) -> None:
    namespace.apply("EmbeddingModel", "drawn", running.spec)
    before = namespace.await_ready("EmbeddingModel", "drawn")["status"]
    running.answers = embeds(model=1)
    external = {**running.spec["external"], "model": "another-one"}
    namespace.apply("EmbeddingModel", "drawn", {**running.spec, "external": external})
    after = namespace.await_ready("EmbeddingModel", "drawn")["status"]
    assert after["fingerprint"] != before["fingerprint"]
    assert _learnt(namespace, "drawn")["fingerprint"] == after["fingerprint"]


def test_what_was_learnt_goes_with_its_model_and_labels_taken_from_it_are_put_back(
    namespace: Namespace, running: Provider
) -> None:
    namespace.apply("EmbeddingModel", "drawn", running.spec)
    namespace.await_ready("EmbeddingModel", "drawn")
    label = "hirag.dev/embedding-model"
    namespace.control_plane.kubectl("label", "configmap", "drawn-vectors", "-n", namespace.name, f"{label}-")
    eventually(
        lambda: namespace.get("ConfigMap", "drawn-vectors") or {},
        lambda found: found["metadata"]["labels"].get(label) == "drawn",
    )
    namespace.delete("EmbeddingModel", "drawn")
    eventually(lambda: namespace.get("ConfigMap", "drawn-vectors"), lambda found: found is None)


def test_a_foreign_configmap_of_that_name_is_left_alone(namespace: Namespace, running: Provider) -> None:
    namespace.control_plane.kubectl("create", "configmap", "drawn-vectors", "-n", namespace.name, "--from-literal=a=b")
    namespace.apply("EmbeddingModel", "drawn", running.spec)
    condition = namespace.await_reason("EmbeddingModel", "drawn", "Conflict", "Stalled")
    assert "ConfigMap" in condition["message"]
    assert "fingerprint" not in _status(namespace, "drawn")
    assert _learnt(namespace, "drawn") == {"a": "b"}
    _accept(namespace, "drawn")
    namespace.await_ready("EmbeddingModel", "drawn")


def test_the_same_files_have_one_fingerprint_whoever_serves_them_and_keep_it_when_nobody_does(
    namespace: Namespace, model_spec: Json, pod_port: int
) -> None:
    namespace.apply("EmbeddingModel", "elsewhere", model_spec)
    expected = namespace.await_ready("EmbeddingModel", "elsewhere")["status"]["fingerprint"]
    source = {"hostPath": {"path": str(data.model_folder())}}
    namespace.apply("EmbeddingModel", "served", {**SETTINGS, "source": source})
    pod = eventually(lambda: namespace.all_of("Pod"), lambda pods: len(pods) == 1)[0]
    address = {"HIRAG_EMBEDDER_HOST": "127.0.0.1", "HIRAG_EMBEDDER_PORT": str(pod_port)}
    with PodRunner(namespace.control_plane, address) as pods:
        pods.run(pod, lambda: answers(f"http://127.0.0.1:{pod_port}/.well-known/ready"))
        status = namespace.await_ready("EmbeddingModel", "served")["status"]
        assert status["fingerprint"] == expected
    namespace.await_reason("EmbeddingModel", "served", "ProbeFailed")
    assert _status(namespace, "served")["fingerprint"] == expected
