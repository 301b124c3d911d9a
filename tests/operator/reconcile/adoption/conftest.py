"""Servers of one's own: an operator that lets one namespace adopt some collections, and runs Jobs."""

import itertools
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
from tests.operator.reconcile.adoption.foreign import Adoption, Foreign, await_gone
from tests.operator.reconcile.grounds import furnished, plane_for_jobs
from tests.operator.reconcile.migration.crashing import CrashingOperator
from tests.operator.reconcile.migration.scene import JOBS

HOME, STRANGER = "team-a", "team-b"
ADOPTABLE = {HOME: ["Legacy*", "Team_a__*"]}


@pytest.fixture(scope="package")
def adopting_plane(toolchain: Toolchain) -> Iterator[ControlPlane]:
    with plane_for_jobs(toolchain) as control_plane:
        yield control_plane


@pytest.fixture(scope="package")
def adopted_weaviate(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    with WeaviateServer(toolchain) as server:
        yield server


@pytest.fixture(scope="package")
def adopting_pods(adopting_plane: ControlPlane) -> Iterator[JobPods]:
    with JobPods(adopting_plane, JOBS, "app.kubernetes.io/component=migration") as pods:
        yield pods


@pytest.fixture(scope="package")
def adopting_operator(
    adopting_plane: ControlPlane, adopted_weaviate: WeaviateServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OperatorProcess]:
    folder = tmp_path_factory.mktemp("adopting")
    with CrashingOperator(folder, adopting_plane, adopted_weaviate, adoptable=ADOPTABLE) as operator:
        yield operator


@pytest.fixture
def home(
    adopting_plane: ControlPlane,
    adopting_operator: CrashingOperator,
    adopting_pods: JobPods,
    embedder: EmbedderServer,
) -> Namespace:
    """The namespace that may adopt, with a model that is Ready."""
    adopting_operator.order.unlink(missing_ok=True)
    adopting_operator.start()
    assert adopting_pods.running
    return furnished(adopting_plane, HOME, embedder)


_numbers = itertools.count(1)


@pytest.fixture
def foreign(adopted_weaviate: WeaviateServer) -> Iterator[Callable[..., Foreign]]:
    """Makes collections of others; removes them at the end."""
    made: list[Foreign] = []

    def make(name: str | None = None, number: int = 500, **schema: Any) -> Foreign:
        one = Foreign(adopted_weaviate, name or f"Legacy{next(_numbers)}", **schema)
        made.append(one)
        one.fill(number)
        return one

    yield make
    for one in made:
        one.remove()


@pytest.fixture
def adoptions(home: Namespace, adopted_weaviate: WeaviateServer) -> Iterator[Callable[..., Adoption]]:
    """Makes objects that adopt; removes them at the end."""
    made: list[Adoption] = []

    def make(
        source: Foreign | str | None, *, name: str = "", namespace: Namespace | None = None, **of: Any
    ) -> Adoption:
        spec = of.pop("spec", {})
        collection = source.name if isinstance(source, Foreign) else source
        adopt_from = {"collection": collection, "vectors": "Copy", **of} if collection else None
        where = namespace or home
        one = Adoption(where, adopted_weaviate, name or f"books-{next(_numbers)}", adopt_from, **spec)
        made.append(one)
        one.apply()
        return one

    yield make
    for one in made:
        if one.namespace.get("ContextCollection", one.name) is not None:
            one.namespace.delete("ContextCollection", one.name)
            await_gone(one)
