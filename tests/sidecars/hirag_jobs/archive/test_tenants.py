"""Each tenant goes into its own; those that sleep are woken and put back; a pool's neighbours feel nothing."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.weaviate import WeaviateServer
from tests.sidecars.hirag_jobs.archive.archives import Collection, Program, make_collection, numbers, small
from tests.sidecars.hirag_jobs.pools import Member, Pool, make_pool

NAMES = ("acme", "Acme", "globex", "empty")


@pytest.fixture
def tenants(weaviate_server: WeaviateServer) -> Iterator[Collection]:
    """Four tenants, one of them asleep and one without objects."""
    with make_collection(weaviate_server, tenants=NAMES) as made:
        for count, tenant in enumerate(NAMES[:3], start=1):
            made.fill(count, tenant, first=10 * count)
        made.set_state("globex", "INACTIVE")
        yield made


def contents(collection: Collection) -> dict[str, dict[str, Any]]:
    """Tenant → its objects; those asleep are woken to be looked at."""
    found = {}
    for tenant, state in collection.states().items():
        collection.set_state(tenant, "ACTIVE")
        found[tenant] = collection.objects(tenant)
        collection.set_state(tenant, {"HOT": "ACTIVE", "COLD": "INACTIVE"}[state])
    return found


def test_all_tenants_are_made_anew_in_their_states(
    weaviate_server: WeaviateServer, program: Program, tenants: Collection, tmp_path: Path
) -> None:
    with make_collection(weaviate_server, tenants=()) as other:
        exported = program.export(tmp_path / "archive", tenants)
        assert exported.status == 0, exported.said
        assert (exported.report["tenants"], exported.report["woken"]) == (4, 1)
        assert tenants.states() == {"acme": "HOT", "Acme": "HOT", "globex": "COLD", "empty": "HOT"}
        refused = program.restore(tmp_path / "archive", other)
        assert (refused.status, "or give --create-tenants" in refused.said) == (2, True)
        assert other.states() == {}
        imported = program.restore(tmp_path / "archive", other, "--create-tenants")
        assert imported.status == 0, imported.said
        assert other.states() == tenants.states()
        assert contents(other) == contents(tenants)
    manifest = json.loads((tmp_path / "archive" / "manifest.json").read_text())
    assert {one["name"]: (one["state"], one["objects"]) for one in manifest["tenants"]} == {
        "Acme": ("ACTIVE", 2),
        "acme": ("ACTIVE", 1),
        "empty": ("ACTIVE", 0),
        "globex": ("INACTIVE", 3),
    }
    assert list((tmp_path / "archive").glob("import-*")) == []


def test_a_tenant_that_sleeps_where_it_is_filled_sleeps_again(
    weaviate_server: WeaviateServer, program: Program, tenants: Collection, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    with make_collection(weaviate_server, tenants=NAMES) as other:
        assert program.export(folder, tenants, "--tenant", "globex", "--tenant", "acme").status == 0
        other.set_state("acme", "INACTIVE")
        ran = program.restore(folder, other)
        assert ran.status == 0, ran.said
        assert other.states() == {"acme": "COLD", "Acme": "HOT", "globex": "HOT", "empty": "HOT"}
        assert {name: len(held) for name, held in contents(other).items()} == {
            "acme": 1,
            "Acme": 0,
            "globex": 3,
            "empty": 0,
        }


@pytest.mark.parametrize("verb", ["export", "import"])
def test_a_tenant_that_was_woken_by_a_killed_run_is_put_back_by_the_next(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path, verb: str
) -> None:
    folder = tmp_path / "archive"
    with make_collection(weaviate_server, tenants=("acme",)) as one:
        one.fill(10_000, "acme")
        if verb == "import":
            assert program.export(folder, one).status == 0
            one.rest.request("DELETE", f"/v1/schema/{one.name}/tenants", json=["acme"]).raise_for_status()
            one.rest.post(f"/v1/schema/{one.name}/tenants", json=[{"name": "acme"}]).raise_for_status()
        one.set_state("acme", "INACTIVE")
        flags = ["--alias", one.alias, *(["--part-bytes", "2000"] if verb == "export" else [])]
        with subprocess.Popen(
            program.command(verb, str(folder), *flags), env=program.environment(), stderr=subprocess.DEVNULL
        ) as running:
            deadline = time.monotonic() + 60
            while one.states() == {"acme": "COLD"} and time.monotonic() < deadline:
                time.sleep(0.01)
            os.kill(running.pid, signal.SIGKILL)
        assert (running.returncode, one.states()) == (-9, {"acme": "HOT"})
        ran = program.export(folder, one) if verb == "export" else program.restore(folder, one)
        assert (ran.status, ran.report["woken"]) == (0, 1), ran.said
        assert one.states() == {"acme": "COLD"}
        assert ran.report["objects"] == 10_000


def test_an_interrupted_run_puts_back_what_it_woke(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path
) -> None:
    with make_collection(weaviate_server, tenants=("acme",)) as one:
        one.fill(10_000, "acme")
        one.set_state("acme", "INACTIVE")
        command = program.command("export", str(tmp_path / "a"), "--alias", one.alias, "--part-bytes", "2000")
        with subprocess.Popen(command, env=program.environment(), stderr=subprocess.PIPE, text=True) as running:
            deadline = time.monotonic() + 60
            while one.states() == {"acme": "COLD"} and time.monotonic() < deadline:
                time.sleep(0.01)
            running.send_signal(signal.SIGTERM)
            _, said = running.communicate()
        assert (running.returncode, "not finished: run it again" in said) == (130, True), said
        assert one.states() == {"acme": "COLD"}


def test_one_tenant_goes_into_one_of_another_name_or_a_collection_without_tenants(
    weaviate_server: WeaviateServer, program: Program, tenants: Collection, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    assert program.export(folder, tenants).status == 0
    with make_collection(weaviate_server) as flat, make_collection(weaviate_server, tenants=("initech",)) as other:
        unclear = program.restore(folder, flat)
        assert (unclear.status, "name the one to read by --from-tenant" in unclear.said) == (2, True)
        assert program.restore(folder, flat, "--from-tenant", "Acme").status == 0
        absent = program.restore(folder, other, "--tenant", "initech")
        assert (absent.status, "has no tenant initech: name the one" in absent.said) == (2, True)
        assert program.restore(folder, other, "--tenant", "initech", "--from-tenant", "Acme").status == 0
        assert flat.objects() == other.objects("initech") == tenants.objects("Acme")


@pytest.fixture
def pool(weaviate_server: WeaviateServer, embedder: EmbedderServer) -> Iterator[Pool]:
    with make_pool(weaviate_server, embedder.url) as made:
        yield made


def put(member: Member, count: int) -> None:
    objects = [
        {
            "class": member.pool,
            "tenant": member.tenant,
            "id": small(number)["id"],
            "properties": {"text": f"Passage {number}", "parentId": str(number), "chunkIndex": 0},
            "vector": numbers(number, 384),
        }
        for number in range(count)
    ]
    answers = member.rest.post("/v1/batch/objects", json={"objects": objects}).raise_for_status().json()
    assert [one["result"]["status"] for one in answers] == ["SUCCESS"] * count


def test_the_alias_of_a_shared_level_stands_for_its_tenant_alone(pool: Pool, program: Program, tmp_path: Path) -> None:
    put(pool.handbook, 5)
    put(pool.notebook, 2)
    untouched = pool.notebook.stored()
    exported = program("export", str(tmp_path / "a"), "--alias", pool.handbook.alias)
    assert (exported.status, exported.report["objects"], exported.report["tenants"]) == (0, 5, 1), exported.said
    for verb in ("export", "import"):
        wrong = program(verb, str(tmp_path / "a"), "--alias", pool.handbook.alias, "--tenant", pool.notebook.tenant)
        assert (wrong.status, f"stands for tenant {pool.handbook.tenant}" in wrong.said) == (2, True)
    into = ("--alias", pool.recent.alias, "--from-tenant", pool.handbook.tenant)
    assert program("import", str(tmp_path / "a"), *into).status == 0
    assert pool.recent.properties() == pool.handbook.properties() != []
    assert pool.notebook.stored() == untouched


def test_the_address_of_a_pod_says_it_all(pool: Pool, program: Program, tmp_path: Path) -> None:
    put(pool.handbook, 3)
    address = {"LONG_TERM_ALIAS": pool.handbook.alias, "LONG_TERM_TENANT": pool.handbook.tenant}
    more = {"EMBEDDING_URL": "http://minilm:8080/v1", "EMBEDDING_MODEL": "minilm"}
    exported = program("export", str(tmp_path / "a"), environment=address | more)
    assert (exported.status, exported.report["objects"]) == (0, 3), exported.said
    assert program("import", str(tmp_path / "a"), environment=address | more).report["unchanged"] == 3
