"""`hirag-jobs migrate` on the real Weaviate: under writers, killed, with sleeping tenants, and with another model."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from weaviate.classes.data import DataObject
from weaviate.classes.tenants import Tenant, TenantActivityStatus

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.namespace import eventually
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.embedding import Embedder
from hirag_jobs.main import main
from tests.sidecars.hirag_jobs.copying.copies import DIMENSIONS, Copies, Copy

Json = dict[str, Any]

VECTOR = [0.1 * number for number in range(DIMENSIONS)]


class Migration:
    """Runs the program on the two collections of a copy."""

    def __init__(self, server: WeaviateServer, folder: Path) -> None:
        self._server, self._report = server, folder / "report.json"

    def arguments(self, copy: Copy, *flags: str) -> list[str]:
        return [
            *("migrate", "--source", copy.source.name, "--target", copy.target.name),
            *("--weaviate-http-url", self._server.http_url),
            *("--weaviate-grpc", f"127.0.0.1:{self._server.grpc_port}"),
            *("--report", str(self._report), *flags),
        ]

    def run(self, copy: Copy, *flags: str) -> tuple[int, Json]:
        self._report.unlink(missing_ok=True)
        status = main(self.arguments(copy, *flags))
        return status, json.loads(self._report.read_text()) if self._report.exists() else {}


@pytest.fixture
def migration(weaviate_server: WeaviateServer, tmp_path: Path) -> Migration:
    return Migration(weaviate_server, tmp_path)


def test_a_collection_is_carried_and_found_alike(copy: Copy, migration: Migration) -> None:
    copy.fill(500)
    status, report = migration.run(copy)
    [part] = report["parts"]
    assert (status, report["finished"], part["carried"], part["equal"], part["unlike"]) == (0, True, 500, 500, 0)
    here, there = copy.sides()
    assert here == there


def test_a_second_run_finds_no_gap_and_the_same_checksum(copy: Copy, migration: Migration) -> None:
    copy.fill(300)
    first = migration.run(copy)[1]["parts"][0]["checksum"]
    [part] = migration.run(copy)[1]["parts"]
    assert (part["carried"], part["removed"], part["checksum"]) == (0, 0, first)


def test_shares_make_up_the_whole(copy: Copy, migration: Migration) -> None:
    copy.fill(300)
    carried = [migration.run(copy, "--share", f"{number}/3")[1]["parts"][0]["carried"] for number in (1, 2, 3)]
    assert sum(carried) == 300
    assert min(carried) > 0
    here, there = copy.sides()
    assert here == there


def test_what_is_written_meanwhile_is_there_after_the_writers_have_stopped(copy: Copy, migration: Migration) -> None:
    ids = copy.fill(2_000)
    began, stop = threading.Event(), threading.Event()

    def write() -> None:
        for number in range(1_000_000):
            if stop.is_set():
                return
            copy.source.data.insert({"text": f"new {number}"}, uuid=uuid5(ids[0], str(number)), vector=VECTOR)
            copy.source.data.update(ids[number % 900 + 1000], properties={"text": f"changed {number}"})
            copy.source.data.delete_by_id(ids[number % 900])
            began.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert began.wait(30)
    migration.run(copy, "--rate", "1500", "--no-verify")
    stop.set()
    writer.join()
    status, report = migration.run(copy)
    here, there = copy.sides()
    assert here == there
    assert (status, report["parts"][0]["unlike"]) == (0, 0)


def test_a_comparison_that_finds_a_difference_is_no_success_and_names_it(copy: Copy, migration: Migration) -> None:
    ids = copy.fill(50)
    migration.run(copy)
    copy.target.data.update(ids[3], properties={"text": "by another hand"})
    status, report = migration.run(copy, "--since", "2999-01-01T00:00:00Z")
    assert status == 1
    assert report["parts"][0]["differing"] == [str(ids[3])]


def test_a_run_that_is_killed_is_gone_on_with(copy: Copy, migration: Migration) -> None:
    copy.fill(4_000)
    command = [sys.executable, "-m", "hirag_jobs.main", *migration.arguments(copy, "--rate", "1000")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        eventually(lambda: len(copy.target), bool)
        process.kill()
    done = len(copy.target)
    assert done < 4_000
    status, report = migration.run(copy)
    assert (status, report["parts"][0]["equal"]) == (0, 4_000)
    assert report["parts"][0]["carried"] <= 4_000 - done + 4 * 1_000, "it begins again at the first gap"


def test_tenants_that_sleep_are_carried_and_sleep_again(copies: Copies, migration: Migration) -> None:
    with copies(tenants=("awake", "asleep")) as copy:
        copy.fill(30, "awake")
        copy.fill(40, "asleep", first=100)
        asleep = Tenant(name="asleep", activity_status=TenantActivityStatus.INACTIVE)
        for side in (copy.source, copy.target):
            side.tenants.update(asleep)
        status, report = migration.run(copy)
        assert (status, [part["equal"] for part in report["parts"]]) == (0, [40, 30])
        for side in (copy.source, copy.target):
            assert side.tenants.get()["asleep"].activity_status is TenantActivityStatus.INACTIVE
        status, report = migration.run(copy, "--tenant", "awake")
        assert [part["tenant"] for part in report["parts"]] == ["awake"]


def test_vectors_are_made_anew_by_the_embedder_of_the_text_that_weaviate_would_compose(
    copy: Copy, migration: Migration, embedder: EmbedderServer
) -> None:
    texts = {UUID(int=1): "what is a tenant", UUID(int=2): "how a shard is frozen", UUID(int=3): ""}
    copy.put([DataObject(uuid=one, properties={"text": text}, vector=VECTOR) for one, text in texts.items()])
    status, report = migration.run(copy, "--vectors", "embed", "--embedder-url", f"{embedder.url}/v1")
    assert (status, report["parts"][0]["equal"]) == (0, 3)
    with Embedder(f"{embedder.url}/v1") as asked:
        expected = asked.embed([text for text in texts.values() if text])
    there = copy.sides()[1]
    for one, vector in zip(texts, expected, strict=False):
        assert there[one][1]["default"] == pytest.approx(vector, abs=1e-5)
    assert not there[UUID(int=3)][1]


def test_a_collection_goes_into_a_tenant_of_another_and_out_again(copies: Copies, migration: Migration) -> None:
    with copies() as own, copies(tenants=("mine", "other")) as pool:
        written = set(own.fill(5))
        into = ("--target", pool.target.name, "--into-tenant", "mine")
        assert migration.run(own, *into)[0] == 0
        assert set(pool.sides("mine")[1]) == written
        assert not pool.sides("other")[1]
        out = ("--source", pool.target.name, "--tenant", "mine", "--target", own.target.name)
        assert migration.run(pool, *out)[0] == 0
        assert set(own.sides()[1]) == written


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        pytest.param((), "say which to fill by --into-tenant", id="into tenants: which"),
        pytest.param(("--into-tenant", "none"), "has no tenant none: create it", id="a tenant that is not there"),
        pytest.param(("--into-tenant", "mine", "--tenant", "mine"), "leave --tenant out", id="the source has none"),
    ],
)
def test_where_a_collection_without_tenants_goes_must_be_said(
    copies: Copies, migration: Migration, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], why: str
) -> None:
    with copies() as own, copies(tenants=("mine",)) as pool:
        assert migration.run(own, "--target", pool.target.name, *flags)[0] == 2
        assert why in capsys.readouterr().err
        assert migration.run(pool, "--target", own.target.name)[0] == 2
        assert f"which tenant of {pool.source.name}" in capsys.readouterr().err


def another(copy: Copy) -> list[str]:
    return ["--target", copy.source.name]


def unknown(copy: Copy) -> list[str]:
    return ["--source", f"{copy.source.name}x"]


REFUSED: dict[str, tuple[Callable[[Copy], list[str]], str]] = {
    "into itself": (another, "they are one collection"),
    "a collection that is not there": (unknown, "Weaviate has no collection"),
    "a tenant where there are none": (lambda _: ["--tenant", "mine"], "has no tenants: leave --tenant out"),
    "a share that is none": (lambda _: ["--share", "3/2"], "share must be a number from 1 on"),
    "a moment without a time zone": (lambda _: ["--since", "2026-01-01T00:00:00"], "since must say its time zone"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_before_anything_is_written(
    copy: Copy, migration: Migration, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    copy.fill(3)
    flags, why = REFUSED[case]
    assert migration.run(copy, *flags(copy))[0] == 2
    assert why in capsys.readouterr().err
    assert len(copy.target) == 0


def test_an_alias_is_refused_for_it_may_be_moved_meanwhile(
    copy: Copy, migration: Migration, capsys: pytest.CaptureFixture[str]
) -> None:
    alias = f"{copy.source.name}_Alias"
    copy.client.alias.create(alias_name=alias, target_collection=copy.source.name)
    assert migration.run(copy, "--source", alias)[0] == 2
    copy.client.alias.delete(alias_name=alias)
    assert f"{alias} is an alias of {copy.source.name}" in capsys.readouterr().err
