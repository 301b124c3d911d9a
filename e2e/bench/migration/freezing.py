"""How long writes wait while an alias is moved, and whether any is lost: under 200 writes a second, by size.

The part of the operator, which freezes and moves the alias, is played by `e2e/cluster/cutover.py`.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np

from e2e.bench.migration.copies import Target, create
from e2e.bench.migration.report import Report
from e2e.bench.migration.ways import DIMENSIONS, fill
from e2e.cluster.cutover import CutOver, Swapper
from e2e.cluster.namespace import eventually
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.traffic import Traffic
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_jobs.copying.notes import Notes, Told
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest

SIZES = (10_000, 100_000, 200_000)
RATE = 200.0  # writes a second
_QUIET_SEARCHES = 400  # that tell the quiet latency
_WRITES_AROUND = 400  # acknowledged before the freeze, and again behind the swap
_GOAL_SECONDS, _PROMISED_SECONDS = 0.5, 2.0  # where no deletion was missed, and ever (migration.maxFreeze)
BUDGET_MS = 1_500  # of the promise, for removing what was missed
PATIENCE_SECONDS = 1_800.0
_TENANT = "mine"
_SLOWDOWN = 2.0  # how many times longer searches may take during the backfill (migration.searchSlowdown)


@dataclass(frozen=True)
class Swapped:
    """What a swap under traffic came to.

    Attributes:
        done: the freeze and its seal.
        lost: objects that are not as their last acknowledged write left them.
        returned: objects that were deleted and are there.
        troubles: errors of writers and readers, refusals during the freeze left out.
        quiet: 95th percentile of searches before the copy began, seconds.
        busy: the same while it was under way.
        carried: objects a second meanwhile.
    """

    done: CutOver
    lost: int
    returned: int
    troubles: int
    quiet: float
    busy: float
    carried: float


def measure_freezes(tools: Toolchain, sizes: Sequence[int], report: Report) -> None:
    """Swap a collection, and one tenant of a pool, of each size."""
    for size in sizes:
        for tenant in (None, _TENANT):
            where = "one tenant of a pool" if tenant else "Dedicated"
            print(f"\n{size} objects, {where}, {RATE:g} writes a second", flush=True)
            with WeaviateServer(tools) as server:
                found = _swap(server, size, tenant)
            name = f"freeze, {size} objects, {where}"
            add_swap(report, name, found.done, (found.lost, found.returned, found.troubles))
            report.add(f"{name}: objects carried a second in the backfill", found.carried, "1/s", "higher")
            peers = {"quiet, ms": found.quiet * 1000, "during, ms": found.busy * 1000}
            report.add(f"{name}: search p95 during backfill", found.busy / found.quiet, "x", "lower", 2, peers)


def add_swap(report: Report, name: str, done: CutOver, wrong: tuple[int, int, int]) -> None:
    """Add what a swap came to; `wrong` counts lost writes, deleted objects that are back, and errors."""
    sealed = done.sealed
    print(f"  {sealed.missed} deletions missed, {sealed.left} of them removed behind the swap", flush=True)
    goal = _PROMISED_SECONDS if sealed.missed else _GOAL_SECONDS
    lost, returned, errors = wrong
    report.add(f"{name}: no writes for", done.frozen_seconds, "s", "lower", goal)
    report.add(f"{name}: acknowledged writes lost", lost, "", "lower", 0)
    report.add(f"{name}: deleted and back", returned, "", "lower", 0)
    report.add(f"{name}: errors of readers and writers", errors, "", "lower", 0)


def troubles(traffic: Traffic) -> int:
    """Print the first errors of writers and readers, and return how many there are."""
    found = [*traffic.ledger.troubles, *(trouble for one in traffic.searches for trouble in one.troubles)]
    for trouble in found[:3]:
        print(f"  {trouble}", flush=True)
    return len(found)


def _swap(server: WeaviateServer, size: int, tenant: str | None) -> Swapped:
    address = f"127.0.0.1:{server.grpc_port}"
    with ExitStack() as stack:
        client = stack.enter_context(connect(server.http_url, address, None))
        channel = stack.enter_context(ObjectChannel(address, None))
        notes = Notes(stack.enter_context(Rest(server.http_url, None)), channel)
        notes.prepare()
        swapper = stack.enter_context(Swapper(server.http_url, notes))
        source, target = (create(client, tenants=[tenant] if tenant else []) for _ in range(2))
        filled = source.with_tenant(tenant) if tenant else source
        fill(filled, np.random.default_rng(size).normal(size=(size, DIMENSIONS)).astype(np.float32))
        alias = "Bench_Alias"
        client.alias.create(alias_name=alias, target_collection=source.name)
        parts = [Part(one.name, tenant) for one in (source, target)]
        traffic = Traffic(lambda: connect(server.http_url, address, None), alias, tenant, DIMENSIONS, rate=RATE)
        with traffic:
            eventually(lambda: traffic.searched, lambda count: count >= _QUIET_SEARCHES, PATIENCE_SECONDS)
            quiet = traffic.p95(0, traffic.searched)
            began, began_at = traffic.searched, time.monotonic()
            with followed(server, source.name, target.name, tenant):
                eventually(lambda: notes.told(parts[1], "1/1"), follows, PATIENCE_SECONDS)
                busy, carried = traffic.p95(began, traffic.searched), size / (time.monotonic() - began_at)
                await_writes(traffic)
                done = swapper.cut_over(alias, *parts, budget_ms=BUDGET_MS)
                await_writes(traffic)
        lost, returned = differences(traffic, target.with_tenant(tenant) if tenant else target, size)
    return Swapped(done, lost, returned, troubles(traffic), quiet, busy, carried)


def await_writes(traffic: Traffic) -> None:
    """Wait until so many more writes were acknowledged."""
    at = traffic.written
    eventually(lambda: traffic.written, lambda count: count >= at + _WRITES_AROUND, PATIENCE_SECONDS)


@contextmanager
def followed(server: WeaviateServer, source: str, target: str, tenant: str | None) -> Iterator[None]:
    """Have the program follow a copy, and end well after the block."""
    command = [
        *(sys.executable, "-m", "hirag_jobs.main", "migrate", "--source", source, "--target", target),
        *("--weaviate-http-url", server.http_url, "--weaviate-grpc", f"127.0.0.1:{server.grpc_port}"),
        *("--follow", "--no-verify", "--search-slowdown", f"{_SLOWDOWN:g}", *(["--tenant", tenant] if tenant else [])),
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield
            if process.wait(PATIENCE_SECONDS) != 0:
                raise RuntimeError(f"hirag-jobs migrate ended with {process.returncode}")
        finally:
            process.kill()


def differences(traffic: Traffic, target: Target, untouched: int) -> tuple[int, int]:
    """Objects that are not as the ledger says, and objects that should be gone; what nobody touched counts too."""
    there = {one.uuid: one.properties["chunkIndex"] for one in target.iterator(return_properties=["chunkIndex"])}
    ledger = traffic.ledger.objects
    lost = sum(number is not None and there.get(one) != number for one, number in ledger.items())
    returned = sum(number is None and one in there for one, number in ledger.items())
    rest = len(there.keys() - ledger.keys())
    return lost + max(0, untouched - rest), returned + max(0, rest - untouched)


def follows(told: Told | None) -> bool:
    """Return whether all is carried."""
    return told is not None and told.phase == "following"
