"""The writes that lead from one snapshot to another."""

from collections.abc import Mapping
from typing import Any

import pytest

from e2e.bench.converge.single import percentile
from e2e.bench.converge.tape import PerCall, Snapshot, tape

Json = dict[str, Any]

HUNDREDS = PerCall(100, 100)
PATH = "/apis/hirag.dev/v1alpha1/namespaces/team-a/contextcollections/handbook"
MAP = "/api/v1/namespaces/team-a/configmaps/handbook-address"
EVENT = "/apis/events.k8s.io/v1/namespaces/team-a/events/handbook.1"
PLAIN = {"class": "Plain", "vectorIndexConfig": {"ef": 100}, "multiTenancyConfig": {"enabled": False}}
POOL = {"class": "Pool", "multiTenancyConfig": {"enabled": True}}
METADATA: Json = {"name": "handbook", "namespace": "team-a", "uid": "u1", "resourceVersion": "7"}
HELD: Json = {**METADATA, "finalizers": ["hirag.dev/finalizer"]}


def world(**parts: Mapping[str, Any]) -> Snapshot:
    names = ("objects", "children", "events", "classes", "aliases", "tenants")
    return Snapshot(**{name: parts.get(name, {}) for name in names})


def collection(address: Json, **metadata: Any) -> dict[str, Json]:
    return {PATH: {"metadata": {**HELD, **metadata}, "spec": {"levels": {}}, "status": {"address": address}}}


def dedicated(ef: int = 100) -> Snapshot:
    return world(
        objects=collection({"longTerm": {"alias": "A", "collection": "Plain"}}),
        children={MAP: {"metadata": {"name": "handbook-address", "ownerReferences": [{"uid": "u1"}]}, "data": {}}},
        events={EVENT: {"metadata": {"name": "handbook.1"}, "regarding": {"uid": "u1"}}},
        classes={"Plain": {**PLAIN, "vectorIndexConfig": {"ef": ef}}},
        aliases={"A": "Plain"},
    )


def shared(tenant: str) -> Snapshot:
    return world(
        objects=collection({"longTerm": {"alias": "A", "tenant": tenant}}),
        classes={"Pool": POOL},
        aliases={"A": "Pool"},
        tenants={"Pool": {"somebody": "HOT", tenant: "HOT"}},
    )


def done(before: Snapshot, after: Snapshot, per_call: PerCall = HUNDREDS) -> list[str]:
    return [write.do for write in tape(before, after, per_call)]


def test_a_new_collection_is_applied_held_made_and_reported() -> None:
    assert done(world(), dedicated()) == ["apply", "finalize", "class", "alias", "child", "status", "event"]


def test_what_did_not_change_is_not_written() -> None:
    assert done(dedicated(), dedicated()) == []


def test_a_resource_version_is_no_change() -> None:
    before = dedicated()
    again = world(**{**vars(before), "objects": collection(before.objects[PATH]["status"]["address"], generation=9)})
    assert done(before, again) == []


def test_a_hot_change_is_an_update_of_what_differs_alone() -> None:
    (write,) = tape(dedicated(100), dedicated(200))
    assert (write.do, write.path, write.body) == ("update", "/schema/Plain", {"vectorIndexConfig": {"ef": 200}})


def test_a_tenant_of_a_pool_is_the_one_of_the_address_alone() -> None:
    tenants = [write.body for write in tape(world(), shared("mine")) if write.do == "tenants"]
    assert tenants == [[{"name": "mine", "activityStatus": "HOT"}]]


@pytest.mark.parametrize(("per_call", "calls"), [(100, 3), (150, 2), (1000, 1)])
def test_tenants_of_ones_own_go_in_parts_of_the_operators_size(per_call: int, calls: int) -> None:
    own = {"longTerm": {"alias": "A"}}
    parts: dict[str, Json] = {"objects": collection(own), "classes": {"Pool": POOL}, "aliases": {"A": "Pool"}}
    before = world(**parts, tenants={"Pool": {}})
    after = world(**parts, tenants={"Pool": {f"t{i}": "HOT" for i in range(250)}})
    assert done(before, after, PerCall(made=per_call)) == ["tenants"] * calls
    assert done(after, before, PerCall(dropped=per_call)) == ["drop"] * calls


@pytest.mark.parametrize(("share", "value"), [(0.5, 2.0), (0.75, 3.0), (0.99, 4.0), (1.0, 4.0), (0.01, 1.0)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == value
