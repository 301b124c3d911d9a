"""Many declared at once: the time until all are Ready, and what the loop takes for the same writes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from e2e.bench.converge.counts import REFUSED, WRITE, Counts, between, count, only
from e2e.bench.converge.process import usage
from e2e.bench.converge.samples import Declared
from e2e.bench.converge.scene import Moment, Scene
from e2e.bench.converge.tape import PerCall, Snapshot, Write, tape
from e2e.bench.converge.watch import is_ready

POST_TENANTS = "Weaviate POST /v1/schema/{className}/tenants"
DELETE_TENANTS = "Weaviate DELETE /v1/schema/{className}/tenants"


@dataclass(frozen=True)
class Race:
    """The operator and the loop on the same work.

    Attributes:
        seconds: The operator's, from the first apply until all is as declared.
        loop_seconds: The loop's, first and repeated runs.
        counts: What the operator's servers were asked, all that the users applied included.
        loop_counts: What the loop's servers were asked.
        operator_cpu: Processor seconds of the operator.
        writes: The tape.
    """

    seconds: float
    loop_seconds: tuple[float, ...]
    counts: Counts
    loop_counts: Counts
    operator_cpu: float
    writes: Sequence[Write]

    @property
    def ratio(self) -> float:
        """Return the operator's time over the loop's."""
        return self.seconds / (sum(self.loop_seconds) / len(self.loop_seconds))

    def differences(self) -> dict[str, tuple[int, int]]:
        """Return the writes that the two made in different numbers: ours and the loop's."""
        ours, theirs = only(self.counts, WRITE), only(self.loop_counts, WRITE)
        names = sorted(ours.keys() | theirs.keys())
        return {n: (ours.get(n, 0), theirs.get(n, 0)) for n in names if ours.get(n, 0) != theirs.get(n, 0)}

    def refused(self) -> dict[str, int]:
        """Return what the operator's servers refused."""
        return only(self.counts, REFUSED)


def race(scene: Scene, work: Callable[[], float], *, again: int = 0) -> Race:
    """Have the operator do some work, then the loop the same.

    Args:
        scene: The servers.
        work: Declares it, waits for its end, and returns the seconds that passed.
        again: How often the loop's side is undone and the loop run anew, to see the machine's noise.
    """
    before = scene.now()
    cpu = usage(scene.operator.pid).cpu_seconds
    seconds = work()
    after = scene.now()
    cpu = usage(scene.operator.pid).cpu_seconds - cpu
    counts = between(before.counts, after.counts)
    writes = tape(before.left, after.left, _per_call(before, after, counts))
    loop_seconds, loop_counts = _loop(scene, writes)
    runs = [loop_seconds]
    for _ in range(again):
        scene.loop.undo(writes)
        runs.append(scene.loop.run(writes))
    return Race(seconds, tuple(runs), counts, loop_counts, cpu, writes)


def burst(scene: Scene, declared: Sequence[Declared], limit: float, *, again: int = 0) -> Race:
    """Apply all, one after the other as `kubectl apply -f` of a folder does, and wait until all are Ready."""

    def work() -> float:
        scene.collections.expect(is_ready)
        started = perf_counter()
        for one in declared:
            scene.apply(one)
        return max(scene.collections.wait([one.key for one in declared], limit)) - started

    return race(scene, work, again=again)


def _loop(scene: Scene, writes: Sequence[Write]) -> tuple[float, Counts]:
    before = count(scene.peer)
    seconds = scene.loop.run(writes)
    return seconds, between(before, count(scene.peer))


def _per_call(before: Moment, after: Moment, counts: Counts) -> PerCall:
    """Return how many tenants the operator sent in a call, so that the loop sends as many."""
    asked = only(counts, WRITE)
    return PerCall(
        made=_share(_new(before.left, after.left), asked.get(POST_TENANTS, 0)),
        dropped=_share(_new(after.left, before.left), asked.get(DELETE_TENANTS, 0)),
    )


def _new(before: Snapshot, after: Snapshot) -> int:
    return sum(len(names.keys() - before.tenants.get(of, {}).keys()) for of, names in after.tenants.items())


def _share(tenants: int, calls: int) -> int:
    return -(-tenants // calls) if tenants and calls else 1
