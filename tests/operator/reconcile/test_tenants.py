"""Tenants of a collection of its own: made, kept in their state, chosen by namespaces, and removed with great care."""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.operator.reconcile.conftest import install_crds

Json = dict[str, Any]


class Tenanted:
    """A ContextCollection with tenants, and what Weaviate has of them."""

    def __init__(self, namespace: Namespace, spec: Json, weaviate: httpx.Client) -> None:
        self.namespace = namespace
        self.spec = spec
        self._weaviate = weaviate

    def declare(self, tenants: Iterable[str] | Mapping[str, str] | None = None, **tenancy: Any) -> None:
        """Apply the collection; `tenants` are names, or names with states."""
        if isinstance(tenants, Mapping):
            tenancy["tenants"] = [{"name": name, "state": state} for name, state in tenants.items()]
        elif tenants is not None:
            tenancy["tenants"] = [{"name": name} for name in tenants]
        self.namespace.apply(
            "ContextCollection", "handbook", {**self.spec, "multiTenancy": {"enabled": True, **tenancy}}
        )

    def ready(self) -> Json:
        """Wait until the collection is ready; return its status."""
        status: Json = self.namespace.await_ready("ContextCollection", "handbook")["status"]
        return status

    def stalled(self, reason: str) -> str:
        """Wait until the collection stalls for a reason; return the message."""
        message: str = self.namespace.await_reason("ContextCollection", "handbook", reason, "Stalled")["message"]
        return message

    def address(self) -> Json:
        body = self.namespace.get("ContextCollection", "handbook") or {}
        address: Json = body["status"]["address"]["longTerm"]
        return address

    def states(self) -> dict[str, str]:
        """Return the tenants in Weaviate with their states."""
        path = f"/schema/{self.address()['collection']}/tenants"
        return {one["name"]: one["activityStatus"] for one in self._weaviate.get(path).json()}

    def become(self, expected: Mapping[str, str]) -> None:
        """Wait until Weaviate has exactly these tenants."""
        eventually(self.states, lambda states: states == expected)

    def change(self, method: str, body: Any) -> None:
        """Change tenants by hand."""
        path = f"/schema/{self.address()['collection']}/tenants"
        answer = self._weaviate.request(method, path, json=body)
        assert answer.is_success, answer.text

    def write(self, tenant: str) -> None:
        """Write an object into a tenant through the alias."""
        body = {"class": self.address()["alias"], "tenant": tenant, "properties": {"text": f"of {tenant}"}}
        answer = self._weaviate.post("/objects", json=body)
        assert answer.is_success, answer.text

    def texts(self, tenant: str) -> list[str]:
        """Read a tenant through the alias."""
        query = f'{{Get{{{self.address()["alias"]}(tenant:"{tenant}"){{text}}}}}}'
        found = self._weaviate.post("/graphql", json={"query": query}).json()
        return [one["text"] for one in found["data"]["Get"][self.address()["alias"]]]


@pytest.fixture
def tenanted(namespace: Namespace, collection_spec: Json, weaviate: httpx.Client) -> Tenanted:
    return Tenanted(namespace, collection_spec, weaviate)


def _named(count: int) -> list[str]:
    return [f"tenant-{number:04}" for number in range(count)]


def _hot(names: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(names, "HOT")


def test_tenants_are_made_in_their_states_and_what_nobody_declares_is_left_alone(tenanted: Tenanted) -> None:
    tenanted.declare({"acme": "Active", "archive": "Inactive"})
    tenanted.ready()
    assert tenanted.states() == {"acme": "HOT", "archive": "COLD"}
    tenanted.declare(["acme", "newcomer"])
    assert tenanted.ready()["phase"] == "Ready"
    tenanted.become({"acme": "HOT", "archive": "COLD", "newcomer": "HOT"})
    counts = tenanted.ready()["tenants"]["longTerm"]
    assert counts == {"active": 2, "inactive": 1, "offloaded": 0, "moving": 0, "undeclared": 1}


def test_a_state_changed_by_hand_is_put_back(tenanted: Tenanted) -> None:
    tenanted.declare({"acme": "Active", "archive": "Inactive"})
    tenanted.ready()
    tenanted.change("PUT", [{"name": "acme", "activityStatus": "INACTIVE"}])
    tenanted.become({"acme": "HOT", "archive": "COLD"})


def test_a_tenant_deleted_by_hand_is_lost_data_and_made_anew_only_on_request(tenanted: Tenanted) -> None:
    tenanted.declare(["acme", "archive"])
    tenanted.ready()
    tenanted.change("DELETE", ["archive"])
    assert "1 tenants (archive) of longTerm were deleted" in tenanted.stalled("CollectionMissing")
    assert tenanted.states() == {"acme": "HOT"}
    tenanted.spec["lossPolicy"] = "Recreate"
    tenanted.declare(["acme", "archive"])
    tenanted.become({"acme": "HOT", "archive": "HOT"})
    tenanted.ready()


def test_a_tenant_that_use_has_woken_is_left_awake(tenanted: Tenanted) -> None:
    tenanted.declare({"archive": "Inactive"}, autoActivation=True)
    tenanted.ready()
    assert tenanted.states() == {"archive": "COLD"}
    tenanted.write("archive")
    eventually(lambda: tenanted.ready()["tenants"]["longTerm"]["active"], lambda active: active == 1)
    assert tenanted.states() == {"archive": "HOT"}
    tenanted.declare({"archive": "Inactive"}, autoActivation=False)
    tenanted.become({"archive": "COLD"})


def test_a_state_that_the_server_does_not_have_is_said_in_its_words(tenanted: Tenanted) -> None:
    tenanted.declare({"acme": "Active", "archive": "Offloaded"})
    assert "offload-s3 module is not enabled" in tenanted.stalled("WeaviateRefused")
    tenanted.become({"acme": "HOT", "archive": "COLD"})
    tenanted.declare({"acme": "Active", "archive": "Inactive"})
    tenanted.ready()


def test_a_tenant_goes_with_its_data_only_where_its_removal_is_asked_for(tenanted: Tenanted) -> None:
    names = _named(10)
    tenanted.declare(names)
    tenanted.ready()
    tenanted.write(names[0])
    tenanted.declare(names[:8], removal={"policy": "Delete"})
    tenanted.ready()
    tenanted.become(_hot(names[:8]))
    assert tenanted.texts(names[0]) == [f"of {names[0]}"]
    assert "TenantsRemoved" in {event["reason"] for event in tenanted.namespace.all_of("Event")}


def test_too_many_tenants_at_once_are_not_removed_until_that_is_said_explicitly(tenanted: Tenanted) -> None:
    names = _named(10)
    tenanted.declare(names)
    tenanted.ready()
    tenanted.write(names[9])
    tenanted.declare([*names[:5], "newcomer"], removal={"policy": "Delete"})
    message = tenanted.stalled("TenantRemovalHeld")
    assert "spec.multiTenancy.removal.maxPercent is 20, so none is removed" in message
    tenanted.become(_hot([*names, "newcomer"]))
    assert tenanted.texts(names[9]) == [f"of {names[9]}"]

    tenanted.declare([*names[:5], "newcomer"], removal={"policy": "Delete", "maxPercent": 50})
    tenanted.ready()
    tenanted.become(_hot([*names[:5], "newcomer"]))


def test_an_empty_list_removes_nothing_by_accident(tenanted: Tenanted) -> None:
    tenanted.declare(["only"])
    tenanted.ready()
    tenanted.write("only")
    tenanted.declare([], removal={"policy": "Delete", "maxPercent": 99})
    assert "1 of 1 tenants" in tenanted.stalled("TenantRemovalHeld")
    assert tenanted.texts("only") == ["of only"]
    tenanted.declare(["only"], removal={"policy": "Delete"})
    tenanted.ready()
    assert tenanted.texts("only") == ["of only"]


def test_a_tenant_declared_twice_is_said_and_nothing_is_made_of_it(tenanted: Tenanted) -> None:
    tenanted.declare(["acme"])
    tenanted.ready()
    tenanted.declare(["acme", "twice", "twice"])
    assert "spec.multiTenancy.tenants names twice more than once; keep one" in tenanted.stalled("InvalidSpec")
    assert tenanted.states() == {"acme": "HOT"}
    tenanted.declare(["acme", "twice"])
    tenanted.ready()
    tenanted.become(_hot(["acme", "twice"]))


def test_two_thousand_tenants_come_and_four_hundred_go_in_one_reconcile_each(tenanted: Tenanted) -> None:
    names = _named(2000)
    tenanted.declare(names, removal={"policy": "Delete"})
    tenanted.ready()
    assert tenanted.states() == _hot(names)
    tenanted.declare(names[400:], removal={"policy": "Delete"})
    tenanted.ready()
    tenanted.become(_hot(names[400:]))
    told = " ".join(event["note"] for event in tenanted.namespace.all_of("Event"))
    collection = tenanted.address()["collection"]
    assert told.count(f"Created 2000 tenants in collection {collection}.") == 1
    assert told.count(f"Removed 400 tenants from collection {collection}.") == 1


def test_namespaces_that_are_selected_and_agree_become_tenants(
    tenanted: Tenanted, namespaces: Callable[..., Namespace], control_plane: ControlPlane
) -> None:
    home = tenanted.namespace.name
    agrees = {"hirag.dev/tenants-of": home}
    gold = {"namespaceSelector": {"matchLabels": {f"tier-of-{home}": "gold"}}}
    first, second = (namespaces(**{**agrees, f"tier-of-{home}": "gold"}).name for _ in range(2))
    shy = namespaces(**{f"tier-of-{home}": "gold"}).name
    iron = namespaces(**{**agrees, f"tier-of-{home}": "iron"}).name

    tenanted.declare({"declared": "Active", second: "Inactive"}, tenantsFrom=gold, removal={"policy": "Delete"})
    tenanted.ready()
    tenanted.become({"declared": "HOT", first: "HOT", second: "COLD"})
    body = str(tenanted.namespace.get("ContextCollection", "handbook"))
    assert shy not in body
    assert iron not in body

    control_plane.kubectl("label", "namespace", iron, f"tier-of-{home}=gold", "--overwrite")
    tenanted.become({"declared": "HOT", first: "HOT", second: "COLD", iron: "HOT"})
    tenanted.write(iron)
    control_plane.kubectl("label", "namespace", iron, "hirag.dev/tenants-of-")
    tenanted.become({"declared": "HOT", first: "HOT", second: "COLD"})


def test_a_selector_that_finds_nobody_removes_nobody(tenanted: Tenanted, namespaces: Callable[..., Namespace]) -> None:
    home = tenanted.namespace.name
    guests = [namespaces(**{"hirag.dev/tenants-of": home}).name for _ in range(3)]
    selected = {"matchExpressions": [{"key": "hirag.dev/tenants-of", "operator": "Exists"}]}
    tenanted.declare(tenantsFrom={"namespaceSelector": selected}, removal={"policy": "Delete"})
    tenanted.ready()
    tenanted.become(_hot(guests))
    misspelt = {"matchExpressions": [{"key": "hirag.dev/tenant-of", "operator": "Exists"}]}
    tenanted.declare(tenantsFrom={"namespaceSelector": misspelt}, removal={"policy": "Delete"})
    assert "3 of 3 tenants" in tenanted.stalled("TenantRemovalHeld")
    assert tenanted.states() == _hot(guests)


def test_a_namespace_that_does_not_agree_is_never_found_out(
    tenanted: Tenanted, namespaces: Callable[..., Namespace]
) -> None:
    """Neither by selecting all, nor by the label that every namespace carries, nor by the consent given to another."""
    home = tenanted.namespace.name
    shy = namespaces().name
    others = namespaces(**{"hirag.dev/tenants-of": shy}).name
    names = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": [home, shy, others, "kube-system"]}
    for selector in ({}, {"matchExpressions": [names]}):
        tenanted.declare(tenantsFrom={"namespaceSelector": selector})
        tenanted.ready()
        tenanted.become(_hot([home]))
    body = str((tenanted.namespace.get("ContextCollection", "handbook") or {})["status"])
    assert shy not in body
    assert others not in body


def test_an_operator_of_some_namespaces_finds_tenants_among_those_alone(
    toolchain: Toolchain, weaviate_server: WeaviateServer, weaviate: httpx.Client, model_spec: Json
) -> None:
    with ControlPlane(toolchain) as control_plane:
        install_crds(control_plane)
        agrees = {"hirag.dev/tenants-of": "home"}
        home = Namespace(control_plane, "home")
        for name in ("watched", "elsewhere"):
            Namespace(control_plane, name, agrees)
        settings = {
            "HIRAG_OPERATOR_NAMESPACES": json.dumps(["home", "watched"]),
            "HIRAG_OPERATOR_INSTANCE": f"some-{uuid.uuid4().hex[:8]}",
            "HIRAG_OPERATOR_RESYNC_SECONDS": "2",
        }
        with OperatorProcess(control_plane, {"default": {"http_url": weaviate_server.http_url}}, env=settings):
            home.apply("EmbeddingModel", "minilm", model_spec)
            spec = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}, "deletionPolicy": "Delete"}
            tenanted = Tenanted(home, spec, weaviate)
            tenanted.declare(tenantsFrom={"namespaceSelector": {}})
            tenanted.ready()
            tenanted.become(_hot(["home", "watched"]))
            home.delete("ContextCollection", "handbook")
            eventually(lambda: home.get("ContextCollection", "handbook"), lambda body: body is None)
