"""Weaviate killed in the middle of a copy and in the middle of a freeze."""

import subprocess

import pytest

from e2e.cluster.cutover import Swapper
from e2e.cluster.namespace import eventually
from hirag_jobs.copying.comparison import compare
from tests.sidecars.hirag_jobs.copying.lostserver import Ground

BUDGET_MS = 2_000


def test_a_copy_waits_for_a_server_that_was_killed_and_goes_on(ground: Ground) -> None:
    ground.copy.fill(3_000)
    with subprocess.Popen(ground.program("--rate", "600"), stderr=subprocess.DEVNULL) as process:
        eventually(lambda: len(ground.copy.target), bool)
        ground.server.kill()
        ground.server.start()
        assert process.wait(120) == 0
    assert compare(ground.copy.way()).equal == 3_000


def test_a_freeze_that_a_restart_has_opened_is_not_believed_and_taken_anew(ground: Ground) -> None:
    ids = ground.copy.fill(300)
    alias = f"{ground.copy.source.name}_Alias"
    ground.copy.client.alias.create(alias_name=alias, target_collection=ground.copy.source.name)
    source, target = ground.copy.way().source, ground.copy.way().target
    with (
        subprocess.Popen(ground.program("--follow", "--no-verify")) as process,
        Swapper(ground.server.http_url, ground.notes) as swapper,
    ):
        eventually(
            lambda: ground.notes.told(target, "1/1"), lambda told: told is not None and told.phase == "following"
        )
        freeze = swapper.freeze(source, target, BUDGET_MS)
        swapper.sealed(target, freeze)
        ground.server.kill()
        ground.server.start()
        with pytest.raises(AssertionError, match="were opened meanwhile"):
            swapper.move(alias, source, target)
        ground.copy.source.data.update(ids[0], properties={"text": "in the freeze that was none"})
        swapper.thaw(source, target)
        swapper.cut_over(alias, source, target, budget_ms=BUDGET_MS)
        assert process.wait(60) == 0
    here, there = ground.copy.sides()
    assert here == there
