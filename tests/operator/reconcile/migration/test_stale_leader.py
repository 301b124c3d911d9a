"""A leader that stops in the middle of a swap, and wakes when another has led for long, changes nothing any more."""

import signal
from pathlib import Path

import pytest

from e2e.cluster.namespace import eventually
from tests.operator.reconcile.migration import crashing
from tests.operator.reconcile.migration.stage import FILLED, Stage


@pytest.mark.parametrize("boundary", ["after FreezeAnnounced", "after WritesFrozen", "after CopySealed"])
def test_a_leader_that_wakes_in_a_freeze_of_long_ago_swaps_nothing(
    whole_stage: Stage, tmp_path: Path, boundary: str
) -> None:
    stage, scene = whole_stage, whole_stage.scenes["Dedicated"]
    stage.scene = scene
    stage.begin_anew()
    number = stage.next_index()
    source = scene.target()
    stale, heir = stage.operators(tmp_path, "stale", "heir")
    with stage.traffic() as traffic, stale:
        stale.order.write_text(f"{crashing.STOPS}{boundary}")
        scene.apply({"hnsw": {"efConstruction": number}})
        eventually(stale.order.exists, lambda waits: not waits, 120)
        with heir:
            scene.await_index(number)
            serving, done = scene.target(), stale.steps.read_text()
            stale.signal(signal.SIGCONT)
            eventually(lambda: "leading_ended" in stale.log.read_text(), bool)
            written = traffic.written
            eventually(lambda: traffic.written, lambda count: count > written + 30)
            more = stale.steps.read_text().removeprefix(done).split()
            # What its heir has removed by then takes no writes without anybody's doing.
            assert more == [] or (more, scene.exists(source)) == (["WritesFrozen"], False)
            assert (scene.target(), crashing.read_only(scene.weaviate)) == (serving, [])
    scene.require_well(traffic, FILLED)
