"""An adoption is carried through whenever the operator, its Job or Weaviate dies, and nothing is lost.

The operator really ends by SIGKILL, at every boundary between two steps of what a whole adoption was seen to do.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

import pytest

from e2e.cluster.errors import ServerExitedError
from e2e.cluster.namespace import eventually
from e2e.cluster.podrunner import JobPods
from e2e.cluster.weaviate import WeaviateServer
from tests.operator.reconcile.adoption.foreign import Adoption, Foreign
from tests.operator.reconcile.migration.crashing import CrashingOperator
from tests.operator.reconcile.migration.scene import LONG_SECONDS

Crash = Callable[..., AbstractContextManager[tuple[Foreign, Adoption]]]

FILLED = 150
WHOLE = (
    *("MigrationBegun", "CollectionCreated", "ChildApplied"),
    *("FreezeAnnounced", "WritesFrozen", "CopySealed", "AdoptionServed", "MigrationSwapped"),
    *("NoteCleared", "ChildDeleted"),
)
WITHOUT_FREEZE = tuple(step for step in WHOLE if step not in {"FreezeAnnounced", "WritesFrozen"})
BOUNDARIES = ["before MigrationBegun", "during CopySealed", *(f"after {step}" for step in WHOLE)]
TAKEN_BACK = ["FreezeEnded", "WritesAllowed", "ChildDeleted", "CollectionDeleted", "NoteCleared"]


@pytest.fixture
def crash(
    adopting_operator: CrashingOperator, foreign: Callable[..., Foreign], adoptions: Callable[..., Adoption]
) -> Crash:
    """Adopts, with an operator that dies at a boundary and within the block is dead, and comes back afterwards."""

    @contextmanager
    def crash(boundary: str, **of: object) -> Iterator[tuple[Foreign, Adoption]]:
        adopting_operator.steps.write_text("")
        adopting_operator.order.write_text(boundary)
        source = foreign(number=FILLED)
        scene = adoptions(source, **{"freezeSource": True, **of})
        eventually(lambda: adopting_operator.running, lambda running: not (boundary and running), LONG_SECONDS)
        yield source, scene
        # It may die once more before it is ready, where the block has ordered that.
        with suppress(ServerExitedError) if adopting_operator.order.exists() else nullcontext():
            adopting_operator.start()

    return crash


@pytest.mark.parametrize(("freeze", "steps"), [(True, WHOLE), (False, WITHOUT_FREEZE)])
def test_a_whole_adoption_does_exactly_these_steps(
    crash: Crash, adopting_operator: CrashingOperator, *, freeze: bool, steps: tuple[str, ...]
) -> None:
    with crash("", freezeSource=freeze) as (_, scene):
        scene.await_served()
    assert tuple(adopting_operator.steps.read_text().split()) == steps


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_an_operator_that_dies_loses_nothing_and_the_next_goes_on(crash: Crash, boundary: str) -> None:
    with crash(boundary) as (source, scene):
        pass
    require_served(source, scene)


@pytest.mark.parametrize("boundary", ["after WritesFrozen", "during CopySealed", "after CopySealed"])
def test_weaviate_that_dies_too_opens_what_was_frozen_and_it_is_frozen_anew(
    crash: Crash, adopted_weaviate: WeaviateServer, boundary: str
) -> None:
    with crash(boundary) as (source, scene):
        adopted_weaviate.kill()
        adopted_weaviate.start()
    require_served(source, scene)


@pytest.mark.parametrize("boundary", ["during CopySealed", "after CopySealed", "after MigrationSwapped"])
def test_a_job_that_dies_too_is_made_again(crash: Crash, adopting_pods: JobPods, boundary: str) -> None:
    with crash(boundary) as (source, scene):
        adopting_pods.kill()
    require_served(source, scene)


@pytest.mark.parametrize("step", TAKEN_BACK)
def test_an_operator_that_dies_while_it_takes_an_adoption_back_leaves_the_source_as_it_was(
    crash: Crash, adopting_operator: CrashingOperator, step: str
) -> None:
    with crash("after WritesFrozen") as (source, scene):
        assert source.frozen
        scene.declare(None)
        scene.apply()
        adopting_operator.order.write_text(f"after {step}")
    eventually(lambda: adopting_operator.running, lambda running: not running, LONG_SECONDS)
    adopting_operator.start()
    scene.await_served()
    assert scene.count() == 0
    assert (source.count(), source.frozen) == (FILLED, False)


def require_served(source: Foreign, scene: Adoption) -> None:
    """The level holds all that its source does, which takes no writes any more; nothing is left of the way there."""
    scene.await_served()
    assert set(scene.objects(scene.target())) == set(source.objects())
    assert source.frozen
    assert len(scene.collections()) == 1
