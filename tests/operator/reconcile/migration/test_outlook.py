"""What a migration would take is measured before it begins, and one that has no room does not begin."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import eventually
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.podrunner import JobPods
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.plan.collection.migration.job import LABELS, TARGET
from hirag_operator.plan.collection.migration.space import TAKES, Promise, Space
from tests.operator.reconcile.migration.scene import JOBS, LONG_SECONDS, SMALL_DISK, Scene

FILLED = 300
MANUAL: dict[str, Any] = {"approval": "Manual", "soak": "0s"}
SMALL: dict[str, Any] = {"weaviate": {"connection": "small"}}
SECOND: dict[str, Any] = {"hnsw": {"efConstruction": 80}}
MEASURED = {"objects", "tokens", "bytes", "seconds", "memoryBytes", "diskBytes"}


def await_measured(scene: Scene) -> dict[str, Any]:
    """Wait until a survey has told all that it tells; return the figures."""
    return eventually(lambda: scene.estimated, lambda found: found.keys() == MEASURED, LONG_SECONDS)


def approve(scene: Scene) -> None:
    scene.annotate("hirag.dev/approve", str(scene.status["migration"]["plan"]))


def test_who_is_to_approve_sees_what_it_takes(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration=MANUAL)
    scene.fill(FILLED)
    scene.apply(SECOND)
    scene.await_phase("AwaitingApproval")
    found = await_measured(scene)
    assert found["objects"] == FILLED
    assert FILLED < found["tokens"] < 10 * FILLED
    assert found["seconds"] >= 1
    assert found["memoryBytes"] > FILLED * 384 * 4
    for told in ("300 objects, about ", " tokens", " of properties", "more memory", "is not declared"):
        assert told in scene.estimate
    policy = f"{scene.namespace.name}/{scene.name}"
    assert scene.status["migration"]["changes"] == [
        "longTerm: vectorIndexConfig.efConstruction (64 → 80), by spec.hnsw.efConstruction of HNSWIndexPolicy " + policy
    ]
    assert scene.collections() == [scene.first]

    [survey] = scene.surveys()
    scene.wipe_status()
    assert await_measured(scene) == found
    assert [one["metadata"]["uid"] for one in scene.surveys()] == [survey["metadata"]["uid"]]

    approve(scene)
    scene.await_index(80)
    assert scene.surveys() == []


def test_an_operator_that_comes_back_measures_nothing_twice(
    scenes: Callable[..., Scene], migrating_operator: OperatorProcess
) -> None:
    scene = scenes(migration=MANUAL)
    scene.fill(FILLED)
    scene.apply(SECOND)
    [survey] = eventually(scene.surveys, bool, LONG_SECONDS)
    migrating_operator.kill()
    migrating_operator.start()
    await_measured(scene)
    assert [one["metadata"]["uid"] for one in scene.surveys()] == [survey["metadata"]["uid"]]


def test_a_survey_that_fails_is_told_and_holds_nothing_up(scenes: Callable[..., Scene], job_pods: JobPods) -> None:
    scene = scenes(migration=MANUAL)
    scene.fill(FILLED)
    scene.apply(SECOND)

    def killing() -> str:
        job_pods.kill()
        return scene.estimate

    told = eventually(killing, lambda estimate: "could not be measured" in estimate, 2 * LONG_SECONDS)
    assert "300 objects; until the old revision goes" in told
    [survey] = scene.surveys()
    name = survey["metadata"]["name"]
    assert f"delete Job hirag-system/{name} to have it tried again" in told
    scene.namespace.control_plane.kubectl("delete", "job", name, "-n", "hirag-system", "--wait=true")
    scene.annotate("hirag.dev/look", "again")
    await_measured(scene)
    approve(scene)
    scene.await_index(80)


def test_taking_the_change_back_ends_its_survey(scenes: Callable[..., Scene]) -> None:
    scene = scenes(migration=MANUAL)
    scene.fill(10)
    scene.apply(SECOND)
    eventually(scene.surveys, bool, LONG_SECONDS)
    scene.apply({"hnsw": {"efConstruction": 64}})
    scene.await_over()
    eventually(scene.surveys, lambda found: not found, LONG_SECONDS)


@pytest.fixture
def ballast(migrated_weaviate: WeaviateServer) -> Iterator["Ballast"]:
    with httpx.Client(base_url=f"{migrated_weaviate.http_url}/v1", timeout=60, trust_env=False) as rest:
        made = Ballast(rest)
        yield made
        made.remove()


class Ballast:
    """Data of somebody else, that takes as much as the server is said to have."""

    numbers = itertools.count(1)

    def __init__(self, rest: httpx.Client) -> None:
        self._rest, self._name = rest, f"Ballast{next(self.numbers)}"

    def make(self) -> None:
        text = {"name": "text", "dataType": ["text"], "indexSearchable": False, "indexFilterable": False}
        body = {"class": self._name, "vectorizer": "none", "properties": [text]}
        self._rest.post("/schema", json=body).raise_for_status()
        for _ in range(4):
            one = {"class": self._name, "properties": {"text": "x" * (SMALL_DISK // 4)}}
            self._rest.post("/objects", json=one).raise_for_status()

    def remove(self) -> None:
        self._rest.delete(f"/schema/{self._name}")


def test_what_has_no_room_does_not_begin_and_goes_on_once_there_is(
    scenes: Callable[..., Scene], ballast: Ballast
) -> None:
    scene = scenes(**SMALL)
    scene.fill(FILLED)
    ballast.make()
    scene.apply(SECOND)
    scene.await_phase("AwaitingSpace")
    told = scene.namespace.await_reason("ContextCollection", scene.name, "NotEnoughSpace", "Stalled")
    assert "of disk are needed and 0 B are left: 20 MB are declared" in told["message"]
    assert scene.collections() == [scene.first]
    assert scene.jobs() == []
    assert "not enough space" in scene.estimate
    await_measured(scene)
    ballast.remove()
    scene.await_index(80)
    assert scene.count() == FILLED


def test_going_back_needs_no_room(scenes: Callable[..., Scene], ballast: Ballast) -> None:
    scene = scenes(**SMALL, migration={"soak": "1h"})
    scene.fill(FILLED)
    scene.apply(SECOND)
    scene.await_phase("Soaking")
    ballast.make()
    scene.apply({"hnsw": {"efConstruction": 64}})
    eventually(scene.target, lambda found: found == scene.first, LONG_SECONDS)


@pytest.fixture
def another(migrating_plane: ControlPlane) -> Iterator[Callable[[], object]]:
    """A Job of somebody else's migration, which runs and has carried nothing; ended by what is given."""
    path = f"/apis/batch/v1/namespaces/{JOBS}/jobs"
    takes = Promise("small", Space(0, SMALL_DISK)).to_annotation()
    metadata = {"name": "another", "labels": LABELS, "annotations": {TAKES: takes, TARGET: "Another_R2"}}
    pod = {"restartPolicy": "Never", "containers": [{"name": "migrate", "image": "none"}]}
    with migrating_plane.connect() as client:
        body = {"metadata": metadata, "spec": {"suspend": True, "template": {"spec": pod}}}
        client.post(path, json={"apiVersion": "batch/v1", "kind": "Job", **body}).raise_for_status()
        where = f"{path}/another?propagationPolicy=Background"
        yield lambda: client.delete(where).raise_for_status()
        client.delete(where)


def test_what_others_will_take_that_run_is_not_given_away(
    scenes: Callable[..., Scene], another: Callable[[], object]
) -> None:
    scene = scenes(**SMALL)
    scene.fill(FILLED)
    scene.apply(SECOND)
    scene.await_phase("AwaitingSpace")
    told = scene.namespace.await_reason("ContextCollection", scene.name, "NotEnoughSpace", "Stalled")
    assert "migrations that run will take 20 MB" in told["message"]
    another()
    scene.await_index(80)
