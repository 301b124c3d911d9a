"""Ten thousand tenants in one object, of the longest names, on a real API server."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from hirag_operator.api import ContextCollection
from hirag_operator.api.collection_layout import MAX_TENANTS
from tests.operator.api.conftest import Registry
from tests.operator.api.manifests import Manifest, manifest

ETCD_BYTES = 1_572_864  # what etcd takes in one request


def collection(count: int) -> Manifest:
    tenants = [{"name": f"tenant-{number:05}".ljust(64, "x"), "state": "Inactive"} for number in range(count)]
    spec = {"multiTenancy": {"enabled": True, "tenants": tenants}}
    least = {"embeddingModelRef": {"name": "minilm"}, "levels": {"longTerm": {}}}
    return manifest("ContextCollection", {**least, **spec}, name="many")


@pytest.fixture
def created(registry: Registry) -> Iterator[Manifest]:
    found = registry.create(collection(MAX_TENANTS))
    yield found
    registry.delete(found)


def test_as_many_as_allowed_can_be_created_and_changed(created: Manifest, registry: Registry) -> None:
    assert len(created["spec"]["multiTenancy"]["tenants"]) == MAX_TENANTS
    created["spec"]["multiTenancy"]["tenants"][0]["state"] = "Active"
    assert registry.dry_replace(created).status_code == httpx.codes.OK


def test_as_many_as_allowed_can_be_applied_with_room_to_spare(established: ControlPlane) -> None:
    whole = json.dumps(collection(MAX_TENANTS))
    fewer = json.dumps(collection(MAX_TENANTS - 1000))
    try:
        for manifest_ in (whole, fewer, whole):
            established.kubectl("apply", "--server-side", "-f", "-", stdin=manifest_)
        stored = established.kubectl("get", "ctx", "many", "-o", "json", "--show-managed-fields")
    finally:
        established.kubectl("delete", "ctx", "many")

    body: dict[str, Any] = json.loads(stored)
    assert len(ContextCollection.from_wire(body).spec.multi_tenancy.tenants or []) == MAX_TENANTS
    assert len(json.dumps(body, separators=(",", ":"))) < 0.75 * ETCD_BYTES


def test_one_more_is_refused(registry: Registry) -> None:
    response = registry.dry_create(collection(MAX_TENANTS + 1))

    assert response.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert "spec.multiTenancy.tenants" in response.json()["message"]
    assert f"must have at most {MAX_TENANTS} items" in response.json()["message"]
