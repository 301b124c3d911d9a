"""A change that needs a new index is carried through under writers and readers, and taken back at any point."""

from collections.abc import Callable

from tests.operator.reconcile.migration.scene import Scene

FILLED = 1500
QUESTIONS = ["How do I reset my password?", "Which plan includes support by telephone?"]


def test_a_change_of_the_index_is_carried_through_and_loses_nothing(scenes: Callable[..., Scene]) -> None:
    scene = scenes()
    scene.fill(FILLED)
    with scene.traffic() as traffic:
        scene.apply({"hnsw": {"efConstruction": 80}})
        scene.await_index(80)
    assert not scene.exists(scene.first)
    scene.require_well(traffic, FILLED)


def test_the_new_index_is_measured_by_questions_of_ones_own_too(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration={"soak": "1h", "verify": {"goldenQueries": QUESTIONS}})
    scene.fill(200)
    scene.apply({"hnsw": {"efConstruction": 80}})
    assert scene.await_phase("Soaking")["goldenRecall"] >= 0.95
