"""A migration is carried through whenever the operator, a copy or Weaviate dies, and nothing is lost.

The operator really ends by SIGKILL, at every boundary between two steps of what a whole migration was seen to do. One
collection of each placement is migrated again and again, each time under writers and readers.
"""

import itertools
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from weaviate.exceptions import WeaviateBaseError

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import DIMENSIONS, MAX_TOKENS, MODEL_NAME, EmbedderServer
from e2e.cluster.errors import ServerExitedError
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.podrunner import JobPods
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.traffic import Ledger, Traffic
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_operator.plan.collection.migration.notes import freeze_about
from hirag_operator.plan.moves import Holder
from tests.operator.reconcile.conftest import install_crds
from tests.operator.reconcile.migration import crashing
from tests.operator.reconcile.migration.scene import LONG_SECONDS, Scene

FILLED = 300
RATE = 60


class Undaunted(Traffic):
    """Tries every write until it is taken, even where Weaviate is away."""

    def _until_taken(self, ledger: Ledger, one: UUID, number: int | None, write: Callable[[], object]) -> None:
        while True:
            try:
                write()
            except (WeaviateBaseError, httpx.TransportError) as error:
                if "already exists" in str(error):  # it was taken, and its answer was lost
                    break
                time.sleep(0.02)  # before it is tried again
            else:
                break
        ledger.objects[one] = number
        ledger.written += 1


class Stage:
    """Collections, and all that may die while they are migrated. `scene` is the one that is next."""

    def __init__(self, folder: Path, plane: ControlPlane, weaviate: WeaviateServer, pods: JobPods) -> None:
        self.weaviate, self.pods = weaviate, pods
        self.operator = crashing.CrashingOperator(folder, plane, weaviate)
        self._jobs, home = Namespace(plane, crashing.JOBS), Namespace(plane, f"team-{uuid.uuid4().hex[:8]}")
        self._numbers = itertools.count(72, 8)
        self.scenes = {
            one: Scene(home, weaviate, "minilm", f"{one.lower()}-books", placement=one) for one in crashing.WHOLE
        }
        self.scene = self.scenes["Dedicated"]

    def set_up(self, embedder: EmbedderServer) -> None:
        """Bring the collections about, under an operator that runs."""
        external = {"url": f"{embedder.url}/v1", "model": MODEL_NAME, "vectorizer": "text2vec-transformers"}
        model = {"external": external, "dimensions": DIMENSIONS, "maxTokens": MAX_TOKENS}
        self.scene.namespace.apply("EmbeddingModel", "minilm", model)
        self.scene.namespace.await_ready("EmbeddingModel", "minilm")
        for scene in self.scenes.values():
            scene.make()
            scene.fill(FILLED)

    @contextmanager
    def migration(self, order: str = "", *, weaviate_dies: bool = False) -> Iterator[None]:
        """Ask for a migration and, after the block, have it end well; within, the operator is dead if it was to die."""
        self._begin_anew()
        before, number = self.scene.target(), next(self._numbers)
        with self._traffic(Undaunted if weaviate_dies else Traffic) as traffic:
            self.operator.order.write_text(order)
            self.scene.apply({"hnsw": {"efConstruction": number}})
            eventually(lambda: self.operator.running, lambda running: not (order and running), LONG_SECONDS)
            yield
            self.operator.start()
            self.scene.await_index(number)
            eventually(lambda: self._jobs.all_of("Job"), lambda jobs: not jobs)
        eventually(lambda: self.scene.exists(before), lambda there: not there)
        self.scene.require_whole(traffic.ledger, FILLED)
        assert traffic.written > 0
        assert crashing.read_only(self.scene.weaviate) == []
        serving = Holder(self.scene.target(), self.scene.tenant)
        assert crashing.note(self.scene.weaviate, freeze_about(serving))["source"] == ""
        assert weaviate_dies or [trouble for one in traffic.searches for trouble in one.troubles] == []

    def await_copy(self, phase: str) -> None:
        """Wait until the Job tells that it is in a phase, and no longer than that lasts."""
        jobs = eventually(lambda: self._jobs.all_of("Job"), bool)
        end = time.monotonic() + 60
        while (found := crashing.phase_of(self.scene.weaviate, jobs[0])) != phase:
            assert time.monotonic() < end, found
            time.sleep(0.005)  # between two looks at a note

    def _begin_anew(self) -> None:
        """Be as if nothing had gone before, even where it failed: traffic writes the same ids each time."""
        self.operator.order.unlink(missing_ok=True)
        self.weaviate.start()
        self.operator.start()
        self.scene.await_over()
        where = {"path": ["chunkIndex"], "operator": "GreaterThan", "valueInt": -1}
        match = {"match": {"class": self.scene.target(), "where": where}}
        tenant = {"tenant": self.scene.tenant} if self.scene.tenant else {}
        self.scene.weaviate.request("DELETE", "/batch/objects", params=tenant, json=match).raise_for_status()
        self.operator.steps.write_text("")

    def _traffic(self, kind: type[Traffic]) -> Traffic:
        url, address, scene = self.weaviate.http_url, f"127.0.0.1:{self.weaviate.grpc_port}", self.scene
        return kind(lambda: connect(url, address, None), scene.alias, scene.tenant, DIMENSIONS, rate=RATE)


@pytest.fixture(scope="module")
def whole_stage(
    toolchain: Toolchain, embedder: EmbedderServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with ControlPlane(toolchain) as plane, WeaviateServer(toolchain) as weaviate:
        install_crds(plane)
        plane.kubectl("create", "namespace", crashing.JOBS)
        with JobPods(plane, crashing.JOBS, "app.kubernetes.io/component=migration") as pods:
            stage = Stage(tmp_path_factory.mktemp("crashes"), plane, weaviate, pods)
            with stage.operator:
                stage.set_up(embedder)
                yield stage


@pytest.fixture
def stage(whole_stage: Stage, request: pytest.FixtureRequest) -> Stage:
    """The stage, turned to the collection of a placement."""
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


COPY_DIES = ["before FreezeAnnounced", "during CopySealed", "after CopySealed", "after MigrationSwapped"]
WEAVIATE_DIES = ["before FreezeAnnounced", "after WritesFrozen", "during CopySealed", "after CopySealed"]


@pytest.mark.parametrize("order", COPY_DIES)
def test_a_copy_and_the_operator_that_die_together_go_on_where_they_were(stage: Stage, order: str) -> None:
    with stage.migration(order):
        stage.pods.kill()


def test_weaviate_that_dies_while_objects_are_copied_is_copied_from_again(stage: Stage) -> None:
    with stage.migration(weaviate_dies=True):
        stage.await_copy("copying")
        stage.weaviate.kill()
        stage.weaviate.start()


@pytest.mark.parametrize("order", [*WEAVIATE_DIES, "after AliasSwapped"])
def test_weaviate_that_dies_opens_what_was_frozen_and_loses_no_write(stage: Stage, order: str) -> None:
    with stage.migration(order, weaviate_dies=True):
        stage.weaviate.kill()
        stage.weaviate.start()
