"""Many collections at rest: how long until another process has them all in hand, and what it writes: nothing.

The stage's replicas are not apart: the address of Weaviate is published for applications, so that two that differ in it
would have something to write.
"""

import re
import time
from dataclasses import dataclass

from e2e.bench.converge.samples import Declared, shared
from e2e.cluster.acts import asked_of_weaviate
from e2e.cluster.namespace import Namespace, eventually
from e2e.cluster.replicas import Replica
from e2e.cluster.stage import HOME, MODEL, Stage

SETTLE_SECONDS = 1800.0
LOOK_SECONDS = 600.0
_RECONCILED = re.compile(
    r'^hirag_operator_reconciles_total\{kind="ContextCollection",result="done"\} (\S+)$', re.MULTILINE
)


@dataclass(frozen=True)
class TakeOver:
    """Seconds from the loss until the Lease is taken, and until each object was looked at; and the changes made."""

    taken: float
    looked: float
    writes: int


@dataclass(frozen=True)
class Start:
    """Seconds from the start of a process until it is ready, which is when all is listed."""

    synced: float


def declare(stage: Stage, number: int, namespaces: int) -> None:
    """Apply Shared collections of two levels, and wait until all are Ready."""
    declared = shared(number, namespaces)
    teams = {name: Namespace(stage.control_plane, name) for name in sorted({one.namespace for one in declared})}
    for one in declared:
        spec = {**one.spec, "embeddingModelRef": {"name": MODEL, "namespace": HOME}}
        teams[one.namespace].apply("ContextCollection", one.name, spec)
    eventually(lambda: _unready(teams, declared), lambda left: not left, SETTLE_SECONDS)


def start_beside(replica: Replica) -> Start:
    """Start a process beside the one that leads."""
    replica.end()
    began = time.monotonic()
    replica.start()
    return Start(time.monotonic() - began)


def take_over(stage: Stage, number: int, *, gently: bool) -> TakeOver:
    """Lose the leader; wait until the other has looked at every collection, and have a replica at hand again."""
    leader, heir = stage.await_leader(), stage.standby()
    before = reconciled(heir)
    at = leader.ask_to_end() if gently else leader.kill()
    taken = stage.await_word(heir.name, at).at
    eventually(lambda: reconciled(heir), lambda done: done >= before + number, LOOK_SECONDS)
    looked = time.time()
    asked = [*stage.audit.acts([heir.name]), *asked_of_weaviate(heir.name, heir.weaviate.asked)]
    writes = [act.what for act in asked if act.at >= taken]
    for what in writes:
        print(f"    written: {what}", flush=True)
    leader.end()
    leader.start()
    return TakeOver(taken - at, looked - at, len(writes))


def reconciled(replica: Replica) -> int:
    """Return how many reconciles of ContextCollections a process has brought to a good end."""
    return sum(int(float(number)) for number in _RECONCILED.findall(replica.metrics()))


def _unready(teams: dict[str, Namespace], declared: list[Declared]) -> int:
    ready = 0
    for team in teams.values():
        for body in team.all_of("ContextCollection"):
            conditions = (body.get("status") or {}).get("conditions", [])
            ready += any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
    return len(declared) - ready
