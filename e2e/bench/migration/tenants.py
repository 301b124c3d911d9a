"""How long writes wait while all tenants of a collection are swapped at once, most of them asleep."""

import time
from contextlib import ExitStack

import numpy as np
from weaviate.classes.tenants import Tenant, TenantActivityStatus

from e2e.bench.migration.copies import Target, create
from e2e.bench.migration.freezing import (
    BUDGET_MS,
    PATIENCE_SECONDS,
    RATE,
    add_swap,
    await_writes,
    differences,
    followed,
    follows,
    troubles,
)
from e2e.bench.migration.report import Report
from e2e.bench.migration.ways import DIMENSIONS, fill
from e2e.cluster.cutover import Swapper
from e2e.cluster.namespace import eventually
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.traffic import Traffic
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_jobs.copying.notes import Notes
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest

TENANTS = 2_000
_OBJECTS = 20  # of each
_AWAKE_OF = 20  # one in so many is awake
_SLEPT_AT_ONCE = 100  # the most that a request may put to sleep


def measure_tenants(tools: Toolchain, tenants: int, report: Report) -> None:
    """Swap a collection with so many tenants, one in twenty awake, while one of them is written to."""
    name = f"freeze, {tenants} tenants, {tenants // _AWAKE_OF} awake"
    print(f"\n{tenants} tenants, {tenants // _AWAKE_OF} awake, {RATE:g} writes a second to one", flush=True)
    with WeaviateServer(tools) as server, ExitStack() as stack:
        address = f"127.0.0.1:{server.grpc_port}"
        client = stack.enter_context(connect(server.http_url, address, None))
        channel = stack.enter_context(ObjectChannel(address, None))
        notes = Notes(stack.enter_context(Rest(server.http_url, None)), channel)
        notes.prepare()
        swapper = stack.enter_context(Swapper(server.http_url, notes))
        names = [f"tenant{number:05}" for number in range(tenants)]
        source, target = create(client, tenants=names), create(client, tenants=names[:1])
        _fill(source, names)
        alias = "Bench_Alias"
        client.alias.create(alias_name=alias, target_collection=source.name)
        parts = [Part(one.name) for one in (source, target)]
        traffic = Traffic(lambda: connect(server.http_url, address, None), alias, names[0], DIMENSIONS, rate=RATE)
        with traffic:
            began = time.monotonic()
            with followed(server, source.name, target.name, None):
                told = eventually(lambda: notes.told(parts[1], "1/1"), follows, PATIENCE_SECONDS)
                carried = time.monotonic() - began
                await_writes(traffic)
                done = swapper.cut_over(alias, *parts, budget_ms=BUDGET_MS)
                swapped = time.monotonic()
            behind = time.monotonic() - swapped
            await_writes(traffic)
        lost, returned = differences(traffic, target.with_tenant(names[0]), _OBJECTS)
        states = {name: tenant.activity_status for name, tenant in source.tenants.get().items()}
        moved = {name: tenant.activity_status for name, tenant in target.tenants.get().items()} == states
    if told is None or told.tenants_done != tenants or not moved:
        raise RuntimeError("not all tenants were carried, or some are not as awake as they were")
    add_swap(report, name, done, (lost, returned, troubles(traffic)))
    report.add(f"{name}: tenants carried a second", tenants / carried, "1/s", "higher")
    report.add(f"{name}: looked at once more behind the swap for", behind, "s", "lower")


def _fill(source: Target, names: list[str]) -> None:
    """Fill all tenants, and put those to sleep that are not to be awake."""
    vectors = np.random.default_rng(0).normal(size=(_OBJECTS, DIMENSIONS)).astype(np.float32)
    for name in names:
        fill(source.with_tenant(name), vectors)
    asleep = [name for number, name in enumerate(names) if number % _AWAKE_OF]
    for start in range(0, len(asleep), _SLEPT_AT_ONCE):
        chunk = asleep[start : start + _SLEPT_AT_ONCE]
        source.tenants.update([Tenant(name=name, activity_status=TenantActivityStatus.INACTIVE) for name in chunk])
