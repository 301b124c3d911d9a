"""Somebody who changes a collection, uses it and lets programs die, in any order, and what must hold in the end."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from e2e.cluster.embedder import DIMENSIONS
from e2e.cluster.errors import ServerExitedError
from e2e.cluster.namespace import eventually
from e2e.cluster.traffic import Ledger
from tests.operator.reconcile.migration import crashing
from tests.operator.reconcile.migration.stage import FILLED, Stage

INDEXES = (64, 68, 76)
ORDERS = sorted({boundary for _, boundary in crashing.BOUNDARIES})
GONE = {204, 404}

ids = st.sets(st.integers(1, 30).map(lambda number: UUID(int=number)), min_size=1, max_size=8)


class Wandering(RuleBasedStateMachine):
    """One sequence; `stage` is set by who runs it."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.ledger, self.index = Ledger(), 0

    @initialize(kind=st.sampled_from(sorted(crashing.WHOLE)))
    def begin(self, kind: str) -> None:
        self.stage.scene = self.scene = self.stage.scenes[kind]
        self.stage.begin_anew()
        self.index = self.scene.ef_construction()

    @rule(index=st.sampled_from(INDEXES))
    def change(self, index: int) -> None:
        self.index = index
        self.scene.apply({"hnsw": {"efConstruction": index}})

    @rule(ids=ids)
    def write(self, ids: set[UUID]) -> None:
        for one in sorted(ids):
            self.ledger.written += 1
            body = self._body(one, self.ledger.written)
            self._until(lambda: self._written(body))  # noqa: B023
            self.ledger.objects[one] = self.ledger.written

    @rule(ids=ids)
    def delete(self, ids: set[UUID]) -> None:
        where = {"tenant": self.scene.tenant} if self.scene.tenant else {}
        for one in sorted(ids):
            path = f"/objects/{self.scene.alias}/{one}"
            self._until(lambda: self.scene.weaviate.delete(path, params=where).status_code in GONE)  # noqa: B023
            if one in self.ledger.objects:
                self.ledger.objects[one] = None

    @rule(order=st.sampled_from(ORDERS))
    def have_the_operator_die_at_a_step(self, order: str) -> None:
        self.stage.operator.order.write_text(order)

    @rule()
    def kill_copies(self) -> None:
        self.stage.pods.kill()

    @rule()
    def wipe_the_status(self) -> None:
        if self.scene.status:
            self.scene.wipe_status()

    @rule()
    def wait_for_an_end(self) -> None:
        eventually(lambda: not self.stage.operator.running or not self.scene.level, bool, 120)
        self._revive()

    def teardown(self) -> None:
        if not self.index:
            return
        self.stage.operator.order.unlink(missing_ok=True)
        self._revive()
        self.scene.await_index(self.index)
        self.scene.require_whole(self.ledger, FILLED)
        assert crashing.read_only(self.scene.weaviate) == []

    def _until(self, done: Callable[[], bool]) -> None:
        """Try until it is done; a freeze that a dead operator has left ends with the next one."""

        def tried() -> bool:
            return done() or self._revive()

        eventually(tried, bool)

    def _revive(self) -> bool:
        """Start the operator where it is dead; it may have been told to die again. False: nothing else is done."""
        if not self.stage.operator.running:
            with suppress(ServerExitedError):
                self.stage.operator.start()
        return False

    def _written(self, body: dict[str, Any]) -> bool:
        answer = self.scene.weaviate.post("/batch/objects", json={"objects": [body]})
        return answer.is_success and answer.json()[0]["result"].get("status") == "SUCCESS"

    def _body(self, one: UUID, number: int) -> dict[str, Any]:
        return {
            "class": self.scene.alias,
            "id": str(one),
            "properties": {"text": "written", "chunkIndex": number},
            "vector": [float(number % 7 + at % 5) for at in range(DIMENSIONS)],
            **({"tenant": self.scene.tenant} if self.scene.tenant else {}),
        }
