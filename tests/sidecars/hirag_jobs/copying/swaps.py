"""A copy that is followed by the program, under traffic, and the one who swaps it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from uuid import UUID

from e2e.cluster.cutover import Swapper
from e2e.cluster.namespace import eventually
from e2e.cluster.traffic import Traffic
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.notes import Notes, Told
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest
from tests.sidecars.hirag_jobs.copying.copies import DIMENSIONS, Copy


class Swap:
    """A collection behind an alias, the program that follows it into another, and who freezes it."""

    def __init__(self, server: WeaviateServer, copy: Copy, channel: ObjectChannel, tenant: str | None = None) -> None:
        self.copy, self.tenant = copy, tenant
        self.alias = f"{copy.source.name}_Alias_{tenant}"
        self._server = server
        self._address = f"127.0.0.1:{server.grpc_port}"
        self.source, self.target = (Part(one.name, tenant) for one in (copy.source, copy.target))
        with Rest(server.http_url, None) as rest:
            self.notes = Notes(rest, channel)
            self.notes.prepare()

    def traffic(self, rate: float = 150, tenant: str | None = None) -> Traffic:
        return Traffic(self._server.http_url, self._address, self.alias, tenant or self.tenant, DIMENSIONS, rate=rate)

    @contextmanager
    def follower(self, *flags: str, environment: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
        """A process of the program that follows the copy; killed in the end if it still runs."""
        tenant = ["--tenant", self.tenant] if self.tenant else []
        command = [
            *(sys.executable, "-m", "hirag_jobs.main", "migrate", "--follow", *tenant, *flags),
            *("--source", self.source.collection, "--target", self.target.collection),
            *("--weaviate-http-url", self._server.http_url, "--weaviate-grpc", self._address),
        ]
        with subprocess.Popen(command, env={**os.environ, **(environment or {})}) as process:
            try:
                yield process
            finally:
                process.kill()

    @contextmanager
    def followed(self, *flags: str) -> Iterator[Swapper]:
        """The copy is followed inside, until the swap is over, by a program that ends well."""
        with self.follower(*flags) as process, Swapper(self._server.http_url, self.notes) as swapper:
            self.await_caught_up()
            yield swapper
            assert process.wait(60) == 0

    def await_caught_up(self) -> Told:
        return self.await_told(lambda told: told.phase == "following")

    def await_told(self, holds: Callable[[Told], bool], share: str = "1/1") -> Told:
        told = eventually(lambda: self.notes.told(self.target, share), lambda told: told is not None and holds(told))
        assert told is not None
        return told

    def swapper(self) -> Swapper:
        return Swapper(self._server.http_url, self.notes)


@contextmanager
def swap_of(server: WeaviateServer, copy: Copy, channel: ObjectChannel, tenant: str | None = None) -> Iterator[Swap]:
    swap = Swap(server, copy, channel, tenant)
    copy.client.alias.create(alias_name=swap.alias, target_collection=copy.source.name)
    yield swap
    copy.client.alias.delete(alias_name=swap.alias)


def assert_nothing_lost(traffic: Traffic, swap: Swap, untouched: list[UUID], tenant: str | None = None) -> None:
    """The target holds each object as its last acknowledged write left it, and those that nobody touched."""
    ledger, tenant = traffic.ledger, tenant or swap.tenant
    target = swap.copy.client.collections.use(swap.target.collection)
    target = target.with_tenant(tenant) if tenant else target
    there = {one.uuid: one.properties["chunkIndex"] for one in target.iterator(return_properties=["chunkIndex"])}
    expected = {one: number for one, number in ledger.objects.items() if number is not None}
    assert ledger.troubles == []
    assert {one: number for one, number in there.items() if one not in untouched} == expected
    assert set(untouched) <= there.keys()
    assert [trouble for one in traffic.searches for trouble in one.troubles] == []
