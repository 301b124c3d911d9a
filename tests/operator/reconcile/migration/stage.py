"""Collections that are migrated again and again, and all that may die meanwhile: operator, copies, Weaviate."""

import itertools
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from weaviate.exceptions import WeaviateBaseError

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.embedder import DIMENSIONS, EmbedderServer
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.podrunner import JobPods
from e2e.cluster.traffic import Ledger, Traffic
from e2e.cluster.weaviate import WeaviateServer
from hirag_operator.plan.collection.migration.notes import freeze_about
from hirag_operator.plan.collection.rollback import ROLLBACK
from hirag_operator.plan.moves import Holder
from tests.operator.reconcile.grounds import furnish
from tests.operator.reconcile.migration import crashing
from tests.operator.reconcile.migration.scene import LONG_SECONDS, Scene

FILLED = 300
RATE = 30
LEASE_SECONDS = 6
BUSY = "busy"
TENANTS = [{"name": BUSY}, {"name": "sleeper", "state": "Inactive"}]
KINDS: dict[str, dict[str, Any]] = {
    "Dedicated": {"placement": "Dedicated"},
    "Shared": {"placement": "Shared"},
    "Tenants": {"multiTenancy": {"enabled": True, "autoActivation": True, "tenants": TENANTS}},
}


class Undaunted(Traffic):
    """Tries every write until it is acknowledged, even where Weaviate is away.

    An insert that is said to exist already is not acknowledged: one that a freeze met halfway is in Weaviate's memory
    and not in its log, so it is gone when Weaviate is killed then. It is written again as another text: what is alike
    would not be written at all.
    """

    def _until_taken(self, ledger: Ledger, one: UUID, number: int | None, write: Callable[[], object]) -> None:
        attempt = write
        while True:
            try:
                attempt()
            except (WeaviateBaseError, httpx.TransportError) as error:
                if "already exists" in str(error):
                    attempt = partial(self._write_again, one, number)
                elif "no object with id" in str(error) and attempt is not write:
                    attempt = write
                time.sleep(0.02)  # before it is tried again
            else:
                break
        ledger.objects[one] = number
        ledger.written += 1

    def _write_again(self, one: UUID, number: int | None) -> None:
        assert number is not None  # what is deleted is not said to exist
        body = self._body(one, number)
        body["properties"]["text"] = "written again"
        self._collection().data.replace(**body)


class Stage:
    """Collections, and all that may die while they are migrated. `scene` is the one that is next."""

    def __init__(self, folder: Path, plane: ControlPlane, weaviate: WeaviateServer, pods: JobPods) -> None:
        self.weaviate, self.pods, self._plane = weaviate, pods, plane
        self.operator = crashing.CrashingOperator(folder, plane, weaviate)
        self._jobs, home = Namespace(plane, crashing.JOBS), Namespace(plane, f"team-{uuid.uuid4().hex[:8]}")
        self._numbers = itertools.count(72, 8)
        self.scenes = {
            one: Scene(home, weaviate, "minilm", f"{one.lower()}-books", **spec) for one, spec in KINDS.items()
        }
        self.scene = self.scenes["Dedicated"]

    def set_up(self, embedder: EmbedderServer) -> None:
        """Bring the collections about, under an operator that runs."""
        furnish(self.scene.namespace, embedder)
        for scene in self.scenes.values():
            scene.make()
        self.scenes["Tenants"].tenant = BUSY
        for scene in self.scenes.values():
            scene.fill(FILLED)

    @contextmanager
    def migration(self, order: str = "", *, weaviate_dies: bool = False) -> Iterator[None]:
        """Ask for a migration and, after the block, have it end well; within, the operator is dead if it was to die."""
        self.begin_anew()
        before, number = self.scene.target(), self.next_index()
        with self.traffic(Undaunted if weaviate_dies else Traffic) as traffic:
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
        if self.scene.tenant == BUSY:
            self._require_tenants()
        serving = Holder(self.scene.target(), self.scene.tenant if self.scene.tenant != BUSY else None)
        assert crashing.note(self.scene.weaviate, freeze_about(serving))["source"] == ""
        assert weaviate_dies or [trouble for one in traffic.searches for trouble in one.troubles] == []

    def operators(self, folder: Path, *names: str) -> list[crashing.CrashingOperator]:
        """Operators of which one leads, in place of the one that is alone; not started."""
        self.operator.stop()
        shared = {"HIRAG_OPERATOR_LEASE_NAMESPACE": crashing.JOBS, "HIRAG_OPERATOR_LEASE_SECONDS": f"{LEASE_SECONDS}"}
        made = []
        for name in names:
            (files := folder / name).mkdir()
            election = {**shared, "HIRAG_OPERATOR_IDENTITY": name}
            made.append(crashing.CrashingOperator(files, self._plane, self.weaviate, election=election))
        return made

    def rollback(self, order: str) -> None:
        """Migrate, and have that undone by annotation; the operator dies on the way back, and the next ends it."""
        self.begin_anew()
        first, number = self.scene.ef_construction(), self.next_index()
        with self.traffic() as traffic:
            self.scene.apply({"hnsw": {"efConstruction": number}}, migration={"soak": "1h"})
            self.scene.await_phase("Soaking")
            self.operator.order.write_text(order)
            self.scene.annotate(ROLLBACK, str(self.scene.status["migration"]["plan"]))
            eventually(lambda: self.operator.running, lambda running: not running, LONG_SECONDS)
            self.operator.start()
            self.scene.await_phase("RolledBack")
        assert self.scene.ef_construction() == first
        self.scene.require_whole(traffic.ledger, FILLED)
        if self.scene.tenant == BUSY:
            self._require_tenants()
        self.scene.apply({"hnsw": {"efConstruction": first}}, migration={"soak": "0s"})
        self.scene.await_over()
        assert crashing.read_only(self.scene.weaviate) == []

    def await_copy(self, phase: str) -> None:
        """Wait until the Job tells that it is in a phase, and no longer than that lasts."""
        jobs = eventually(lambda: self._jobs.all_of("Job"), bool)
        end = time.monotonic() + 60
        while (found := crashing.phase_of(self.scene.weaviate, jobs[0])) != phase:
            assert time.monotonic() < end, found
            time.sleep(0.005)  # between two looks at a note

    def _require_tenants(self) -> None:
        schema = self.scene.weaviate.get(f"/schema/{self.scene.target()}").raise_for_status().json()
        tenants = self.scene.weaviate.get(f"/schema/{self.scene.target()}/tenants").raise_for_status().json()
        assert schema["multiTenancyConfig"]["autoTenantActivation"]
        assert {one["name"]: one["activityStatus"] for one in tenants} == {BUSY: "HOT", "sleeper": "COLD"}

    def begin_anew(self) -> None:
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

    def next_index(self) -> int:
        """An efConstruction that no migration has led to."""
        return next(self._numbers)

    def traffic(self, kind: type[Traffic] = Traffic) -> Traffic:
        url, address, scene = self.weaviate.http_url, f"127.0.0.1:{self.weaviate.grpc_port}", self.scene
        return kind(url, address, scene.alias, scene.tenant, DIMENSIONS, rate=RATE)
