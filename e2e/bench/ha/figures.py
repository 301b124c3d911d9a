"""The figures: hand-overs, recoveries, take-over."""

import os
import signal
from dataclasses import dataclass

from e2e.bench.ha.clientgo import Schedulers
from e2e.bench.ha.handover import Loss, acted_without_a_lease, hand_over
from e2e.bench.ha.recovery import TROUBLES, recover
from e2e.bench.ha.report import Report
from e2e.bench.ha.takeover import declare, start_beside, take_over
from e2e.cluster.namespace import eventually
from e2e.cluster.stage import MODEL, Stage
from e2e.cluster.stream import KIND, Stream
from e2e.cluster.toolchain import Toolchain
from hirag_operator.settings import Settings

DEATH_GOAL, FAREWELL_GOAL = 15.0, 2.0
APART_SECONDS = 0.2  # from one change of the stream to the next: the finest that a first change can be told by
GONE_SECONDS = 120.0


@dataclass(frozen=True)
class Size:
    """How much of everything.

    Attributes:
        hand_overs: Losses of each kind.
        recoveries: Troubles of each kind.
        take_overs: Take-overs of each kind.
        collections: Shared collections that are taken over, over `namespaces`.
    """

    hand_overs: int = 3
    recoveries: int = 2
    take_overs: int = 2
    collections: int = 1000
    namespaces: int = 100


QUICK = Size(hand_overs=1, recoveries=1, take_overs=1, collections=50, namespaces=5)


def measure(tools: Toolchain, size: Size, report: Report) -> None:
    """Take all figures."""
    seconds: int = Settings.model_fields["lease_seconds"].default
    with Stage(tools, seconds) as stage:
        _hand_overs(stage, tools, size, report)
        _recoveries(stage, size, report)
        report.add("changes by a process that did not hold the Lease", acted_without_a_lease(stage), "changes", 0)
    with Stage(tools, seconds, apart=False) as stage:
        _take_overs(stage, size, report)


def _hand_overs(stage: Stage, tools: Toolchain, size: Size, report: Report) -> None:
    losses: dict[Loss, tuple[float, signal.Signals]] = {
        "kill -9": (DEATH_GOAL, signal.SIGKILL),
        "SIGTERM": (FAREWELL_GOAL, signal.SIGTERM),
        "SIGSTOP": (DEATH_GOAL, signal.SIGSTOP),
    }
    with Stream(stage.namespace, MODEL, APART_SECONDS) as stream, Schedulers(tools, stage) as peers:
        for loss, (goal, number) in losses.items():
            _tell(f"{loss} of the leader in a stream of changes, {size.hand_overs} times")
            found = [hand_over(stage, loss) for _ in range(size.hand_overs)]
            theirs = [peers.hand_over(number) for _ in range(size.hand_overs)]
            report.add_rounds(f"{loss}: until the Lease is taken", [one.taken for one in found], None, theirs)
            report.add_rounds(f"{loss}: until the other's first change", [one.acted for one in found], goal)
    _clear(stage, stream)


def _recoveries(stage: Stage, size: Size, report: Report) -> None:
    processes = [one.operator.pid for one in stage.replicas]
    for name, trouble in TROUBLES.items():
        _tell(f"{name}, {size.recoveries} times")
        seconds = [recover(stage, trouble, number) for number in range(size.recoveries)]
        report.add_rounds(f"{name}: until all changes are made", seconds)
    restarted = sum(one.operator.pid != pid for one, pid in zip(stage.replicas, processes, strict=True))
    report.add("operators restarted for these recoveries", restarted, "times", 0)


def _take_overs(stage: Stage, size: Size, report: Report) -> None:
    number = size.collections
    _tell(f"{number} Shared collections over {size.namespaces} namespaces (load {os.getloadavg()[0]:.1f})")
    declare(stage, number, size.namespaces)
    starts = [start_beside(stage.standby()) for _ in range(size.take_overs)]
    report.add_rounds(f"start beside a leader with {number} Shared: until synced", [one.synced for one in starts])
    for name, gently in (("kill -9", False), ("SIGTERM", True)):
        found = [take_over(stage, number, gently=gently) for _ in range(size.take_overs)]
        title = f"{name} with {number} Shared"
        report.add_rounds(f"{title}: until the Lease is taken", [one.taken for one in found])
        report.add_rounds(f"{title}: until each is looked at", [one.looked for one in found])
        report.add(f"{title}: changes made in {len(found)} take-overs", sum(one.writes for one in found), "changes", 0)


def _clear(stage: Stage, stream: Stream) -> None:
    """Have everything gone that the stream left."""
    for name in (*stream.tenants, *stream.present):
        stage.namespace.delete(KIND, name)
    eventually(lambda: stage.namespace.all_of(KIND), lambda bodies: not bodies, GONE_SECONDS)


def _tell(line: str) -> None:
    print(f"\n{line}", flush=True)
