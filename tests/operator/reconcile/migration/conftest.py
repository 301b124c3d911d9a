"""Servers of one's own: an operator that runs Jobs, whose pods are local processes."""

import itertools
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.namespace import Namespace
from e2e.cluster.operator import OperatorProcess
from e2e.cluster.podrunner import JobPods
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.operator.reconcile.grounds import connection, furnished, plane_for_jobs
from tests.operator.reconcile.migration.scene import JOBS, SMALL_DISK, Scene
from tests.operator.reconcile.migration.stage import Stage


@pytest.fixture(scope="package")
def migrating_plane(toolchain: Toolchain) -> Iterator[ControlPlane]:
    with plane_for_jobs(toolchain) as control_plane:
        yield control_plane


@pytest.fixture(scope="package")
def migrated_weaviate(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    with WeaviateServer(toolchain) as server:
        yield server


@pytest.fixture(scope="package")
def job_pods(migrating_plane: ControlPlane) -> Iterator[JobPods]:
    with JobPods(migrating_plane, JOBS, "app.kubernetes.io/component=migration") as pods:
        yield pods


@pytest.fixture(scope="package")
def migrating_operator(migrating_plane: ControlPlane, migrated_weaviate: WeaviateServer) -> Iterator[OperatorProcess]:
    where = connection(migrated_weaviate)
    connections: dict[str, dict[str, Any]] = {
        "default": where,
        "small": {**where, "capacity": {"memory": "1G", "disk": f"{SMALL_DISK}"}},
    }
    env = {"HIRAG_OPERATOR_RESYNC_SECONDS": "5", "HIRAG_OPERATOR_JOBS_NAMESPACE": JOBS}
    with OperatorProcess(migrating_plane, connections, env=env) as operator:
        yield operator


@pytest.fixture
def home(
    migrating_plane: ControlPlane, migrating_operator: OperatorProcess, job_pods: JobPods, embedder: EmbedderServer
) -> Namespace:
    """A namespace with a model that is Ready, where Jobs run."""
    migrating_operator.check()
    assert job_pods.running
    return furnished(migrating_plane, f"team-{uuid.uuid4().hex[:8]}", embedder)


@pytest.fixture
def scenes(home: Namespace, migrated_weaviate: WeaviateServer) -> Iterator[Callable[..., Scene]]:
    """Makes collections; removes them at the end."""
    made: list[Scene] = []
    numbers = itertools.count(1)

    def make(**spec: Any) -> Scene:
        scene = Scene(home, migrated_weaviate, "minilm", f"books-{next(numbers)}", **spec)
        made.append(scene)
        scene.make()
        return scene

    yield make
    for scene in made:
        if home.get("ContextCollection", scene.name) is not None:
            home.delete("ContextCollection", scene.name)


@pytest.fixture(scope="package")
def whole_stage(
    toolchain: Toolchain, embedder: EmbedderServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with (
        plane_for_jobs(toolchain) as plane,
        WeaviateServer(toolchain) as weaviate,
        JobPods(plane, JOBS, "app.kubernetes.io/component=migration") as pods,
    ):
        stage = Stage(tmp_path_factory.mktemp("crashes"), plane, weaviate, pods)
        with stage.operator:
            stage.set_up(embedder)
            yield stage
