"""How long writes wait while all tenants of a collection are swapped at once, most of them asleep."""

import time

import numpy as np
from weaviate.classes.data import DataObject
from weaviate.classes.tenants import Tenant, TenantActivityStatus
from weaviate.util import generate_uuid5

from e2e.bench.migration.copies import Target
from e2e.bench.migration.freezing import SLOWDOWN, add_swap, differences, troubles
from e2e.bench.migration.report import Report
from e2e.bench.migration.scene import RATE, await_writes, scene
from e2e.bench.migration.ways import DIMENSIONS, values
from e2e.cluster.toolchain import Toolchain

TENANTS = 2_000
_OBJECTS = 20  # of each
_AWAKE_OF = 20  # one in so many is awake
_SLEPT_AT_ONCE = 100  # the most that a request may put to sleep


def measure_tenants(tools: Toolchain, tenants: int, report: Report) -> None:
    """Swap a collection with so many tenants, one in twenty awake, while one of them is written to."""
    name = f"freeze, {tenants} tenants, {tenants // _AWAKE_OF} awake"
    print(f"\n{tenants} tenants, {tenants // _AWAKE_OF} awake, {RATE:g} writes a second to one", flush=True)
    names = [f"tenant{number:05}" for number in range(tenants)]
    with scene(tools, names, names[:1]) as at:
        source, target = at.source, at.target
        _fill(source, names)
        with at.traffic(names[0]) as traffic:
            began = time.monotonic()
            with at.followed(SLOWDOWN):
                told = at.await_carried()
                carried = time.monotonic() - began
                done = at.cut_over(traffic)
                swapped = time.monotonic()
            behind = time.monotonic() - swapped
            await_writes(traffic)
        lost, returned = differences(traffic, target.with_tenant(names[0]), _OBJECTS)
        states = {name: tenant.activity_status for name, tenant in source.tenants.get().items()}
        moved = {name: tenant.activity_status for name, tenant in target.tenants.get().items()} == states
    if told.tenants_done != tenants or not moved:
        raise RuntimeError("not all tenants were carried, or some are not as awake as they were")
    add_swap(report, name, done, (lost, returned, troubles(traffic)))
    report.add(f"{name}: tenants carried a second", tenants / carried, "1/s", "higher")
    report.add(f"{name}: looked at once more behind the swap for", behind, "s", "lower")


def _fill(source: Target, names: list[str]) -> None:
    """Fill all tenants, and put to sleep those that are not to be awake; in turns, for the awake have files open."""
    vectors = np.random.default_rng(0).normal(size=(_OBJECTS, DIMENSIONS)).tolist()
    objects = [DataObject(values(number), generate_uuid5(number), vector) for number, vector in enumerate(vectors)]
    for start in range(0, len(names), _SLEPT_AT_ONCE):
        chunk = names[start : start + _SLEPT_AT_ONCE]
        for name in chunk:  # not by the client's batches, each of which takes a second to end
            if (inserted := source.with_tenant(name).data.insert_many(objects)).has_errors:
                raise RuntimeError(f"{name} was not filled: {next(iter(inserted.errors.values())).message}")
        if asleep := [name for at, name in enumerate(chunk, start) if at % _AWAKE_OF]:
            source.tenants.update([Tenant(name=name, activity_status=TenantActivityStatus.INACTIVE) for name in asleep])
