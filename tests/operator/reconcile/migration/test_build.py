"""A change that needs a new index is carried through under writers and readers, and taken back at any point."""

from collections.abc import Callable

from tests.operator.reconcile.migration.scene import Scene

FILLED = 1500


def test_a_change_of_the_index_is_carried_through_and_loses_nothing(scenes: Callable[..., Scene]) -> None:
    scene = scenes()
    scene.fill(FILLED)
    with scene.traffic() as traffic:
        scene.apply({"hnsw": {"efConstruction": 80}})
        scene.await_index(80)
    assert not scene.exists(scene.first)
    scene.require_well(traffic, FILLED)
