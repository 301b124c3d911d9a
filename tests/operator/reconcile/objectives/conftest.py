"""Servers of one's own: an operator that measures, whose pods are local processes."""

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
from tests.operator.reconcile.objectives.index import JOBS, Index


@pytest.fixture(scope="package")
def measuring_plane(toolchain: Toolchain) -> Iterator[ControlPlane]:
    with plane_for_jobs(toolchain) as control_plane:
        yield control_plane


@pytest.fixture(scope="package")
def measured_weaviate(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    with WeaviateServer(toolchain) as server:
        yield server


@pytest.fixture(scope="package")
def job_pods(measuring_plane: ControlPlane) -> Iterator[JobPods]:
    with JobPods(measuring_plane, JOBS, "app.kubernetes.io/component in (measurement,migration)") as pods:
        yield pods


@pytest.fixture(scope="package")
def measuring_operator(measuring_plane: ControlPlane, measured_weaviate: WeaviateServer) -> Iterator[OperatorProcess]:
    connections = {"default": connection(measured_weaviate)}
    env = {"HIRAG_OPERATOR_RESYNC_SECONDS": "5", "HIRAG_OPERATOR_JOBS_NAMESPACE": JOBS}
    with OperatorProcess(measuring_plane, connections, env=env) as operator:
        yield operator


@pytest.fixture
def home(
    measuring_plane: ControlPlane, measuring_operator: OperatorProcess, job_pods: JobPods, embedder: EmbedderServer
) -> Namespace:
    """A namespace with a model that is Ready, under an operator that runs."""
    measuring_operator.start()
    assert job_pods.running
    return furnished(measuring_plane, f"team-{uuid.uuid4().hex[:8]}", embedder)


@pytest.fixture
def indexes(home: Namespace, measured_weaviate: WeaviateServer) -> Iterator[Callable[..., Index]]:
    """Makes collections whose policy has objectives; removes them at the end."""
    made: list[Index] = []
    numbers = itertools.count(1)

    def make(policy: dict[str, Any], **spec: Any) -> Index:
        index = Index(home, measured_weaviate, "minilm", f"books-{next(numbers)}", **spec)
        index.index = policy
        made.append(index)
        index.make()
        return index

    yield make
    for index in made:
        if home.get("ContextCollection", index.name) is not None:
            home.delete("ContextCollection", index.name)
