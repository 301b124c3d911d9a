"""What stands in the way is said in a condition with its cause, and goes away by itself once the cause has."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.operator.reconcile.scrape import metric

Json = dict[str, Any]
CRDS = Path(__file__).parents[3] / "crds"


def _becomes_ready(namespace: Namespace, name: str = "handbook") -> None:
    namespace.await_ready("ContextCollection", name)


def test_weaviate_down_is_said_and_healed_without_a_restart_of_the_operator(
    namespace: Namespace, collection_spec: Json, weaviate_server: WeaviateServer
) -> None:
    namespace.apply("ContextCollection", "handbook", collection_spec)
    before = namespace.await_ready("ContextCollection", "handbook")["status"]
    weaviate_server.stop()
    try:
        condition = namespace.await_reason("ContextCollection", "handbook", "WeaviateUnreachable")
        during = (namespace.get("ContextCollection", "handbook") or {})["status"]
    finally:
        weaviate_server.start()
    assert "onnection refused" in condition["message"]
    assert during["address"] == before["address"], "what was last seen stays visible"
    assert next(c for c in during["conditions"] if c["type"] == "Reconciling")["status"] == "True"
    _becomes_ready(namespace)


def test_an_embedder_down_is_said_on_the_model_and_lifted_into_the_collection(
    namespace: Namespace, collection_spec: Json, embedder: EmbedderServer
) -> None:
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")
    embedder.stop()
    try:
        namespace.await_reason("EmbeddingModel", "minilm", "ProbeFailed")
        condition = namespace.await_reason("ContextCollection", "handbook", "EmbeddingModelNotReady")
    finally:
        embedder.start()
    assert "ProbeFailed" in condition["message"]
    _becomes_ready(namespace)


def test_an_api_server_that_restarts_costs_nothing_but_time(
    namespace: Namespace, collection_spec: Json, control_plane: ControlPlane
) -> None:
    namespace.apply("ContextCollection", "handbook", collection_spec)
    namespace.await_ready("ContextCollection", "handbook")
    control_plane.restart_apiserver()
    namespace.apply("ContextCollection", "second", collection_spec)
    _becomes_ready(namespace, "second")


def test_an_operator_killed_in_the_middle_is_finished_by_the_next(
    namespace: Namespace, collection_spec: Json, operator: OperatorProcess, weaviate: httpx.Client
) -> None:
    """Between any two steps: the collection exists, and its alias does not."""
    namespace.apply("ContextCollection", "handbook", collection_spec)
    address = namespace.await_ready("ContextCollection", "handbook")["status"]["address"]["longTerm"]
    operator.kill()
    assert weaviate.delete(f"/aliases/{address['alias']}").is_success
    operator.start()
    eventually(
        lambda: weaviate.get(f"/aliases/{address['alias']}"), lambda answer: answer.status_code == httpx.codes.OK
    )
    assert weaviate.get(f"/aliases/{address['alias']}").json()["class"] == address["collection"]
    _becomes_ready(namespace)


def test_dimensions_that_the_model_does_not_have_stall_it_with_the_right_figure(
    namespace: Namespace, model_spec: Json
) -> None:
    namespace.apply("EmbeddingModel", "wrong", {**model_spec, "dimensions": 768})
    condition = namespace.await_reason("EmbeddingModel", "wrong", "DimensionsMismatch", "Stalled")
    assert "set spec.dimensions to 384" in condition["message"]
    namespace.apply("EmbeddingModel", "wrong", model_spec)
    namespace.await_ready("EmbeddingModel", "wrong")


def test_a_missing_secret_is_named_and_its_value_never_shown(
    namespace: Namespace, model_spec: Json, operator: OperatorProcess
) -> None:
    model_spec["external"]["apiKeySecretRef"] = {"name": "provider", "key": "token"}
    namespace.apply("EmbeddingModel", "keyed", model_spec)
    condition = namespace.await_reason("EmbeddingModel", "keyed", "SecretNotFound")
    assert "Secret provider does not exist" in condition["message"]
    namespace.secret("provider", {"token": "swordfish-123"})
    namespace.await_ready("EmbeddingModel", "keyed")
    assert "swordfish" not in operator.log.read_text()
    assert "swordfish" not in str(namespace.get("EmbeddingModel", "keyed"))


def test_references_may_come_in_any_order(namespace: Namespace, model_spec: Json) -> None:
    levels = {"longTerm": {"indexPolicyRef": {"name": "later"}}}
    spec = {"embeddingModelRef": {"name": "later"}, "levels": levels}
    namespace.apply("ContextCollection", "handbook", spec)
    namespace.await_reason("ContextCollection", "handbook", "EmbeddingModelNotFound")
    namespace.apply("EmbeddingModel", "later", model_spec)
    namespace.await_reason("ContextCollection", "handbook", "IndexPolicyNotFound")
    namespace.apply("HNSWIndexPolicy", "later", {})
    _becomes_ready(namespace)


def test_a_model_of_another_namespace_serves_only_whom_it_admits(
    namespaces: Callable[..., Namespace], model_spec: Json
) -> None:
    home, guest = namespaces(), namespaces(tier="gold")
    home.apply("EmbeddingModel", "minilm", model_spec)
    home.await_ready("EmbeddingModel", "minilm")
    reference = {"name": "minilm", "namespace": home.name}
    guest.apply("ContextCollection", "handbook", {"embeddingModelRef": reference, "levels": {"longTerm": {}}})
    condition = guest.await_reason("ContextCollection", "handbook", "NamespaceNotAllowed", "Stalled")
    assert f"does not admit namespace {guest.name}" in condition["message"]
    allowed = {"from": "Selector", "selector": {"matchLabels": {"tier": "gold"}}}
    home.apply("EmbeddingModel", "minilm", {**model_spec, "allowedNamespaces": allowed})
    _becomes_ready(guest)


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        ({"weaviate": {"connection": "elsewhere"}}, "ConnectionNotFound", "it knows: default, guarded, nowhere"),
        ({"weaviate": {"connection": "nowhere"}}, "WeaviateUnreachable", "refused"),
        ({"replication": {"factor": 3}}, "WeaviateRefused", "not find enough weaviate nodes"),
    ],
    ids=["an unknown connection", "a dead server", "more copies than nodes"],
)
def test_what_cannot_be_done_is_said_with_the_cause(
    namespace: Namespace, collection_spec: Json, change: Json, reason: str, words: str
) -> None:
    namespace.apply("ContextCollection", "handbook", {**collection_spec, **change})
    condition = namespace.await_reason("ContextCollection", "handbook", reason)
    assert words in condition["message"]


def test_trouble_that_lasts_is_told_once_and_written_once(
    namespace: Namespace, collection_spec: Json, model_spec: Json, operator: OperatorProcess
) -> None:
    """However often it is looked at again: no Event, no status, nothing else is written."""
    troubled = {
        "lost": ({**collection_spec, "weaviate": {"connection": "elsewhere"}}, "ConnectionNotFound"),
        "dead": ({**collection_spec, "weaviate": {"connection": "nowhere"}}, "WeaviateUnreachable"),
        "orphan": ({**collection_spec, "embeddingModelRef": {"name": "nobody"}}, "EmbeddingModelNotFound"),
        "greedy": ({**collection_spec, "replication": {"factor": 3}}, "WeaviateRefused"),
    }
    namespace.apply("EmbeddingModel", "wrong", {**model_spec, "dimensions": 768})
    namespace.await_reason("EmbeddingModel", "wrong", "DimensionsMismatch")
    for name, (spec, reason) in troubled.items():
        namespace.apply("ContextCollection", name, spec)
        namespace.await_reason("ContextCollection", name, reason)

    def written() -> Json:
        bodies = [namespace.get("ContextCollection", name) or {} for name in troubled]
        bodies.append(namespace.get("EmbeddingModel", "wrong") or {})
        versions = [body["metadata"]["resourceVersion"] for body in bodies]
        return {"versions": versions, "events": len(namespace.all_of("Event"))}

    def looks() -> float:
        return metric(operator, 'hirag_operator_reconciles_total{kind="ContextCollection",result="retry"}')

    def looked_at_again() -> None:
        began = looks()
        eventually(looks, lambda now: now >= began + 3 * len(troubled))

    looked_at_again()  # the first retries may still tell what changed since the first look
    before = written()
    looked_at_again()
    assert written() == before


def test_a_name_that_somebody_else_took_in_weaviate_is_left_to_him(
    namespace: Namespace, collection_spec: Json, weaviate: httpx.Client
) -> None:
    alias = f"T{namespace.name[1:].replace('-', '_')}__Handbook__LongTerm"
    assert weaviate.post("/schema", json={"class": alias, "vectorizer": "none"}).is_success
    namespace.apply("ContextCollection", "handbook", collection_spec)
    condition = namespace.await_reason("ContextCollection", "handbook", "Conflict", "Stalled")
    assert alias in condition["message"]
    assert weaviate.delete(f"/schema/{alias}").is_success
    _becomes_ready(namespace)


def test_a_wrong_key_is_said_without_the_key_and_the_right_one_is_taken_up(
    namespace: Namespace, collection_spec: Json, guarded_key: Path, operator: OperatorProcess
) -> None:
    spec = {**collection_spec, "weaviate": {"connection": "guarded"}}
    namespace.apply("ContextCollection", "handbook", spec)
    condition = namespace.await_reason("ContextCollection", "handbook", "WeaviateNotAuthorized", "Stalled")
    assert "wrong-key-7" not in str(condition) + operator.log.read_text()
    guarded_key.write_text("right-key-5\n")
    _becomes_ready(namespace)


def test_settings_that_do_not_go_together_are_said_before_anything_is_made(
    namespace: Namespace, collection_spec: Json
) -> None:
    namespace.apply("HNSWIndexPolicy", "odd", {"quantization": {"type": "pq", "pq": {"segments": 7}}})
    collection_spec["levels"] = {"longTerm": {"indexPolicyRef": {"name": "odd"}}}
    namespace.apply("ContextCollection", "handbook", collection_spec)
    condition = namespace.await_reason("ContextCollection", "handbook", "InvalidSpec", "Stalled")
    assert "segments is 7, which does not divide the model's 384 dimensions" in condition["message"]


def test_rules_that_an_older_crd_lacks_are_held_by_the_operator(toolchain: Toolchain) -> None:
    """A CRD without its CEL rules takes the manifest; the operator says what is wrong, and goes on once it is right."""
    with ControlPlane(toolchain) as control_plane:
        for file in sorted(CRDS.glob("*.yaml")):
            control_plane.kubectl(
                "apply", "-f", "-", stdin=json.dumps(_without_rules(yaml.safe_load(file.read_text())))
            )
        with OperatorProcess(control_plane, {}):
            namespace = Namespace(control_plane, "old")
            namespace.apply("HNSWIndexPolicy", "odd", {"indexType": "flat", "hnsw": {"ef": 64}})
            condition = namespace.await_reason("HNSWIndexPolicy", "odd", "InvalidSpec", "Stalled")
            assert "hnsw must be left out with indexType flat" in condition["message"]
            namespace.apply("HNSWIndexPolicy", "odd", {"indexType": "flat"})
            namespace.await_ready("HNSWIndexPolicy", "odd")


def _without_rules(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _without_rules(value) for key, value in node.items() if key != "x-kubernetes-validations"}
    return [_without_rules(value) for value in node] if isinstance(node, list) else node
