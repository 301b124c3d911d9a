"""One apply on an idle operator, many times over: how long until the object is Ready."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

from e2e.bench.converge.samples import lone
from e2e.bench.converge.scene import Scene
from e2e.bench.converge.tape import Write, tape
from e2e.bench.converge.watch import is_ready

_LIMIT = 60.0


@dataclass(frozen=True)
class Latency:
    """Seconds from the apply to Ready, each time, and the loop's for the same writes; `first`: of the very first.

    The first of a shape makes what all others of it share.
    """

    first: float
    seconds: Sequence[float]
    loop_seconds: Sequence[float]


def latency(scene: Scene, placement: str, times: int) -> Latency:
    """Apply a collection, wait for Ready, delete it, and wait until it is gone; `times` times beside a first.

    The loop makes the writes of one such apply as often.
    """
    before = scene.now().left
    first = _apply(scene, placement, 0)
    beside = scene.now().left
    seconds = [_apply(scene, placement, 1)]
    writes = tape(beside, scene.now().left)
    _delete(scene, placement, 1)
    for number in range(2, times + 1):
        seconds.append(_apply(scene, placement, number))
        _delete(scene, placement, number)
    _delete(scene, placement, 0)
    return Latency(first, seconds, _loop(scene, tape(before, beside), writes, times))


def _loop(scene: Scene, first: Sequence[Write], writes: Sequence[Write], times: int) -> list[float]:
    scene.loop.run(first)
    seconds = []
    for _ in range(times):
        seconds.append(scene.loop.run(writes))
        scene.loop.undo(writes)
    scene.loop.undo(first)
    return seconds


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
