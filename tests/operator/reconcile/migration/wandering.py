"""Somebody who changes a collection, uses it and lets programs die, in any order, and what must hold in the end."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from e2e.cluster.embedder import DIMENSIONS
from e2e.cluster.errors import ServerExitedError
from e2e.cluster.namespace import eventually
from e2e.cluster.traffic import Ledger
from tests.operator.reconcile.migration import crashing
from tests.operator.reconcile.migration.scene import LONG_SECONDS
from tests.operator.reconcile.migration.stage import FILLED, Stage

INDEXES, OTHER_INDEX = (64, 68, 76), 90
ORDERS = sorted({boundary for _, boundary in crashing.BOUNDARIES})
GONE = {204, 404}
MOST_KILLED = 2  # the Job controller waits twice as long before each next pod

ids = st.sets(st.integers(1, 30).map(lambda number: UUID(int=number)), min_size=1, max_size=8)


class Wandering(RuleBasedStateMachine):
    """One sequence; `stage` is set by who runs it."""

    stage: Stage

    def __init__(self) -> None:
        super().__init__()
        self.ledger, self.index, self.killed = Ledger(), 0, 0

    @initialize(kind=st.sampled_from(sorted(crashing.WHOLE)), first=st.sampled_from(INDEXES))
    def begin(self, kind: str, first: int) -> None:
        self.stage.scene = self.scene = self.stage.scenes[kind]
        self.stage.begin_anew()
        self.index = self.scene.ef_construction()
        self.change(first)

    @rule(index=st.sampled_from(INDEXES))
    def change(self, index: int) -> None:
        self.index = index if index != self.index else OTHER_INDEX
        self.scene.apply({"hnsw": {"efConstruction": self.index}})

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

    @precondition(lambda self: self.killed < MOST_KILLED)
    @rule()
    def kill_copies(self) -> None:
        self.killed += 1
        self.stage.pods.kill()

    @rule()
    def wipe_the_status(self) -> None:
        if self.scene.status:
            self.scene.wipe_status()

    @rule()
    def wait_for_an_end(self) -> None:
        eventually(lambda: not self.stage.operator.running or self._is_over(), bool, LONG_SECONDS)
        self._revive()

    def teardown(self) -> None:
        if not self.index:
            return
        self.stage.operator.order.unlink(missing_ok=True)
        self._revive()
        self.scene.await_index(self.index)
        self.scene.require_whole(self.ledger, FILLED)
        assert crashing.read_only(self.scene.weaviate) == []

    def _is_over(self) -> bool:
        return self.scene.ef_construction() == self.index and not self.scene.level

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
