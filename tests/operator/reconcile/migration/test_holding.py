"""A migration is slowed by a rate and held by a pause; then it goes on where it was."""

from collections.abc import Callable
from typing import Any

from e2e.cluster.namespace import Namespace, eventually
from tests.operator.reconcile.migration.scene import JOBS, Scene

FILLED, RATE = 600, 25
SLOW = {"soak": "0s", "objectsPerSecond": RATE}
SECOND = {"hnsw": {"efConstruction": 80}}


def held(scene: Scene) -> bool:
    """Whether its Job is suspended and no pod of it is left."""
    jobs = scene.jobs()
    own = {"hirag.dev/migrates-name": scene.name, "hirag.dev/migrates-namespace": scene.namespace.name}
    pods: list[dict[str, Any]] = Namespace(scene.namespace.control_plane, JOBS).all_of("Pod")
    left = [pod for pod in pods if own.items() <= pod["metadata"]["labels"].items()]
    return bool(jobs) and all(job["spec"].get("suspend") for job in jobs) and not left


def test_a_copy_that_is_paused_ends_its_pods_and_goes_on_where_it_was(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration=SLOW)
    scene.fill(FILLED)
    with scene.traffic(30) as traffic:
        scene.apply(SECOND)
        copying = eventually(lambda: scene.level, lambda level: 0 < level.get("done", 0) < FILLED)
        assert copying["phase"] == "Copying"
        assert copying["perSecond"] <= 2 * RATE  # in pages of a second each, of which some are under way
        scene.apply(paused=True)
        eventually(lambda: held(scene), bool)
        written = traffic.written
        eventually(lambda: traffic.written, lambda count: count > written + 30)
        assert held(scene)
        assert scene.target() == scene.first
        scene.apply(paused=False, migration={"soak": "0s"})  # without a limit: it is made anew
        scene.await_index(80)
    scene.require_well(traffic, FILLED)
