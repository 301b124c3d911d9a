"""Weaviate killed in the middle of a copy and in the middle of a freeze."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest

from e2e.cluster.cutover import Swapper
from e2e.cluster.namespace import eventually
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.connection import connect
from hirag_jobs.copying.comparison import compare
from hirag_jobs.copying.notes import Notes
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.rest import Rest
from tests.sidecars.hirag_jobs.copying.copies import Copy

BUDGET_MS = 2_000


@dataclass(frozen=True)
class Ground:
    """A Weaviate of one's own with a pair of collections on it."""

    server: WeaviateServer
    copy: Copy
    notes: Notes

    def program(self, *flags: str) -> list[str]:
        return [
            *(sys.executable, "-m", "hirag_jobs.main", "migrate"),
            *("--source", self.copy.source.name, "--target", self.copy.target.name),
            *("--weaviate-http-url", self.server.http_url),
            *("--weaviate-grpc", f"127.0.0.1:{self.server.grpc_port}", *flags),
        ]


@pytest.fixture
def ground(toolchain: Toolchain) -> Iterator[Ground]:
    with ExitStack() as stack:
        server = stack.enter_context(WeaviateServer(toolchain))
        address = f"127.0.0.1:{server.grpc_port}"
        client = stack.enter_context(connect(server.http_url, address, None))
        channel = stack.enter_context(ObjectChannel(address, None))
        rest = stack.enter_context(httpx.Client(base_url=f"{server.http_url}/v1", trust_env=False, timeout=60))
        notes = Notes(stack.enter_context(Rest(server.http_url, None)), channel)
        notes.prepare()
        yield Ground(server, stack.enter_context(Copy(client, channel, rest)), notes)


def test_a_copy_waits_for_a_server_that_was_killed_and_goes_on(ground: Ground) -> None:
    ground.copy.fill(3_000)
    with subprocess.Popen(ground.program("--rate", "600"), stderr=subprocess.DEVNULL) as process:
        eventually(lambda: len(ground.copy.target), bool)
        ground.server.kill()
        ground.server.start()
        assert process.wait(120) == 0
    assert compare(ground.copy.way()).equal == 3_000


def test_a_freeze_that_a_restart_has_opened_is_not_believed_and_taken_anew(ground: Ground) -> None:
    ids = ground.copy.fill(300)
    alias = f"{ground.copy.source.name}_Alias"
    ground.copy.client.alias.create(alias_name=alias, target_collection=ground.copy.source.name)
    source, target = ground.copy.way().source, ground.copy.way().target
    with (
        subprocess.Popen(ground.program("--follow", "--no-verify")) as process,
        Swapper(ground.server.http_url, ground.notes) as swapper,
    ):
        eventually(
            lambda: ground.notes.told(target, "1/1"), lambda told: told is not None and told.phase == "following"
        )
        freeze = swapper.freeze(source, target, BUDGET_MS)
        swapper.sealed(target, freeze)
        ground.server.kill()
        ground.server.start()
        with pytest.raises(AssertionError, match="were opened meanwhile"):
            swapper.move(alias, source, target)
        ground.copy.source.data.update(ids[0], properties={"text": "in the freeze that was none"})
        swapper.thaw(source, target)
        swapper.cut_over(alias, source, target, budget_ms=BUDGET_MS)
        assert process.wait(60) == 0
    here, there = ground.copy.sides()
    assert here == there
