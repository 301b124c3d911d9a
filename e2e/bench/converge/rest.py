"""The operator with everything converged: what it costs to stay so, and to start anew."""

import time
from dataclasses import dataclass
from time import monotonic, perf_counter

from e2e.bench.converge.counts import READ, WRITE, between, count, only, total
from e2e.bench.converge.scene import Scene
from e2e.bench.process import usage

RECONCILES = "hirag_operator_reconciles_total"
_JITTER = 0.2  # of the work queue's resync
_POLL_SECONDS = 0.25


@dataclass(frozen=True)
class AtRest:
    """A whole resync in which nothing was to do.

    Attributes:
        cpu_share: Processor time of the operator over the time that passed, of one core.
        resident: Memory in MB at the end; `most_resident` at its most so far.
        reconciles: Objects looked at meanwhile.
        writes: Writes that arrived at the servers, by what was written.
        reads: Number of reads.
    """

    cpu_share: float
    resident: float
    most_resident: float
    reconciles: int
    writes: dict[str, int]
    reads: int
    seconds: float


@dataclass(frozen=True)
class Start:
    """Seconds from the start of the process until it is ready, and until it has looked at every object."""

    ready_seconds: float
    pass_seconds: float
    cpu_seconds: float
    writes: dict[str, int]


def at_rest(scene: Scene, resync_seconds: float) -> AtRest:
    """Watch the operator over a whole resync, jitter included."""
    before, reconciled = scene.now().counts, scene.metrics(RECONCILES).total()
    used, started = usage(scene.operator.pid), perf_counter()
    time.sleep(resync_seconds * (1 + _JITTER) + 1)  # the length of what is measured, not a wait for something
    after, seconds = usage(scene.operator.pid), perf_counter() - started
    asked = between(before, count(scene.ours))
    return AtRest(
        cpu_share=(after.cpu_seconds - used.cpu_seconds) / seconds,
        resident=after.resident,
        most_resident=after.most_resident,
        reconciles=scene.metrics(RECONCILES).total() - reconciled,
        writes=only(asked, WRITE),
        reads=total(asked, READ),
        seconds=seconds,
    )


def start_anew(scene: Scene, objects: int, limit: float) -> Start:
    """Stop the operator and start it; wait until it is ready and until it has looked at all ContextCollections."""
    scene.operator.stop()
    before, started, end = count(scene.ours), perf_counter(), monotonic() + limit
    scene.operator.start()
    ready = perf_counter() - started
    while _collections_done(scene) < objects:
        if monotonic() > end:
            raise TimeoutError(f"{_collections_done(scene)} of {objects} objects looked at after {limit:g} s")
        time.sleep(_POLL_SECONDS)  # between two looks at a condition
    passed = perf_counter() - started
    used = usage(scene.operator.pid).cpu_seconds
    return Start(ready, passed, used, only(between(before, scene.now().counts), WRITE))


def _collections_done(scene: Scene) -> int:
    counts = scene.metrics(RECONCILES)
    return sum(n for labels, n in counts.items() if 'kind="ContextCollection"' in labels and 'result="done"' in labels)
