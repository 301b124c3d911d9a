"""What goes wrong on the way is told or put right, and nothing is lost by it."""

from collections.abc import Callable

from e2e.cluster.namespace import eventually
from e2e.cluster.podrunner import JobPods
from tests.operator.reconcile.migration.scene import Scene

FILLED = 600
SECOND = {"hnsw": {"efConstruction": 80}}
BLIND = {"hnsw": {"efConstruction": 8, "maxConnections": 4, "ef": 8, "dynamicEf": {"min": 8, "max": 8, "factor": 1}}}
EXACTING = {"soak": "0s", "verify": {"minRecall": 1, "sampleSize": 50}}


def test_an_index_that_finds_too_little_does_not_take_over(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration=EXACTING)
    scene.fill(FILLED)
    with scene.traffic() as traffic:
        scene.apply(BLIND)
        told = scene.namespace.await_reason("ContextCollection", scene.name, "MigrationFailed", "Stalled", 90)
        assert "recall@10 of the new index is 0." in told["message"]
        assert scene.target() == scene.first
        scene.apply(migration={**EXACTING, "verify": {"minRecall": 0, "sampleSize": 50}})
        scene.await_index(8)
    scene.require_well(traffic, FILLED)


def test_migrations_that_did_not_verify_take_no_place_of_others(scenes: Callable[..., Scene]) -> None:
    for _ in range(2):  # as many as run side by side
        failing = scenes(migration=EXACTING)
        failing.fill(FILLED)
        failing.apply(BLIND)
        failing.await_phase("Failed")
        assert failing.jobs()
    scene = scenes()
    scene.fill(20)
    scene.apply(SECOND)
    scene.await_index(80)


def test_a_status_that_is_wiped_is_written_anew_and_the_migration_goes_on(scenes: Callable[..., Scene]) -> None:
    scene = scenes()
    scene.fill(FILLED)
    scene.apply(SECOND)
    scene.await_phase("Copying", "Checking", "CatchingUp")
    scene.wipe_status()
    scene.await_index(80)
    assert scene.count() == FILLED


def test_a_soak_ends_when_it_was_to_end_though_the_status_is_wiped(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration={"soak": "1h"})
    scene.apply(SECOND)
    until = scene.await_phase("Soaking")["previousUntil"]
    scene.wipe_status()
    assert scene.await_phase("Soaking")["previousUntil"] == until
    assert scene.exists(scene.first)


def test_an_alias_that_another_hand_moves_to_the_copy_is_put_back(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration=EXACTING)
    scene.fill(FILLED)
    scene.apply(BLIND)
    copy = str(scene.await_phase("Failed")["target"])
    scene.move_alias(copy)
    eventually(scene.target, lambda found: found == scene.first)
    assert scene.count() == FILLED


def test_a_copy_that_another_hand_deletes_is_made_anew(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration=EXACTING)
    scene.fill(FILLED)
    with scene.traffic() as traffic:
        scene.apply(BLIND)
        copy = str(scene.await_phase("Failed")["target"])
        scene.weaviate.delete(f"/schema/{copy}").raise_for_status()
        scene.apply(migration={**EXACTING, "verify": {"minRecall": 0, "sampleSize": 50}})
        scene.await_index(8)
    scene.require_well(traffic, FILLED)


def test_a_job_whose_copy_another_hand_deletes_goes_when_the_change_is_taken_back(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration=EXACTING)
    scene.fill(FILLED)
    scene.apply(BLIND)
    copy = str(scene.await_phase("Failed")["target"])
    scene.weaviate.delete(f"/schema/{copy}").raise_for_status()
    scene.apply({"hnsw": {"efConstruction": 64}})
    eventually(scene.jobs, lambda jobs: not jobs)
    eventually(scene.collections, lambda found: found == [scene.first])


def test_a_pod_that_dies_is_followed_by_another_that_goes_on(scenes: Callable[..., Scene], job_pods: JobPods) -> None:
    scene = scenes(migration=EXACTING)
    scene.fill(FILLED)
    with scene.traffic() as traffic:
        scene.apply(BLIND)
        scene.await_phase("Failed")  # its pod follows
        job_pods.kill()
        scene.apply(migration={**EXACTING, "verify": {"minRecall": 0, "sampleSize": 50}})
        scene.await_index(8)
    scene.require_well(traffic, FILLED)


def test_an_empty_collection_is_carried_too(scenes: Callable[..., Scene]) -> None:
    scene = scenes()
    scene.apply(SECOND)
    scene.await_index(80)
    assert scene.count() == 0


def test_an_object_that_goes_in_the_middle_takes_all_of_it_along(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration=EXACTING)
    scene.fill(FILLED)
    scene.apply(BLIND)
    scene.await_phase("Failed")
    scene.namespace.delete("ContextCollection", scene.name)
    eventually(lambda: scene.namespace.get("ContextCollection", scene.name), lambda body: body is None)
    assert scene.collections() == []
    assert scene.jobs() == []
