"""One level moves from pool to pool while its neighbours are written to, and many that share a policy move in turn."""

from collections.abc import Callable
from typing import Any

from e2e.cluster.namespace import eventually
from tests.operator.reconcile.migration.scene import Scene, grown

FILLED = 500
SHARED: dict[str, Any] = {"placement": "Shared"}


def test_a_level_leaves_its_pool_and_its_neighbour_notices_nothing(scenes: Callable[..., Scene]) -> None:
    stays = scenes(**SHARED)
    goes = scenes(**SHARED, levels={"longTerm": {"indexPolicyRef": {"name": stays.name}}})
    assert goes.target() == stays.target()
    goes.fill(FILLED)
    stays.fill(FILLED)
    with stays.traffic(60) as beside, goes.traffic(60) as traffic:
        goes.index = {"hnsw": {"efConstruction": 80}}
        goes.apply(levels={"longTerm": {"indexPolicyRef": {"name": goes.name}}})
        goes.await_index(80)
    assert stays.target() == stays.first
    goes.require_well(traffic, FILLED)
    stays.require_well(beside, FILLED)
    assert beside.ledger.refused == 0


def test_in_the_soak_a_level_returns_to_its_pool_with_all_that_was_written_since(scenes: Callable[..., Scene]) -> None:
    scene = scenes(**SHARED, migration={"soak": "1h"})
    scene.fill(FILLED)
    with scene.traffic(60) as traffic:
        scene.apply({"hnsw": {"efConstruction": 80}})
        other = str(scene.await_phase("Soaking")["target"]).partition("/")[0]
        grown(lambda: traffic.written)
        scene.apply({"hnsw": {"efConstruction": 64}})
        eventually(scene.target, lambda found: found == scene.first, 90)
        grown(lambda: traffic.written)
    scene.require_well(traffic, FILLED)
    scene.apply(migration={"soak": "0s"})
    scene.await_over()
    eventually(lambda: scene.exists(other), lambda there: not there)
    assert scene.exists(scene.first)


def test_a_pool_goes_with_the_last_level_that_leaves_it(scenes: Callable[..., Scene]) -> None:
    scene = scenes(**SHARED)
    scene.fill(20)
    scene.apply({"hnsw": {"efConstruction": 80}})
    scene.await_index(80)
    eventually(lambda: scene.exists(scene.first), lambda there: not there)


def test_where_a_policy_changes_no_other_goes_before_the_smallest_collection(scenes: Callable[..., Scene]) -> None:
    first = scenes()
    policy = {"longTerm": {"indexPolicyRef": {"name": first.name}}}
    others = [scenes(levels=policy) for _ in range(3)]
    for number, scene in enumerate((first, *others), start=1):
        scene.fill(100 * number)
    eventually(lambda: [scene.status.get("objects") for scene in (first, *others)], lambda found: None not in found)
    first.apply({"hnsw": {"efConstruction": 80}})
    queued = others[0].await_phase("Queued")
    assert queued["source"] == others[0].first
    assert first.name in others[0].ready()["message"]

    def arrived() -> bool:
        assert first.target() != first.first or all(scene.target() == scene.first for scene in others)
        return all(scene.ef_construction() == 80 for scene in (first, *others))

    eventually(arrived, bool, 120)
    for number, scene in enumerate((first, *others), start=1):
        scene.await_over()
        assert scene.count() == 100 * number
