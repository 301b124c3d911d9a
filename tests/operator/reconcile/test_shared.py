"""Placement Shared: many small indexes in one pool, each a tenant with an address of its own."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from e2e.cluster.namespace import Namespace, eventually

Json = dict[str, Any]


@pytest.fixture
def shared_spec(collection_spec: Json) -> Json:
    levels: Json = {"shortTerm": {}, "longTerm": {}}
    return {**collection_spec, "placement": "Shared", "deletionPolicy": "Delete", "levels": levels}


def ready(namespace: Namespace, name: str, spec: Json) -> Json:
    """Applies a collection and returns its addresses by level."""
    namespace.apply("ContextCollection", name, spec)
    address: Json = namespace.await_ready("ContextCollection", name)["status"]["address"]
    return address


def write(weaviate: httpx.Client, address: Json, *texts: str) -> None:
    for text in texts:
        body = {"class": address["alias"], "tenant": address["tenant"], "properties": {"text": text}}
        answer = weaviate.post("/objects", json=body)
        assert answer.is_success, answer.text


def found(weaviate: httpx.Client, address: Json) -> list[str]:
    where = f'(tenant: "{address["tenant"]}")'
    query = f"{{Get{{{address['alias']}{where}{{text}}}}}}"
    answer = weaviate.post("/graphql", json={"query": query}).json()
    assert not answer.get("errors"), answer
    return sorted(one["text"] for one in answer["data"]["Get"][address["alias"]])


def test_collections_of_one_shape_share_a_pool_and_see_nothing_of_each_other(
    namespace: Namespace, shared_spec: Json, weaviate: httpx.Client
) -> None:
    one, other = ready(namespace, "one", shared_spec), ready(namespace, "other", shared_spec)
    assert len({level["collection"] for level in (*one.values(), *other.values())}) == 1
    assert len({level["alias"] for level in (*one.values(), *other.values())}) == 4
    assert one["longTerm"]["tenant"] == f"{namespace.name}_one_longTerm"
    write(weaviate, one["longTerm"], "mine", "mine too")
    write(weaviate, other["longTerm"], "theirs")
    assert found(weaviate, one["longTerm"]) == ["mine", "mine too"]
    assert found(weaviate, other["longTerm"]) == ["theirs"]
    eventually(
        lambda: (namespace.get("ContextCollection", "one") or {})["status"]["counts"],
        lambda counts: counts == {"shortTerm": 0, "longTerm": 2},
    )


def test_a_pool_goes_with_its_last_tenant_and_not_before(
    namespace: Namespace, shared_spec: Json, weaviate: httpx.Client
) -> None:
    shared_spec["properties"] = [{"name": "only_here"}]  # a shape of its own
    one, other = ready(namespace, "one", shared_spec), ready(namespace, "other", shared_spec)
    pool = one["longTerm"]["collection"]
    write(weaviate, other["longTerm"], "stays")
    namespace.delete("ContextCollection", "one")
    eventually(lambda: namespace.get("ContextCollection", "one"), lambda body: body is None)
    for level in one.values():
        assert weaviate.get(f"/aliases/{level['alias']}").status_code == httpx.codes.NOT_FOUND
    tenants = {tenant["name"] for tenant in weaviate.get(f"/schema/{pool}/tenants").json()}
    assert tenants == {level["tenant"] for level in other.values()}
    assert found(weaviate, other["longTerm"]) == ["stays"]

    namespace.delete("ContextCollection", "other")
    eventually(lambda: namespace.get("ContextCollection", "other"), lambda body: body is None)
    assert weaviate.get(f"/schema/{pool}").status_code == httpx.codes.NOT_FOUND


def test_a_retained_tenant_is_taken_up_again_with_its_data(
    namespace: Namespace, shared_spec: Json, weaviate: httpx.Client
) -> None:
    shared_spec["deletionPolicy"] = "Retain"
    address = ready(namespace, "one", shared_spec)
    write(weaviate, address["longTerm"], "kept")
    namespace.delete("ContextCollection", "one")
    eventually(lambda: namespace.get("ContextCollection", "one"), lambda body: body is None)
    assert ready(namespace, "one", shared_spec) == address
    assert found(weaviate, address["longTerm"]) == ["kept"]
    assert "Conflict" not in {event["reason"] for event in namespace.all_of("Event")}
    namespace.apply("ContextCollection", "one", {**shared_spec, "deletionPolicy": "Delete"})


def test_a_hot_edit_of_the_policy_changes_the_pool_in_place_for_all_of_its_levels(
    namespace: Namespace, shared_spec: Json, weaviate: httpx.Client
) -> None:
    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 64}})
    shared_spec["levels"] = {"longTerm": {"indexPolicyRef": {"name": "careful"}}}
    one, other = ready(namespace, "one", shared_spec), ready(namespace, "other", shared_spec)
    namespace.apply("HNSWIndexPolicy", "careful", {"hnsw": {"ef": 96}})
    path = f"/schema/{one['longTerm']['collection']}"
    eventually(lambda: weaviate.get(path).json()["vectorIndexConfig"]["ef"], lambda ef: ef == 96)
    for name, address in (("one", one), ("other", other)):
        now = namespace.await_ready("ContextCollection", name)["status"]["address"]["longTerm"]
        assert now["collection"] == address["longTerm"]["collection"]
        assert "pending" not in now


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"placement": "Dedicated"}, "placement (Shared → Dedicated)"),
        ({"invertedIndex": {"bm25": {"b": 0.5}}}, "invertedIndexConfig.bm25.b"),
        ({"properties": [{"name": "author"}]}, "properties[author] (added)"),
    ],
    ids=["a collection of its own", "a setting that neighbours share", "a property that neighbours would get"],
)
def test_what_a_pool_cannot_take_in_place_waits_for_a_new_revision_and_is_said(
    namespace: Namespace, shared_spec: Json, weaviate: httpx.Client, change: Json, told: str
) -> None:
    address = ready(namespace, "one", shared_spec)
    write(weaviate, address["longTerm"], "kept")
    namespace.apply("ContextCollection", "one", {**shared_spec, **change})
    condition = namespace.await_reason("ContextCollection", "one", "MigrationRequired", "Stalled")
    assert told in condition["message"]
    status = (namespace.get("ContextCollection", "one") or {})["status"]["address"]["longTerm"]
    assert told in status["pending"]
    assert status["changeClass"] == "build"
    assert (status["alias"], status["tenant"]) == (address["longTerm"]["alias"], address["longTerm"]["tenant"])
    assert found(weaviate, address["longTerm"]) == ["kept"]
    assert ready(namespace, "one", shared_spec) == address


def test_a_dedicated_collection_that_asks_for_a_pool_stays_where_it_is(
    namespace: Namespace, shared_spec: Json, weaviate: httpx.Client
) -> None:
    dedicated = {**shared_spec, "placement": "Dedicated"}
    address = ready(namespace, "one", dedicated)["longTerm"]
    namespace.apply("ContextCollection", "one", shared_spec)
    condition = namespace.await_reason("ContextCollection", "one", "MigrationRequired", "Stalled")
    assert "placement (Dedicated → Shared)" in condition["message"]
    assert weaviate.get(f"/aliases/{address['alias']}").json()["class"] == address["collection"]


def test_a_tenant_deleted_behind_our_back_is_told_and_made_anew_only_on_request(
    namespace: Namespace, shared_spec: Json, weaviate: httpx.Client
) -> None:
    neighbour = ready(namespace, "neighbour", shared_spec)["longTerm"]
    write(weaviate, neighbour, "untouched")
    address = ready(namespace, "one", shared_spec)["longTerm"]
    path = f"/schema/{address['collection']}/tenants"
    assert weaviate.request("DELETE", path, json=[address["tenant"]]).is_success
    condition = namespace.await_reason("ContextCollection", "one", "CollectionMissing", "Stalled")
    assert address["tenant"] in condition["message"]
    namespace.apply("ContextCollection", "one", {**shared_spec, "lossPolicy": "Recreate"})
    namespace.await_ready("ContextCollection", "one")
    assert found(weaviate, address) == []
    assert "CollectionRecreated" in {event["reason"] for event in namespace.all_of("Event")}
    assert found(weaviate, neighbour) == ["untouched"]


def test_namespaces_share_a_pool_only_in_weaviate(
    namespaces: Callable[..., Namespace], model_spec: Json, weaviate: httpx.Client
) -> None:
    """Two namespaces with objects of one name: two aliases, two tenants; one deleted, the other stays."""
    spec = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}, "placement": "Shared"}
    addresses = []
    for home in (first := namespaces(), second := namespaces()):
        home.apply("EmbeddingModel", "minilm", model_spec)
        addresses.append(ready(home, "handbook", {**spec, "deletionPolicy": "Delete"})["longTerm"])
        write(weaviate, addresses[-1], home.name)
    assert addresses[0]["collection"] == addresses[1]["collection"]
    first.delete("ContextCollection", "handbook")
    eventually(lambda: first.get("ContextCollection", "handbook"), lambda body: body is None)
    assert found(weaviate, addresses[1]) == [second.name]
