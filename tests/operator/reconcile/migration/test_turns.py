"""Not all migrations go on at once: each copies from one Weaviate, which serves meanwhile."""

from collections.abc import Callable, Iterable
from itertools import chain

from e2e.cluster.namespace import eventually
from hirag_operator.plan.collection.migration.jobstate import is_running
from tests.operator.reconcile.migration.crashing import phase_of
from tests.operator.reconcile.migration.scene import Scene

FILLED = 300
MOST = 2  # what the operator lets copy side by side unless told otherwise


def copying(scenes: Iterable[Scene]) -> list[str]:
    """The Jobs that copy at one moment: each was there before any was asked, and did not follow when it was."""
    jobs = [(scene, job) for scene in scenes for job in scene.jobs() if is_running(job)]
    return [job["metadata"]["name"] for scene, job in jobs if phase_of(scene.weaviate, job) != "following"]


def test_of_many_changes_no_more_than_two_are_carried_at_a_time(scenes: Callable[..., Scene]) -> None:
    all_of_them = [scenes(migration={"soak": "1h"}) for _ in range(4)]
    for scene in all_of_them:
        scene.fill(FILLED)
    for scene in all_of_them:
        scene.apply({"hnsw": {"efConstruction": 80}})
    queued: set[str] = set()
    seen: list[list[str]] = []

    def arrived() -> bool:
        seen.append(copying(all_of_them))
        queued.update(scene.name for scene in all_of_them if scene.level.get("phase") == "Queued")
        return all(scene.level.get("phase") == "Soaking" for scene in all_of_them)

    eventually(arrived, bool, 120)
    assert max(map(len, seen)) <= MOST
    assert len(set(chain.from_iterable(seen))) == len(all_of_them)
    assert len(queued) >= len(all_of_them) - MOST
    assert [(scene.ef_construction(), scene.count()) for scene in all_of_them] == [(80, FILLED)] * len(all_of_them)
