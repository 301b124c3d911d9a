"""A migration is carried through whenever the operator, a copy or Weaviate dies, and nothing is lost.

The operator really ends by SIGKILL, at every boundary between two steps of what a whole migration was seen to do. One
collection of each kind is migrated again and again, each time under writers and readers.
"""

from contextlib import suppress

import pytest

from e2e.cluster.errors import ServerExitedError
from e2e.cluster.namespace import eventually
from tests.operator.reconcile.migration import crashing
from tests.operator.reconcile.migration.stage import Stage


@pytest.fixture
def stage(whole_stage: Stage, request: pytest.FixtureRequest) -> Stage:
    """The stage, turned to the collection of a kind."""
    whole_stage.scene = whole_stage.scenes[getattr(request, "param", "Dedicated")]
    return whole_stage


@pytest.mark.parametrize(("stage", "steps"), crashing.WHOLE.items(), indirect=["stage"], ids=crashing.WHOLE)
def test_a_whole_migration_does_exactly_these_steps(stage: Stage, steps: tuple[str, ...]) -> None:
    with stage.migration():
        pass
    assert tuple(stage.operator.steps.read_text().split()) == steps


@pytest.mark.parametrize(("stage", "boundary"), crashing.BOUNDARIES, indirect=["stage"])
def test_an_operator_that_dies_loses_nothing_and_the_next_goes_on(stage: Stage, boundary: str) -> None:
    with stage.migration(boundary):
        pass


BACK = [
    *(("Dedicated", f"after {step}") for step in ("MigrationBegun", "ChildApplied", "WritesFrozen", "AliasSwapped")),
    ("Tenants", "after WritesFrozen"),
]


@pytest.mark.parametrize(("stage", "order"), BACK, indirect=["stage"])
def test_an_operator_that_dies_on_the_way_back_from_a_plan_that_is_not_wanted(stage: Stage, order: str) -> None:
    stage.rollback(order)


def test_writes_are_allowed_again_though_the_next_operator_dies_while_it_gives_up_a_freeze(stage: Stage) -> None:
    with stage.migration("after WritesFrozen"):
        stage.pods.kill()  # so that no copy can be sealed for ten seconds
        stage.operator.order.write_text("after FreezeEnded")
        with suppress(ServerExitedError):
            stage.operator.start()
        eventually(lambda: stage.operator.running, lambda running: not running)
        stage.operator.start()
        eventually(lambda: crashing.read_only(stage.scene.weaviate), lambda shards: not shards)
        assert "AliasSwapped" not in stage.operator.steps.read_text()


def test_writes_are_allowed_again_though_the_object_is_paused_by_then(stage: Stage) -> None:
    with stage.migration("after WritesFrozen"):
        stage.scene.apply(paused=True)
        stage.operator.start()
        eventually(lambda: crashing.read_only(stage.scene.weaviate), lambda shards: not shards)
        assert "AliasSwapped" not in stage.operator.steps.read_text()
        stage.scene.apply(paused=False)


@pytest.mark.parametrize("phase", ["copying", "checking"])
def test_a_copy_that_dies_at_work_is_made_again(stage: Stage, phase: str) -> None:
    with stage.migration():
        stage.await_copy(phase)
        stage.pods.kill()


@pytest.mark.parametrize("order", crashing.WITH_COPY)
def test_a_copy_and_the_operator_that_die_together_go_on_where_they_were(stage: Stage, order: str) -> None:
    with stage.migration(order):
        eventually(lambda: stage.pods.processes, bool)
        stage.pods.kill()


def test_weaviate_that_dies_while_objects_are_copied_is_copied_from_again(stage: Stage) -> None:
    with stage.migration(weaviate_dies=True):
        stage.await_copy("copying")
        stage.weaviate.kill()
        stage.weaviate.start()


@pytest.mark.parametrize("order", crashing.OF_ALL)
def test_weaviate_that_dies_opens_what_was_frozen_and_loses_no_write(stage: Stage, order: str) -> None:
    with stage.migration(order, weaviate_dies=True):
        stage.weaviate.kill()
        stage.weaviate.start()
