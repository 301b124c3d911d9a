"""A collection with tenants of its own gets another index under writers: tenants in use, asleep, new and removed."""

from collections.abc import Callable
from typing import Any

import pytest

from e2e.cluster.namespace import eventually
from tests.operator.reconcile.migration.scene import Scene, grown

FILLED = 200
ALL = ("busy", "quiet", "sleeper")


@pytest.mark.parametrize("wakes", [False, True], ids=["woken by hand", "woken by a write"])
def test_a_change_of_the_index_carries_all_tenants_and_leaves_them_as_awake_as_they_were(
    scenes: Callable[..., Scene], *, wakes: bool
) -> None:
    scene = _scene(scenes, autoActivation=wakes)
    scene.tenant = "busy"
    with scene.traffic(60) as traffic:
        grown(lambda: traffic.written)
        scene.apply({"hnsw": {"efConstruction": 80}})
        scene.await_index(80)
        grown(lambda: traffic.written)
    assert not scene.exists(scene.first)
    scene.require_well(traffic, FILLED)
    assert _states(scene) == {"busy": "HOT", "quiet": "HOT", "sleeper": "COLD"}
    assert _automatic(scene) == {"autoTenantActivation": wakes, "autoTenantCreation": False}
    for name in ("quiet", "sleeper"):
        assert _count(scene, name) == FILLED


def test_tenants_that_are_declared_and_removed_on_the_way_come_and_go(scenes: Callable[..., Scene]) -> None:
    scene = _scene(scenes)
    scene.apply({"hnsw": {"efConstruction": 80}}, migration={"soak": "0s", "verify": {"minRecall": 1.0}})
    scene.apply(multiTenancy=_tenancy({"busy": "Active", "sleeper": "Inactive", "newborn": "Active"}))
    scene.await_index(80)
    eventually(lambda: _states(scene), lambda found: found == {"busy": "HOT", "sleeper": "COLD", "newborn": "HOT"})
    assert _count(scene, "sleeper") == FILLED


def test_in_the_soak_all_tenants_return_with_what_was_written_since(scenes: Callable[..., Scene]) -> None:
    scene = _scene(scenes, autoActivation=True)
    scene.tenant = "busy"
    scene.apply(migration={"soak": "1h"})
    with scene.traffic(60) as traffic:
        scene.apply({"hnsw": {"efConstruction": 80}})
        told = scene.await_phase("Soaking")
        grown(lambda: traffic.written)
        scene.apply({"hnsw": {"efConstruction": 64}})
        eventually(scene.target, lambda found: found == scene.first, 90)
        grown(lambda: traffic.written)
        scene.apply(migration={"soak": "0s"})
        scene.await_over()
    assert (told["tenants"], told["tenantsDone"]) == (3, 3)
    scene.require_well(traffic, FILLED)
    assert _states(scene) == {"busy": "HOT", "quiet": "HOT", "sleeper": "COLD"}
    assert _automatic(scene)["autoTenantActivation"]


def test_taken_back_on_the_way_nothing_is_left_of_it(scenes: Callable[..., Scene]) -> None:
    scene = _scene(scenes)
    scene.apply({"hnsw": {"efConstruction": 80}}, migration={"soak": "1h", "approval": "Auto"})
    scene.await_phase("Copying", "Checking", "CatchingUp", "Swapping", "Soaking")
    scene.apply({"hnsw": {"efConstruction": 64}}, migration={"soak": "0s"})
    scene.await_index(64)
    assert scene.collections() == [scene.target()]
    assert _states(scene) == {"busy": "HOT", "quiet": "HOT", "sleeper": "COLD"}
    assert [_count(scene, name) for name in ALL] == [FILLED] * 3


def _scene(scenes: Callable[..., Scene], **tenancy: Any) -> Scene:
    """Three tenants that are filled, one of which sleeps."""
    scene = scenes(multiTenancy=_tenancy(dict.fromkeys(ALL, "Active"), **tenancy))
    for seed, name in enumerate(ALL):
        scene.tenant = name
        scene.fill(FILLED, seed)
    scene.tenant = None
    sleeping = {"busy": "Active", "quiet": "Active", "sleeper": "Inactive"}
    scene.apply(multiTenancy=_tenancy(sleeping, **tenancy))
    if tenancy.get("autoActivation"):  # then it is for whoever uses a tenant to put it to sleep
        scene.weaviate.put(
            f"/schema/{scene.first}/tenants", json=[{"name": "sleeper", "activityStatus": "INACTIVE"}]
        ).raise_for_status()
    eventually(lambda: _states(scene), lambda found: found["sleeper"] == "COLD")
    return scene


def _tenancy(states: dict[str, str], **further: Any) -> dict[str, Any]:
    tenants = [{"name": name, "state": state} for name, state in states.items()]
    return {"enabled": True, "tenants": tenants, "removal": {"policy": "Delete", "maxPercent": 100}, **further}


def _states(scene: Scene) -> dict[str, str]:
    found = scene.weaviate.get(f"/schema/{scene.target()}/tenants").raise_for_status().json()
    return {one["name"]: one["activityStatus"] for one in found}


def _automatic(scene: Scene) -> dict[str, bool]:
    found = scene.weaviate.get(f"/schema/{scene.target()}").raise_for_status().json()["multiTenancyConfig"]
    return {name: found[name] for name in ("autoTenantActivation", "autoTenantCreation")}


def _count(scene: Scene, name: str) -> int:
    """The objects of a tenant, which is woken for it."""
    where = f"/schema/{scene.target()}/tenants"
    scene.weaviate.put(where, json=[{"name": name, "activityStatus": "ACTIVE"}]).raise_for_status()
    scene.tenant, before = name, scene.tenant
    try:
        return scene.count()
    finally:
        scene.tenant = before
