"""The figures, in the order in which they disturb each other least: the dear schema writes come last."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from e2e.bench.converge import samples
from e2e.bench.converge.burst import burst
from e2e.bench.converge.changes import declare_tenants, hot_edit, tenants_of
from e2e.bench.converge.imports import memory_by_import
from e2e.bench.converge.report import LOOP, Report
from e2e.bench.converge.rest import RECONCILES, at_rest, start_anew
from e2e.bench.converge.samples import Declared
from e2e.bench.converge.scene import FIRST_EF, Scene
from e2e.bench.converge.single import latency, percentile
from e2e.bench.converge.tape import snapshot

DEDICATED_SECONDS, SHARED_SECONDS = 1.5, 0.5
CPU_PERCENT, RESIDENT_MB = 1.0, 150.0
ROUNDS = 2


@dataclass(frozen=True)
class Size:
    """How much of everything.

    Attributes:
        dedicated: Dedicated collections, over `dedicated_namespaces`.
        shared: Shared collections, over `shared_namespaces`; none: placement Shared is left out.
        applies: Single applies of each placement.
        tenants: Tenants of one collection, of which `removed` are removed again.
        resync_seconds: The operator's; None: the product's default.
        limit: Longest wait for one step, in seconds.
    """

    dedicated: int = 50
    dedicated_namespaces: int = 10
    shared: int = 1000
    shared_namespaces: int = 100
    applies: int = 40
    tenants: int = 10_000
    removed: int = 1_000
    resync_seconds: float | None = None
    limit: float = 900.0


QUICK = Size(
    dedicated=5,
    dedicated_namespaces=2,
    shared=50,
    shared_namespaces=5,
    applies=3,
    tenants=300,
    removed=100,
    resync_seconds=5.0,
    limit=180.0,
)


def measure(scene: Scene, size: Size, resync_seconds: float, report: Report) -> None:
    """Take all figures."""
    dedicated = samples.dedicated(size.dedicated, size.dedicated_namespaces)
    shared = samples.shared(size.shared, size.shared_namespaces)
    scene.make_namespaces([*dedicated, *shared])
    _singles(scene, size, report)
    if shared:
        _tell(f"{size.shared} Shared over {size.shared_namespaces} namespaces")
        report.add_race(f"{size.shared} Shared", burst(scene, shared, size.limit))
    _tell(f"{size.dedicated} Dedicated over {size.dedicated_namespaces} namespaces, {ROUNDS} rounds")
    report.add_race(f"{size.dedicated} Dedicated", burst(scene, dedicated, size.limit, ROUNDS))
    _tell(f"one hot edit of a policy that {size.dedicated} collections are bound to")
    edit = hot_edit(scene, dedicated, FIRST_EF + 11, size.limit)
    report.add_race(f"hot edit bound by {size.dedicated}", edit.race)
    report.add(f"hot edit bound by {size.dedicated}: levels called compliant too early", edit.too_early, "levels", 0)
    _rest(scene, [*dedicated, *shared], resync_seconds, report)
    _tenants(scene, size, report)
    _errors(scene, [*dedicated, *shared], report)


def _singles(scene: Scene, size: Size, report: Report) -> None:
    for placement, goal in (("Dedicated", DEDICATED_SECONDS), ("Shared", SHARED_SECONDS)):
        if placement == "Shared" and not size.shared:
            continue
        _tell(f"one apply of a {placement} collection on an idle operator, {size.applies} times")
        found = latency(scene, placement, size.applies)
        report.add(f"one {placement}, apply to Ready: the very first", found.first, "s")
        for share, wanted in ((0.5, None), (0.99, goal)):
            report.add(
                f"one {placement}, apply to Ready: p{share * 100:g} of {size.applies}",
                percentile(found.seconds, share),
                "s",
                wanted,
                {LOOP: percentile(found.loop_seconds, share)},
            )


def _tenants(scene: Scene, size: Size, report: Report) -> None:
    left = size.tenants - size.removed
    for tenants, name in (
        (size.tenants, f"{size.tenants} tenants declared in one collection"),
        (left, f"{size.removed} of {size.tenants} tenants removed"),
    ):
        _tell(name)
        declared = samples.tenanted(tenants)
        report.add_race(name, declare_tenants(scene, declared, size.limit))
        found = tenants_of(scene, declared)
        report.add(f"{name}: tenants too many or too few in Weaviate", abs(found - tenants), "tenants", 0)


def _rest(scene: Scene, declared: Sequence[Declared], resync_seconds: float, report: Report) -> None:
    number = len(declared)
    _tell(f"at rest with {number} objects, over one resync of {resync_seconds:g} s")
    found = at_rest(scene, resync_seconds)
    report.add(f"at rest with {number}: processor, % of a core", found.cpu_share * 100, "%", CPU_PERCENT)
    report.add(f"at rest with {number}: resident memory", found.resident, "MB", RESIDENT_MB)
    report.add(f"at rest with {number}: writes at the servers", sum(found.writes.values()), "requests", 0)
    report.add(f"at rest with {number}: reads at the servers", found.reads, "requests")
    report.add(f"at rest with {number}: objects not looked at", max(0, number - found.reconciles), "objects", 0)
    for what, times in found.writes.items():
        print(f"    written at rest: {times} times {what}", flush=True)
    report.add("resident memory at its most", found.most_resident, "MB")
    _tell("start-up")
    start = start_anew(scene, number, 600)
    report.add(f"start with {number}: until ready", start.ready_seconds, "s")
    report.add(f"start with {number}: until every object is looked at", start.pass_seconds, "s")
    report.add(f"start with {number}: processor time", start.cpu_seconds, "s")
    report.add(f"start with {number}: writes at the servers", sum(start.writes.values()), "requests", 0)
    for module, megabytes in memory_by_import().items():
        report.add(f"memory of a process with {module or 'nothing imported'}", megabytes, "MB")


def _errors(scene: Scene, declared: Sequence[Declared], report: Report) -> None:
    """Count what went wrong: reconciles that did not end well, errors in the log, objects without their Event."""
    results = Counter[str]()
    for labels, number in scene.metrics(RECONCILES).items():
        results[labels.partition('result="')[2].partition('"')[0]] += number
    for line in scene.log_lines():
        if json.loads(line).get("level") in {"error", "critical"} or "event_not_posted" in line:
            results["logged"] += 1
            print(f"    logged: {line[:300]}", flush=True)
    wrong = results["interrupted"] + results["defect"] + results["logged"]
    report.add("errors of the operator", wrong, "errors", 0)
    told = {event["regarding"]["uid"] for event in snapshot(scene.ours).events.values() if event["reason"] == "Ready"}
    silent = [b for b in scene.collections.seen(one.key for one in declared) if b["metadata"]["uid"] not in told]
    report.add("objects that became Ready without an Event", len(silent), "objects", 0)


def _tell(line: str) -> None:
    print(f"\n{line}", flush=True)
