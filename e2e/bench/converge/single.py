"""One apply on an idle operator, many times over: how long until the object is Ready."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from e2e.bench.converge.samples import lone
from e2e.bench.converge.scene import Scene
from e2e.bench.converge.tape import tape
from e2e.bench.converge.watch import is_ready

_LIMIT = 60.0


@dataclass(frozen=True)
class Latency:
    """Seconds from the apply to Ready, each time, and the loop's for the same writes."""

    seconds: Sequence[float]
    loop_seconds: Sequence[float]


def latency(scene: Scene, placement: str, times: int) -> Latency:
    """Apply one collection, wait for Ready, delete it, and wait until it is gone; `times` times, each of a new name."""
    before = scene.now().left
    seconds = [_apply(scene, placement, 0)]
    writes = tape(before, scene.now().left)
    _delete(scene, placement, 0)
    for number in range(1, times):
        seconds.append(_apply(scene, placement, number))
        _delete(scene, placement, number)
    loop_seconds = []
    for _ in range(times):
        loop_seconds.append(scene.loop.run(writes))
        scene.loop.undo(writes)
    return Latency(seconds, loop_seconds)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


def _apply(scene: Scene, placement: str, number: int) -> float:
    one = lone(placement, number)
    scene.collections.expect(is_ready)
    started = perf_counter()
    scene.apply(one)
    return scene.collections.wait([one.key], _LIMIT)[0] - started


def _delete(scene: Scene, placement: str, number: int) -> None:
    one = lone(placement, number)
    scene.ours.delete("contextcollections", one.namespace, one.name)
    scene.collections.wait_gone(one.key, _LIMIT)
