"""Taking a change back: before the swap nothing has happened; in the soak what was written since comes along."""

from collections.abc import Callable

from e2e.cluster.namespace import eventually
from hirag_operator.plan.collection.migration.notes import freeze_about
from hirag_operator.plan.moves import Holder
from tests.operator.reconcile.migration.crashing import note
from tests.operator.reconcile.migration.scene import Scene, grown

FILLED = 600
FIRST, SECOND, THIRD = ({"hnsw": {"efConstruction": number}} for number in (64, 80, 96))
LONG_SOAK = {"migration": {"soak": "1h"}}
NO_SOAK = {"migration": {"soak": "0s"}}
BLIND = {"hnsw": {"efConstruction": 8, "maxConnections": 4, "ef": 8, "dynamicEf": {"min": 8, "max": 8, "factor": 1}}}


def test_a_change_that_is_taken_back_leaves_nothing_behind(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration={"approval": "Auto", "verify": {"minRecall": 1}, "soak": "0s"})
    scene.fill(FILLED)
    with scene.traffic() as traffic:
        scene.apply(BLIND)  # which does not verify, so it cannot be swapped before it is taken back
        shadow = str(scene.await_phase("Copying", "Checking", "CatchingUp", "Failed")["target"])
        scene.apply(FIRST)
        scene.await_over()
        eventually(lambda: scene.exists(shadow), lambda there: not there)
    assert scene.target() == scene.first
    assert scene.jobs() == []
    assert note(scene.weaviate, freeze_about(Holder(shadow)))["source"] == ""
    scene.require_well(traffic, FILLED)


def test_another_change_on_the_way_is_what_is_reached(scenes: Callable[..., Scene]) -> None:
    scene = scenes()
    scene.fill(FILLED)
    with scene.traffic() as traffic:
        scene.apply(SECOND)
        shadow = str(scene.await_phase("Copying", "Checking", "CatchingUp")["target"])
        scene.apply(THIRD)
        scene.await_index(96)
    assert not scene.exists(shadow)
    scene.require_well(traffic, FILLED)


def test_in_the_soak_the_old_revision_returns_with_all_that_was_written_since(scenes: Callable[..., Scene]) -> None:
    scene = scenes(**LONG_SOAK)
    scene.fill(FILLED)
    with scene.traffic() as traffic:
        scene.apply(SECOND)
        second = str(scene.await_phase("Soaking")["target"])
        grown(lambda: traffic.written)
        scene.apply(FIRST)
        eventually(scene.target, lambda found: found == scene.first, 90)
        grown(lambda: traffic.written)
    scene.require_well(traffic, FILLED)
    assert scene.await_phase("Soaking")["source"] == second
    scene.apply(**NO_SOAK)
    scene.await_over()
    assert not scene.exists(second)


def test_a_previous_revision_is_kept_for_as_long_as_that_is_declared(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration={"soak": "0s", "keepPrevious": True})
    scene.fill(FILLED)
    scene.apply(SECOND)
    assert scene.await_phase("Kept")["source"] == scene.first
    assert scene.exists(scene.first)
    scene.apply(**NO_SOAK)
    scene.await_over()
    assert not scene.exists(scene.first)
