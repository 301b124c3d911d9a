"""A change of placement moves the data: from a collection of its own into a pool, and out again."""

from collections.abc import Callable

from e2e.cluster.namespace import eventually
from tests.operator.reconcile.migration.scene import Scene

FILLED = 400


def moved(scene: Scene, placement: str) -> None:
    """Have the placement changed and wait until nothing is left of where the data was."""
    before = scene.target()
    scene.apply(placement=placement)
    eventually(scene.target, lambda now: now != before, 90)
    scene.await_over()
    scene.tenant = scene.status["address"]["longTerm"].get("tenant")
    assert not scene.exists(before)


def test_a_collection_moves_into_a_pool_and_out_again_with_all_it_holds(scenes: Callable[..., Scene]) -> None:
    scene = scenes()
    scene.fill(FILLED)
    moved(scene, "Shared")
    assert scene.tenant is not None
    assert scene.target().startswith("HiragPool_")
    assert scene.count() == FILLED
    moved(scene, "Dedicated")
    assert scene.tenant is None
    assert scene.count() == FILLED
