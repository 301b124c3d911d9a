"""Reading through the store: what costs a call, and that a write is seen at once by whoever reads next."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import config
from kubernetes.client import ApiClient, Configuration

from e2e.cluster.controlplane import ControlPlane
from hirag_operator.adapters.kubernetes import KubernetesAdapter
from hirag_operator.adapters.store import Coverage, Store
from hirag_operator.errors import Conflict
from hirag_operator.plan.children.owned import FIELD_MANAGER, MANAGED_BY, Owner
from hirag_operator.plan.steps import ApplyChild, DeleteChild

Json = dict[str, Any]
CRDS = Path(__file__).parents[3] / "crds"
NAMESPACE = "reading"
OWNER = Owner("ContextCollection", NAMESPACE, "handbook", "u-1")
SELECTOR = ",".join(f"{key}={value}" for key, value in OWNER.labels.items())
KINDS = {"HNSWIndexPolicy": Coverage(), "ConfigMap": Coverage(MANAGED_BY)}

_load_kube_config: Any = config.load_kube_config  # the client ships no types for it


class Desk:
    """An adapter whose store is synced, as after a listing that held nothing; `calls`: what was asked of the server."""

    def __init__(self, control_plane: ControlPlane, *, synced: bool = True) -> None:
        configuration = Configuration()
        _load_kube_config(config_file=str(control_plane.kubeconfig), client_configuration=configuration)
        configuration.retries = 0
        self.calls: list[str] = []
        self.store = Store(KINDS)
        for kind in KINDS if synced else ():
            self.store.settle(kind, None, set(), "1")
        self.adapter = KubernetesAdapter(
            ApiClient(configuration),
            field_manager=FIELD_MANAGER,
            store=self.store,
            observe=lambda operation, _seconds: self.calls.append(operation),
        )

    def asked(self) -> list[str]:
        """What was asked of the server since the last look."""
        asked, self.calls[:] = list(self.calls), []
        return asked

    def policy(self, name: str, **metadata: Any) -> Json:
        """Make a policy, and have the store hear of it."""
        body = {"apiVersion": "hirag.dev/v1alpha1", "kind": "HNSWIndexPolicy", "spec": {}}
        made = self.adapter.create({**body, "metadata": {"name": name, "namespace": NAMESPACE, **metadata}})
        self.asked()
        return made


def config_map(name: str, **data: str) -> Json:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": OWNER.labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


@pytest.fixture(scope="module")
def prepared(control_plane: ControlPlane) -> Iterator[ControlPlane]:
    for file in sorted(CRDS.glob("*.yaml")):
        control_plane.kubectl("apply", "--server-side", "--force-conflicts", "-f", str(file))
    control_plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
    control_plane.kubectl("get", "hirag", "--all-namespaces")  # waits for storage that is still being set up
    control_plane.kubectl("create", "namespace", NAMESPACE)
    yield control_plane
    control_plane.kubectl("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture
def desk(prepared: ControlPlane) -> Desk:
    return Desk(prepared)


def test_what_is_in_the_store_costs_no_call(desk: Desk) -> None:
    desk.policy("here")
    assert desk.adapter.get("HNSWIndexPolicy", NAMESPACE, "here") is not None
    assert desk.adapter.get("HNSWIndexPolicy", NAMESPACE, "not-there") is None, "all of the kind are watched"
    assert [one["metadata"]["name"] for one in desk.adapter.all_of("HNSWIndexPolicy")] == ["here"]
    assert desk.asked() == []


def test_what_an_object_of_a_wanted_name_is_without_our_label_is_asked_of_the_server(
    desk: Desk, prepared: ControlPlane
) -> None:
    prepared.kubectl("-n", NAMESPACE, "create", "configmap", "stranger")
    for _ in range(2):
        assert desk.adapter.get("ConfigMap", NAMESPACE, "stranger") is not None
        assert desk.asked() == ["get"]
    assert desk.adapter.all_of("ConfigMap", NAMESPACE, SELECTOR) == []
    assert desk.asked() == []
    names = {one["metadata"]["name"] for one in desk.adapter.all_of("ConfigMap", NAMESPACE)}
    assert "stranger" in names
    assert desk.asked() == ["list"], "only those with the label are watched"


def test_what_was_applied_is_read_without_a_call(desk: Desk) -> None:
    desk.adapter.apply(ApplyChild(config_map("applied", key="first")))
    desk.adapter.apply(ApplyChild(config_map("applied", key="second")))
    assert desk.asked() == ["apply", "apply"]
    assert (desk.adapter.get("ConfigMap", NAMESPACE, "applied") or {})["data"] == {"key": "second"}
    assert len(desk.adapter.all_of("ConfigMap", NAMESPACE, SELECTOR)) == 1
    desk.adapter.apply(DeleteChild("ConfigMap", NAMESPACE, "applied"))
    assert desk.adapter.all_of("ConfigMap", NAMESPACE, SELECTOR) == []
    assert desk.asked() == ["delete"]


def test_a_status_that_was_written_is_read_without_a_call(desk: Desk) -> None:
    desk.policy("reported")
    desk.adapter.patch_status("HNSWIndexPolicy", NAMESPACE, "reported", {"bindingCount": 3})
    found = (desk.adapter.get("HNSWIndexPolicy", NAMESPACE, "reported") or {})["status"]
    assert found == {"bindingCount": 3, "observedGeneration": -1}
    assert desk.asked() == ["patch_status"]


def test_what_a_finalizer_holds_stays_until_it_is_let_go(desk: Desk) -> None:
    desk.policy("held", finalizers=["hirag.dev/held"])
    desk.adapter.delete("HNSWIndexPolicy", NAMESPACE, "held")
    held = desk.adapter.get("HNSWIndexPolicy", NAMESPACE, "held")
    assert held is not None
    assert held["metadata"]["deletionTimestamp"]
    version = held["metadata"]["resourceVersion"]
    desk.adapter.set_finalizers("HNSWIndexPolicy", NAMESPACE, "held", [], version)
    desk.adapter.patch_status("HNSWIndexPolicy", NAMESPACE, "held", {"bindingCount": 3})
    assert desk.adapter.get("HNSWIndexPolicy", NAMESPACE, "held") is None, "the server said that it is gone"


def test_who_lost_a_race_sees_what_won(desk: Desk, prepared: ControlPlane) -> None:
    version = desk.policy("contested")["metadata"]["resourceVersion"]
    prepared.kubectl("-n", NAMESPACE, "label", "hnsw", "contested", "team=search")
    with pytest.raises(Conflict):
        desk.adapter.set_finalizers("HNSWIndexPolicy", NAMESPACE, "contested", ["hirag.dev/held"], version)
    seen = desk.adapter.get("HNSWIndexPolicy", NAMESPACE, "contested") or {}
    assert seen["metadata"]["labels"] == {"team": "search"}


def test_before_the_first_listing_is_over_the_server_is_asked(desk: Desk, prepared: ControlPlane) -> None:
    desk.policy("asked")
    early = Desk(prepared, synced=False)
    assert early.adapter.get("HNSWIndexPolicy", NAMESPACE, "asked") is not None
    assert early.adapter.get("HNSWIndexPolicy", NAMESPACE, "nothing") is None
    assert early.asked() == ["get", "get"]
