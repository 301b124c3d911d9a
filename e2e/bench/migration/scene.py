"""A collection that is to be swapped for another, and all who take part: writers and readers, the Job, the swapper."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from e2e.bench.migration.copies import Target, create
from e2e.bench.migration.ways import DIMENSIONS
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
from hirag_operator.plan.collection.migration.forward import SWAP_SHARE, SWEEP_SHARE

RATE = 200.0  # writes a second
PATIENCE_SECONDS = 3_600.0
_WRITES_AROUND = 400  # acknowledged before the freeze, and again behind the swap
_LONGEST_SECONDS = 2.0  # migration.maxFreeze; of which so much, as the operator has it:
_BUDGET_MS = int(_LONGEST_SECONDS * 1000 * SWEEP_SHARE)  # is for removing what was missed
_SEALED_SECONDS = _LONGEST_SECONDS * (1 - SWAP_SHARE)  # may pass until the seal
_ALIAS = "Bench_Alias"


@dataclass(frozen=True)
class Scene:
    """One Weaviate with both collections; an alias leads to the source.

    Attributes:
        server: the Weaviate.
        source: what is swapped.
        target: for what.
        tenant: the one tenant that is swapped; None where all is.
    """

    server: WeaviateServer
    source: Target
    target: Target
    tenant: str | None
    _notes: Notes
    _swapper: Swapper

    def traffic(self, tenant: str | None) -> Traffic:
        """Writes and searches through the alias, of a tenant if there are any."""
        grpc = f"127.0.0.1:{self.server.grpc_port}"
        return Traffic(self.server.http_url, grpc, _ALIAS, tenant, DIMENSIONS, rate=RATE)

    @contextmanager
    def followed(self, slowdown: float) -> Iterator[None]:
        """Have the program follow the copy, and end well after the block; `slowdown` is migration.searchSlowdown."""
        source, target = self._parts
        command = [
            *(sys.executable, "-m", "hirag_jobs.main", "migrate"),
            *("--source", source.collection, "--target", target.collection),
            *("--weaviate-http-url", self.server.http_url, "--weaviate-grpc", f"127.0.0.1:{self.server.grpc_port}"),
            *("--follow", "--no-verify", "--search-slowdown", f"{slowdown:g}"),
            *(["--tenant", self.tenant] if self.tenant else []),
        ]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                yield
                if process.wait(PATIENCE_SECONDS) != 0:
                    raise RuntimeError(f"hirag-jobs migrate ended with {process.returncode}")
            finally:
                process.kill()

    def await_copied(self) -> Told:
        """Wait until as many objects are carried as there were, but for what was written meanwhile."""
        return self._await_told(_has_copied)

    def await_carried(self) -> Told:
        """Wait until all is carried."""
        return self._await_told(_follows)

    def _await_told(self, holds: Callable[[Told | None], bool]) -> Told:
        told = eventually(lambda: self._notes.told(self._parts[1], "1/1"), holds, PATIENCE_SECONDS)
        if told is None:
            raise RuntimeError("the copy tells nothing")
        return told

    def cut_over(self, traffic: Traffic) -> CutOver:
        """Freeze the source and move the alias; some writes are awaited before, for the Job follows them."""
        await_writes(traffic)
        return self._swapper.cut_over(_ALIAS, *self._parts, budget_ms=_BUDGET_MS, within=_SEALED_SECONDS)

    @property
    def _parts(self) -> tuple[Part, Part]:
        return Part(self.source.name, self.tenant), Part(self.target.name, self.tenant)


@contextmanager
def scene(
    tools: Toolchain, of_source: Sequence[str], of_target: Sequence[str], tenant: str | None = None
) -> Iterator[Scene]:
    """A Weaviate of its own with two empty collections, which have these tenants; `tenant` is as of `Scene`."""
    with WeaviateServer(tools) as server, ExitStack() as stack:
        address = f"127.0.0.1:{server.grpc_port}"
        client = stack.enter_context(connect(server.http_url, address, None))
        channel = stack.enter_context(ObjectChannel(address, None))
        notes = Notes(stack.enter_context(Rest(server.http_url, None)), channel)
        notes.prepare()
        swapper = stack.enter_context(Swapper(server.http_url, notes))
        source, target = (create(client, tenants=tenants) for tenants in (of_source, of_target))
        client.alias.create(alias_name=_ALIAS, target_collection=source.name)
        yield Scene(server, source, target, tenant, notes, swapper)


def await_writes(traffic: Traffic) -> None:
    """Wait until so many more writes were acknowledged."""
    at = traffic.written
    eventually(lambda: traffic.written, lambda count: count >= at + _WRITES_AROUND, PATIENCE_SECONDS)


def _has_copied(told: Told | None) -> bool:
    return told is not None and told.total is not None and told.done >= told.total


def _follows(told: Told | None) -> bool:
    return told is not None and told.phase == "following"
