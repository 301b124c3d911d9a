"""One policy for several collections: who uses it, how each complies, and what becomes of them when it goes."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace, eventually

Json = dict[str, Any]


def _bindings(namespace: Namespace, name: str = "shared") -> dict[str, Json]:
    """Return what the policy reports, by name of the collection, without what is the same for all."""
    status = (namespace.get("HNSWIndexPolicy", name) or {}).get("status", {})
    found = status.get("bindings", [])
    return {one["name"]: {key: one[key] for key in ("state", "pending", "changeClass") if key in one} for one in found}


def _states(namespace: Namespace) -> dict[str, str]:
    return {name: one["state"] for name, one in _bindings(namespace).items()}


@pytest.fixture
def bound(namespace: Namespace, collection_spec: Json) -> Callable[..., Json]:
    """Make a ready collection that uses the policy `shared`; returns the address of its level."""

    def make(name: str, **spec: Any) -> Json:
        levels = {"longTerm": {"indexPolicyRef": {"name": "shared"}}}
        namespace.apply("ContextCollection", name, {**collection_spec, "levels": levels, **spec})
        address: Json = namespace.await_ready("ContextCollection", name)["status"]["address"]["longTerm"]
        return address

    return make


def _index(weaviate: httpx.Client, address: Json) -> Json:
    config: Json = weaviate.get(f"/schema/{address['collection']}").json()["vectorIndexConfig"]
    return config


def test_a_change_that_is_hot_for_one_and_build_for_another_says_so(
    namespace: Namespace, bound: Callable[..., Json], weaviate: httpx.Client
) -> None:
    namespace.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 64}})
    early = bound("early")
    eventually(lambda: _states(namespace), lambda states: states == {"early": "Compliant"})
    namespace.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 96, "efConstruction": 200}})
    namespace.await_reason("ContextCollection", "early", "MigrationRequired", "Stalled")
    late = bound("late")

    eventually(
        lambda: _bindings(namespace),
        lambda found: (
            found
            == {
                "early": {
                    "state": "PendingRebuild",
                    "pending": "vectorIndexConfig.efConstruction (128 → 200)",
                    "changeClass": "build",
                },
                "late": {"state": "Compliant"},
            }
        ),
    )
    namespace.await_ready("HNSWIndexPolicy", "shared")
    condition = namespace.await_reason("HNSWIndexPolicy", "shared", "RebuildPending", "Compliant")
    assert condition["status"] == "False"
    assert "1 of 2 levels that use it are indexed as it says" in condition["message"]
    assert f"{namespace.name}/early longTerm (build: vectorIndexConfig.efConstruction" in condition["message"]
    assert (_index(weaviate, early)["ef"], _index(weaviate, late)["ef"]) == (64, 96)

    namespace.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 99}})
    eventually(lambda: _states(namespace), lambda states: states == {"early": "Compliant", "late": "PendingRebuild"})
    assert (_index(weaviate, early)["ef"], _index(weaviate, late)["ef"]) == (99, 96)


def test_a_hot_change_reaches_all_that_use_the_policy(
    namespace: Namespace, bound: Callable[..., Json], weaviate: httpx.Client
) -> None:
    namespace.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 64}})
    addresses = [bound(name) for name in ("a", "b", "c")]
    namespace.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 96}})
    generation = (namespace.get("HNSWIndexPolicy", "shared") or {})["metadata"]["generation"]
    status = eventually(
        lambda: (namespace.get("HNSWIndexPolicy", "shared") or {})["status"],
        lambda status: status["observedGeneration"] == generation and status["compliantCount"] == 3,
    )
    assert status["bindingCount"] == 3
    # A report of compliance is never ahead of the index.
    assert [_index(weaviate, address)["ef"] for address in addresses] == [96, 96, 96]


def test_a_collection_that_is_paused_has_not_taken_the_change_up(
    namespace: Namespace, bound: Callable[..., Json]
) -> None:
    namespace.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 64}})
    bound("resting")
    spec = (namespace.get("ContextCollection", "resting") or {})["spec"]
    namespace.apply("ContextCollection", "resting", {**spec, "paused": True})
    namespace.await_reason("ContextCollection", "resting", "Paused")
    eventually(lambda: _states(namespace), lambda states: states == {"resting": "Compliant"})
    namespace.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 96}})
    eventually(
        lambda: _bindings(namespace), lambda found: found == {"resting": {"state": "Waiting", "pending": "Paused"}}
    )
    condition = namespace.await_reason("HNSWIndexPolicy", "shared", "NotTakenUp", "Compliant")
    assert "1 have not taken it up" in condition["message"]


def _told(namespace: Namespace) -> set[tuple[str, str]]:
    return {(event["reason"], event["type"]) for event in namespace.all_of("Event")}


def test_a_policy_deleted_while_in_use_is_reported_and_breaks_nothing(
    namespace: Namespace, bound: Callable[..., Json], weaviate: httpx.Client
) -> None:
    namespace.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 64}})
    address = bound("used", multiTenancy={"enabled": True, "tenants": [{"name": "acme"}]})
    body = {"class": address["alias"], "tenant": "acme", "properties": {"text": "kept"}}
    assert weaviate.post("/objects", json=body).is_success
    path = f"/schema/{address['collection']}"
    before = weaviate.get(path).json(), weaviate.get(f"{path}/tenants").json()

    namespace.delete("HNSWIndexPolicy", "shared")
    eventually(lambda: namespace.get("HNSWIndexPolicy", "shared"), lambda found: found is None)
    condition = namespace.await_reason("ContextCollection", "used", "IndexPolicyNotFound", "Stalled")
    assert "it was deleted" in condition["message"]
    assert "What was made by it stays as it is and can be read" in condition["message"]
    eventually(lambda: _told(namespace), lambda told: ("IndexPolicyNotFound", "Warning") in told)

    assert (weaviate.get(path).json(), weaviate.get(f"{path}/tenants").json()) == before
    query = f'{{Get{{{address["alias"]}(tenant:"acme"){{text}}}}}}'
    answer = weaviate.post("/graphql", json={"query": query}).json()
    assert answer["data"]["Get"][address["alias"]] == [{"text": "kept"}]
    status = (namespace.get("ContextCollection", "used") or {})["status"]
    assert status["address"]["longTerm"]["alias"] == address["alias"]

    namespace.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 64}})
    namespace.await_ready("ContextCollection", "used")
    eventually(lambda: _states(namespace), lambda states: states == {"used": "Compliant"})


def test_a_namesake_with_other_settings_is_not_taken_for_the_policy_that_was_deleted(
    namespace: Namespace, bound: Callable[..., Json]
) -> None:
    """Both are of generation 1, so a generation could not tell them apart."""
    namespace.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 64}})
    bound("used")
    spec = (namespace.get("ContextCollection", "used") or {})["spec"]
    namespace.apply("ContextCollection", "used", {**spec, "paused": True})
    namespace.await_reason("ContextCollection", "used", "Paused")
    namespace.delete("HNSWIndexPolicy", "shared")
    namespace.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 96}})
    eventually(lambda: _states(namespace), lambda states: states == {"used": "Waiting"})


def _collection(model: Json, policy_home: str) -> Json:
    reference = {"name": "shared", "namespace": policy_home}
    return {"embeddingModelRef": model, "levels": {"longTerm": {"indexPolicyRef": reference}}}


def test_a_policy_serves_other_namespaces_as_it_admits_them_and_permission_lost_breaks_nothing(
    namespaces: Callable[..., Namespace], model_spec: Json, weaviate: httpx.Client, control_plane: ControlPlane
) -> None:
    home, guest = namespaces(), namespaces(tier="gold")
    guest.apply("EmbeddingModel", "minilm", model_spec)
    allowed = {"from": "Selector", "selector": {"matchLabels": {"tier": "gold"}}}
    home.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 64}})
    guest.apply("ContextCollection", "handbook", _collection({"name": "minilm"}, home.name))
    guest.await_reason("ContextCollection", "handbook", "NamespaceNotAllowed", "Stalled")
    refused = eventually(
        lambda: home.condition("HNSWIndexPolicy", "shared"), lambda ready: "does not admit" in ready.get("message", "")
    )
    assert "1 of namespaces that it does not admit refer to it in vain" in refused["message"]
    assert guest.name not in str(home.get("HNSWIndexPolicy", "shared"))

    home.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 64}, "allowedNamespaces": allowed})
    address = guest.await_ready("ContextCollection", "handbook")["status"]["address"]["longTerm"]
    eventually(lambda: _states(home), lambda states: states == {"handbook": "Compliant"})
    assert weaviate.post("/objects", json={"class": address["alias"], "properties": {"text": "kept"}}).is_success

    control_plane.kubectl("label", "namespace", guest.name, "tier-")
    guest.await_reason("ContextCollection", "handbook", "NamespaceNotAllowed", "Stalled")
    eventually(lambda: _states(home), lambda states: states == {})
    home.apply("HNSWIndexPolicy", "shared", {"hnsw": {"ef": 99}, "allowedNamespaces": allowed})
    home.await_ready("HNSWIndexPolicy", "shared")
    assert _index(weaviate, address)["ef"] == 64
    found = weaviate.post("/graphql", json={"query": f"{{Get{{{address['alias']}{{text}}}}}}"}).json()
    assert found["data"]["Get"][address["alias"]] == [{"text": "kept"}]
