"""How long writes wait while an alias is moved, and whether any is lost: under 200 writes a second, by size.

The part of the operator, which freezes and moves the alias, is played by `e2e/cluster/cutover.py`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from e2e.bench.migration.copies import Target
from e2e.bench.migration.report import Report
from e2e.bench.migration.scene import PATIENCE_SECONDS, RATE, await_writes, scene
from e2e.bench.migration.ways import DIMENSIONS, fill
from e2e.cluster.cutover import CutOver
from e2e.cluster.namespace import eventually
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.traffic import Traffic

SIZES = (10_000, 100_000, 200_000)
SLOWDOWN = 2.0
"""How many times longer searches may take during the backfill (migration.searchSlowdown)."""
_QUIET_SEARCHES = 400  # that tell the quiet latency
_GOAL_SECONDS, _PROMISED_SECONDS = 0.5, 2.0  # where no deletion was missed, and ever (migration.maxFreeze)
_TENANT = "mine"


@dataclass(frozen=True)
class Swapped:
    """What a swap under traffic came to.

    Attributes:
        done: the freeze and its seal.
        lost: objects that are not as their last acknowledged write left them.
        returned: objects that were deleted and are there.
        troubles: errors of writers and readers, refusals during the freeze left out.
        quiet: 95th percentile of searches before the copy began, seconds.
        copying: the same while as many objects were copied as there were.
        busy: the same until what was written meanwhile was carried too.
        carried: objects a second meanwhile.
    """

    done: CutOver
    lost: int
    returned: int
    troubles: int
    quiet: float
    copying: float
    busy: float
    carried: float


def measure_freezes(tools: Toolchain, sizes: Sequence[int], report: Report, slowdown: float = SLOWDOWN) -> None:
    """Swap a collection, and one tenant of a pool, of each size; `slowdown` is as of `SLOWDOWN`, 0 for full speed."""
    for size in sizes:
        for tenant in (None, _TENANT):
            where = "one tenant of a pool" if tenant else "Dedicated"
            print(f"\n{size} objects, {where}, {RATE:g} writes a second", flush=True)
            found = _swap(tools, size, tenant, slowdown)
            name = f"freeze, {size} objects, {where}"
            add_swap(report, name, found.done, (found.lost, found.returned, found.troubles))
            report.add(f"{name}: objects carried a second in the backfill", found.carried, "1/s", "higher")
            peers = {"quiet, ms": found.quiet * 1000, "during, ms": found.busy * 1000}
            report.add(f"{name}: search p95 during backfill", found.busy / found.quiet, "x", "lower", 2, peers)
            copying = found.copying / found.quiet
            report.add(
                f"{name}: search p95 in its first part, without what is written meanwhile", copying, "x", "lower"
            )


def add_swap(report: Report, name: str, done: CutOver, wrong: tuple[int, int, int]) -> None:
    """Add what a swap came to; `wrong` counts lost writes, deleted objects that are back, and errors."""
    sealed = done.sealed
    print(f"  {sealed.missed} deletions missed, {sealed.left} of them removed behind the swap", flush=True)
    goal = _PROMISED_SECONDS if sealed.missed else _GOAL_SECONDS
    lost, returned, errors = wrong
    report.add(f"{name}: no writes for", done.frozen_seconds, "s", "lower", goal)
    report.add(f"{name}: freezes given up before", done.given_up, "times", "lower")
    report.add(f"{name}: acknowledged writes lost", lost, "", "lower", 0)
    report.add(f"{name}: deleted and back", returned, "", "lower", 0)
    report.add(f"{name}: errors of readers and writers", errors, "", "lower", 0)


def troubles(traffic: Traffic) -> int:
    """Print the first errors of writers and readers, and return how many there are."""
    found = [*traffic.ledger.troubles, *(trouble for one in traffic.searches for trouble in one.troubles)]
    for trouble in found[:3]:
        print(f"  {trouble}", flush=True)
    return len(found)


def _swap(tools: Toolchain, size: int, tenant: str | None, slowdown: float) -> Swapped:
    tenants = [tenant] if tenant else []
    with scene(tools, tenants, tenants, tenant) as at:
        source, target = (one.with_tenant(tenant) if tenant else one for one in (at.source, at.target))
        fill(source, np.random.default_rng(size).normal(size=(size, DIMENSIONS)).astype(np.float32))
        with at.traffic(tenant) as traffic:
            eventually(lambda: traffic.searched, lambda count: count >= _QUIET_SEARCHES, PATIENCE_SECONDS)
            quiet = traffic.p95(0, traffic.searched)
            began, began_at = traffic.searched, time.monotonic()
            with at.followed(slowdown):
                at.await_copied()
                copying = traffic.p95(began, traffic.searched)
                at.await_carried()
                busy, carried = traffic.p95(began, traffic.searched), size / (time.monotonic() - began_at)
                done = at.cut_over(traffic)
                await_writes(traffic)
        lost, returned = differences(traffic, target, size)
    return Swapped(done, lost, returned, troubles(traffic), quiet, copying, busy, carried)


def differences(traffic: Traffic, target: Target, untouched: int) -> tuple[int, int]:
    """Objects that are not as the ledger says, and objects that should be gone; what nobody touched counts too."""
    there = {one.uuid: one.properties["chunkIndex"] for one in target.iterator(return_properties=["chunkIndex"])}
    ledger = traffic.ledger.objects
    lost = sum(number is not None and there.get(one) != number for one, number in ledger.items())
    returned = sum(number is None and one in there for one, number in ledger.items())
    rest = len(there.keys() - ledger.keys())
    return lost + max(0, untouched - rest), returned + max(0, rest - untouched)
