"""How each cost grows with the number of Shared collections: the same step again and again."""

from time import perf_counter

from e2e.bench.converge import samples
from e2e.bench.converge.counts import cpu_seconds
from e2e.bench.converge.report import Report
from e2e.bench.converge.rest import at_rest, start_anew
from e2e.bench.converge.scene import Scene
from e2e.bench.converge.watch import is_ready
from e2e.bench.process import usage

STEPS = 5
_NAMESPACES = 100
_SECONDS_PER_OBJECT = 2.0  # the longest that one more may take; half a second is usual


def grow(scene: Scene, objects: int, resync_seconds: float, report: Report) -> None:
    """Declare `objects` Shared collections in STEPS parts; after each tell what it took and what it costs at rest."""
    declared = samples.shared(objects, _NAMESPACES)
    scene.make_namespaces(declared)
    size = -(-objects // STEPS)
    for start in range(0, objects, size):
        part = declared[start : start + size]
        there = start + len(part)
        name = f"{start} → {there} Shared"
        print(f"\n{name}", flush=True)
        servers, used = cpu_seconds(scene.ours), usage(scene.operator.pid).cpu_seconds
        scene.collections.expect(is_ready)
        started = perf_counter()
        for one in part:
            scene.apply(one)
        ready = max(scene.collections.wait([one.key for one in part], len(part) * _SECONDS_PER_OBJECT)) - started
        after = usage(scene.operator.pid)
        report.add(f"{name}: time until Ready, each", ready / len(part) * 1000, "ms")
        report.add(f"{name}: operator's processor time, each", (after.cpu_seconds - used) / len(part) * 1000, "ms")
        for server, seconds in cpu_seconds(scene.ours).items():
            report.add(f"{name}: {server}'s processor time, each", (seconds - servers[server]) / len(part) * 1000, "ms")
        report.add(f"{name}: resident memory", after.resident, "MB")
        found = at_rest(scene, resync_seconds)
        report.add(f"{name}: at rest, % of a core", found.cpu_share * 100, "%")
    start_up = start_anew(scene, objects, 600)
    report.add(f"start with {objects}: until ready", start_up.ready_seconds, "s")
    report.add(f"start with {objects}: until every object is looked at", start_up.pass_seconds, "s")
    report.add(f"start with {objects}: processor time", start_up.cpu_seconds, "s")
