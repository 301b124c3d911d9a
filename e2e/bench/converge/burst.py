"""Many declared at once: the time until all are Ready, and what the loop takes for the same writes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from e2e.bench.converge.counts import REFUSED, WRITE, Counts, between, count, only
from e2e.bench.converge.samples import Declared
from e2e.bench.converge.scene import Moment, Scene
from e2e.bench.converge.tape import PerCall, Snapshot, Write, tape
from e2e.bench.converge.watch import is_ready
from e2e.bench.process import usage

POST_TENANTS = "Weaviate POST /v1/schema/{className}/tenants"
DELETE_TENANTS = "Weaviate DELETE /v1/schema/{className}/tenants"


@dataclass(frozen=True)
class Race:
    """The operator and the loop on the same work, in one round or several.

    Attributes:
        seconds: The operator's of each round, from the first apply until all is as declared.
        loop_seconds: The loop's of each round.
        counts: What the operator's servers were asked in the last round, all that the users applied included.
        loop_counts: What the loop's servers were asked in the last round.
        operator_cpu: Processor seconds of the operator in the last round.
        writes: The tape of the last round.
    """

    seconds: tuple[float, ...]
    loop_seconds: tuple[float, ...]
    counts: Counts
    loop_counts: Counts
    operator_cpu: float
    writes: Sequence[Write]

    @property
    def ratio(self) -> float:
        """Return the operator's time over the loop's."""
        return sum(self.seconds) / sum(self.loop_seconds)

    def differences(self) -> dict[str, tuple[int, int]]:
        """Return the writes that the two made in different numbers: ours and the loop's."""
        ours, theirs = only(self.counts, WRITE), only(self.loop_counts, WRITE)
        names = sorted(ours.keys() | theirs.keys())
        return {n: (ours.get(n, 0), theirs.get(n, 0)) for n in names if ours.get(n, 0) != theirs.get(n, 0)}

    def refused(self) -> dict[str, int]:
        """Return what the operator's servers refused."""
        return only(self.counts, REFUSED)


def race(scene: Scene, work: Callable[[], float]) -> Race:
    """Have the operator do some work, then the loop the same.

    Args:
        scene: The servers.
        work: Declares it, waits for its end, and returns the seconds that passed.
    """
    before = scene.now()
    used = usage(scene.operator.pid).cpu_seconds
    seconds = work()
    after = scene.now()
    used = usage(scene.operator.pid).cpu_seconds - used
    counts = between(before.counts, after.counts)
    writes = tape(before.left, after.left, _per_call(before, after, counts))
    loop_seconds, loop_counts = _loop(scene, writes)
    return Race((seconds,), (loop_seconds,), counts, loop_counts, used, writes)


def burst(scene: Scene, declared: Sequence[Declared], limit: float, rounds: int = 1) -> Race:
    """Apply all, one after the other as `kubectl apply -f` of a folder does, and wait until all are Ready.

    With several rounds, what was made is removed on both sides in between, and operator and loop take turns: what else
    goes on on the machine then meets both.
    """

    def work() -> float:
        scene.collections.expect(is_ready)
        started = perf_counter()
        for one in declared:
            scene.apply(one)
        return max(scene.collections.wait([one.key for one in declared], limit)) - started

    last = race(scene, work)
    seconds, loop_seconds = last.seconds, last.loop_seconds
    for _ in range(rounds - 1):
        _clear(scene, declared, last.writes, limit)
        last = race(scene, work)
        seconds, loop_seconds = seconds + last.seconds, loop_seconds + last.loop_seconds
    return replace(last, seconds=seconds, loop_seconds=loop_seconds)


def _clear(scene: Scene, declared: Sequence[Declared], writes: Sequence[Write], limit: float) -> None:
    scene.loop.undo(writes)
    for one in declared:
        scene.ours.delete("contextcollections", one.namespace, one.name)
    for one in declared:
        scene.collections.wait_gone(one.key, limit)


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
