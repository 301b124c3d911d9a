"""An event wakes whom it concerns at once: here the next resync is hours away, and nothing else would."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.operator.reconcile.conftest import install_crds

Json = dict[str, Any]
ALL = {"from": "All"}
SOURCE = {"source": {"hostPath": {"path": "/srv/minilm"}}, "dimensions": 384}


@pytest.fixture(scope="module")
def control_plane(toolchain: Toolchain) -> Iterator[ControlPlane]:
    """One of their own: the operator of the other scenarios looks at everything every two seconds."""
    with ControlPlane(toolchain) as control_plane:
        install_crds(control_plane)
        yield control_plane


@pytest.fixture(scope="module")
def operator(control_plane: ControlPlane, weaviate_server: WeaviateServer) -> Iterator[OperatorProcess]:
    connections = {"default": {"http_url": weaviate_server.http_url}}
    env = {"HIRAG_OPERATOR_RESYNC_SECONDS": "86400", "HIRAG_OPERATOR_INSTANCE": "triggers"}
    with OperatorProcess(control_plane, connections, env=env) as operator:
        yield operator


def admitting(spec: Json, *, label: str | None = None) -> Json:
    """A model's spec that lets all namespaces in, or those of a label `tier`."""
    admitted = {"from": "Selector", "selector": {"matchLabels": {"tier": label}}} if label else ALL
    return {**spec, "allowedNamespaces": admitted}


def collection(model: Namespace, **others: Any) -> Json:
    """A collection's spec that uses the model `minilm` of another namespace."""
    reference = {"name": "minilm", "namespace": model.name}
    return {"embeddingModelRef": reference, "levels": {"longTerm": {}}, "chunking": {"maxTokens": 200}, **others}


def test_a_secret_that_is_changed_in_place_wakes_the_model(namespace: Namespace, model_spec: Json) -> None:
    model_spec["external"]["apiKeySecretRef"] = {"name": "provider", "key": "token"}
    namespace.secret("provider", {"other": "swordfish-123"})
    namespace.apply("EmbeddingModel", "minilm", model_spec)
    namespace.await_reason("EmbeddingModel", "minilm", "SecretNotFound", "Stalled")
    patch = json.dumps({"stringData": {"token": "swordfish-456"}})
    namespace.control_plane.kubectl("-n", namespace.name, "patch", "secret", "provider", "-p", patch)
    namespace.await_ready("EmbeddingModel", "minilm")


def test_a_secret_that_is_made_wakes_the_model(namespace: Namespace, model_spec: Json) -> None:
    model_spec["external"]["apiKeySecretRef"] = {"name": "later", "key": "token"}
    namespace.apply("EmbeddingModel", "minilm", model_spec)
    namespace.await_reason("EmbeddingModel", "minilm", "SecretNotFound", "Stalled")
    namespace.secret("later", {"token": "swordfish-123"})
    namespace.await_ready("EmbeddingModel", "minilm")


def test_a_deployment_that_is_scaled_by_hand_is_put_back(namespace: Namespace) -> None:
    namespace.apply("EmbeddingModel", "minilm", SOURCE)

    def replicas() -> Any:
        return ((namespace.get("Deployment", "minilm-embedder") or {}).get("spec") or {}).get("replicas")

    eventually(replicas, lambda found: found == 1)
    namespace.control_plane.kubectl("-n", namespace.name, "scale", "deployment/minilm-embedder", "--replicas=0")
    eventually(replicas, lambda found: found == 1)


@pytest.mark.parametrize(("kind", "name"), [("Deployment", "minilm-embedder"), ("Service", "minilm-embedder")])
def test_a_child_that_is_deleted_is_made_again(namespace: Namespace, kind: str, name: str) -> None:
    namespace.apply("EmbeddingModel", "minilm", SOURCE)
    before = eventually(lambda: namespace.get(kind, name), bool)
    assert before is not None
    namespace.delete(kind, name)
    uid = before["metadata"]["uid"]
    eventually(lambda: namespace.get(kind, name), lambda found: found and found["metadata"]["uid"] != uid)


def test_a_policy_of_another_namespace_that_is_edited_changes_the_index_at_once(
    namespaces: Callable[..., Namespace], model_spec: Json, weaviate: httpx.Client
) -> None:
    home, guest = namespaces(), namespaces()
    home.apply("EmbeddingModel", "minilm", admitting(model_spec))
    home.apply("HNSWIndexPolicy", "accurate", {"hnsw": {"ef": 64}, "allowedNamespaces": ALL})
    levels = {"longTerm": {"indexPolicyRef": {"name": "accurate", "namespace": home.name}}}
    guest.apply("ContextCollection", "handbook", collection(home, levels=levels))
    address = guest.await_ready("ContextCollection", "handbook")["status"]["address"]["longTerm"]
    home.apply("HNSWIndexPolicy", "accurate", {"hnsw": {"ef": 96}, "allowedNamespaces": ALL})
    eventually(
        lambda: weaviate.get(f"/schema/{address['collection']}").text,
        lambda schema: '"ef":96' in schema.replace(" ", ""),
    )


def test_a_collection_that_appears_or_goes_is_reported_by_its_policy(
    namespaces: Callable[..., Namespace], model_spec: Json
) -> None:
    home, guest = namespaces(), namespaces()
    home.apply("EmbeddingModel", "minilm", admitting(model_spec))
    home.apply("HNSWIndexPolicy", "accurate", {"allowedNamespaces": ALL})
    levels = {"longTerm": {"indexPolicyRef": {"name": "accurate", "namespace": home.name}}}

    def bindings() -> list[tuple[str, str]]:
        status = (home.get("HNSWIndexPolicy", "accurate") or {}).get("status") or {}
        return [(one["name"], one["state"]) for one in status.get("bindings") or []]

    guest.apply("ContextCollection", "handbook", collection(home, levels=levels))
    eventually(bindings, lambda found: found == [("handbook", "Compliant")])
    guest.delete("ContextCollection", "handbook")
    eventually(bindings, lambda found: found == [])


def test_permission_that_a_model_gives_later_is_taken_up(
    namespaces: Callable[..., Namespace], model_spec: Json
) -> None:
    home, guest = namespaces(), namespaces()
    home.apply("EmbeddingModel", "minilm", model_spec)
    home.await_ready("EmbeddingModel", "minilm")
    guest.apply("ContextCollection", "handbook", collection(home))
    guest.await_reason("ContextCollection", "handbook", "NamespaceNotAllowed", "Stalled")
    home.apply("EmbeddingModel", "minilm", admitting(model_spec))
    guest.await_ready("ContextCollection", "handbook")


def test_a_label_of_the_namespace_gives_permission_at_once(
    namespaces: Callable[..., Namespace], model_spec: Json
) -> None:
    home, guest = namespaces(), namespaces()
    home.apply("EmbeddingModel", "minilm", admitting(model_spec, label="gold"))
    home.await_ready("EmbeddingModel", "minilm")
    guest.apply("ContextCollection", "handbook", collection(home))
    guest.await_reason("ContextCollection", "handbook", "NamespaceNotAllowed", "Stalled")
    guest.control_plane.kubectl("label", "namespace", guest.name, "tier=gold")
    guest.await_ready("ContextCollection", "handbook")


def test_a_model_that_turns_ready_wakes_its_collections_in_other_namespaces(
    namespaces: Callable[..., Namespace], model_spec: Json, embedder: EmbedderServer
) -> None:
    home, guest = namespaces(), namespaces()
    home.apply("EmbeddingModel", "minilm", admitting({**model_spec, "dimensions": 768}))
    guest.apply("ContextCollection", "handbook", collection(home))
    home.await_reason("EmbeddingModel", "minilm", "DimensionsMismatch", "Stalled")
    guest.await_reason("ContextCollection", "handbook", "EmbeddingModelNotReady")
    embedder.check()
    home.apply("EmbeddingModel", "minilm", admitting(model_spec))
    guest.await_ready("ContextCollection", "handbook")


def test_looking_again_asks_kubernetes_nothing(
    control_plane: ControlPlane, namespaces: Callable[..., Namespace], model_spec: Json, weaviate_server: WeaviateServer
) -> None:
    """An operator that looks at everything every second, in a namespace where all is as declared."""
    quiet = namespaces()
    env = {
        "HIRAG_OPERATOR_RESYNC_SECONDS": "1",
        "HIRAG_OPERATOR_INSTANCE": "triggers",
        "HIRAG_OPERATOR_NAMESPACES": json.dumps([quiet.name]),
    }
    quiet.apply("EmbeddingModel", "minilm", model_spec)
    quiet.apply("HNSWIndexPolicy", "accurate", {})
    spec = collection(quiet, levels={"longTerm": {"indexPolicyRef": {"name": "accurate"}}})
    quiet.apply("ContextCollection", "handbook", {**spec, "compaction": {"schedule": "@daily"}})
    quiet.await_ready("ContextCollection", "handbook")
    with OperatorProcess(control_plane, {"default": {"http_url": weaviate_server.http_url}}, env=env) as second:
        after_looks(second, 8)
        before = calls(second)
        after_looks(second, 40)
        assert calls(second) == before


def after_looks(operator: OperatorProcess, more: int) -> None:
    """Wait until an operator has made so many more reconciles."""
    goal = sum(samples(operator, "hirag_operator_reconciles_total").values()) + more
    eventually(lambda: sum(samples(operator, "hirag_operator_reconciles_total").values()), lambda now: now >= goal)


def calls(operator: OperatorProcess) -> dict[str, float]:
    """How often an operator has asked Kubernetes, by operation."""
    found = samples(operator, "hirag_operator_call_seconds_count")
    return {labels: count for labels, count in found.items() if 'server="kubernetes"' in labels}


def samples(operator: OperatorProcess, name: str) -> dict[str, float]:
    """The samples of a metric by their labels."""
    lines = httpx.get(f"{operator.url}/metrics", trust_env=False).text.splitlines()
    parts = [line.removeprefix(name).rsplit(" ", 1) for line in lines if line.startswith(f"{name}{{")]
    return {labels: float(value) for labels, value in parts}
