"""What docs/placement.md promises of keys, of roles and of its programs holds on a Weaviate with authorization."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import weaviate
from weaviate.classes.init import Auth
from weaviate.classes.query import Filter
from weaviate.collections.collection import Collection
from weaviate.exceptions import WeaviateBaseError

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from tests.sidecars.hirag_jobs.passages import Ingestion
from tests.sidecars.hirag_jobs.pools import Member, Pool, make_pool, written_address

PAGE = (Path(__file__).parents[3] / "docs" / "placement.md").read_text()
SEARCHING, GIVING_ROLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ROOT_KEY = "the-key-of-the-administrator"
RBAC = {
    "AUTHORIZATION_RBAC_ENABLED": "true",
    "AUTHORIZATION_RBAC_ROOT_USERS": "root",
    "AUTHENTICATION_DB_USERS_ENABLED": "true",
}
REFUSED = 2
Level = Collection[Any, Any]
WAYS_IN: dict[str, Callable[[Level], Any]] = {
    "listing": lambda level: level.query.fetch_objects(),
    "walking": lambda level: list(level.iterator()),
    "keywords": lambda level: level.query.bm25("heron"),
    "vectors": lambda level: level.query.near_text("heron"),
    "hybrid": lambda level: level.query.hybrid("heron"),
    "counting": lambda level: level.aggregate.over_all(total_count=True),
}
CHANGES: dict[str, Callable[[Level], Any]] = {
    "inserting": lambda level: level.data.insert({"text": "heron"}),
    "inserting many": lambda level: level.data.insert_many([{"text": "heron"}]),
    "deleting": lambda level: level.data.delete_many(Filter.by_property("text").like("*")),
}


@pytest.fixture(scope="module")
def server(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    with WeaviateServer(toolchain, api_keys={ROOT_KEY: "root"}, env=RBAC) as server:
        yield server


@contextmanager
def connected(server: WeaviateServer, key: str) -> Iterator[weaviate.WeaviateClient]:
    with weaviate.connect_to_local(
        port=server.http_port, grpc_port=server.grpc_port, auth_credentials=Auth.api_key(key)
    ) as client:
        yield client


@pytest.fixture(scope="module")
def pool(server: WeaviateServer, embedder: EmbedderServer) -> Iterator[Pool]:
    """A pool whose three members hold one passage each, named after its tenant."""
    with make_pool(server, embedder.url, key=ROOT_KEY) as pool:
        with connected(server, ROOT_KEY) as root:
            for member in (pool.handbook, pool.notebook, pool.recent):
                level(root, member).data.insert({"text": f"heron of {member.tenant}"})
        yield pool


def level(client: weaviate.WeaviateClient, member: Member) -> Level:
    return client.collections.use(member.alias).with_tenant(member.tenant)


def address(pool: Pool) -> dict[str, str]:
    return {"LONG_TERM_ALIAS": pool.handbook.alias, "LONG_TERM_TENANT": pool.handbook.tenant}


@pytest.fixture(scope="module")
def keys(server: WeaviateServer, pool: Pool) -> dict[str, str]:
    """The keys that the page's second program gives out for the handbook's long term."""
    with connected(server, ROOT_KEY) as administrator:
        names: dict[str, Any] = {"administrator": administrator, "address": address(pool)}
        exec(GIVING_ROLES, names)  # noqa: S102  the page is ours, and is to work as it is written
    made: dict[str, str] = names["keys"]
    return made


def test_the_program_finds_what_is_in_the_level(server: WeaviateServer, pool: Pool, keys: dict[str, str]) -> None:
    environment = {
        **os.environ,
        **address(pool),
        "WEAVIATE_HTTP_URL": server.http_url,
        "WEAVIATE_GRPC_ADDRESS": f"127.0.0.1:{server.grpc_port}",
        "WEAVIATE_API_KEY": keys["handbook-search"],
    }
    done = subprocess.run(
        [sys.executable, "-c", SEARCHING], env=environment, capture_output=True, text=True, check=False
    )
    found = {line for line in done.stdout.splitlines() if line.startswith("heron")}
    assert found == {f"heron of {pool.handbook.tenant}"}, done.stderr


@pytest.mark.parametrize("way", WAYS_IN)
def test_a_key_of_one_tenant_opens_no_other(server: WeaviateServer, pool: Pool, keys: dict[str, str], way: str) -> None:
    own = pool.handbook
    with connected(server, keys["handbook-search"]) as client:
        WAYS_IN[way](level(client, own))
        others = [level(client, pool.notebook), level(client, pool.recent)]
        through_own_alias = client.collections.use(own.alias)
        for other in (*others, through_own_alias, through_own_alias.with_tenant(pool.notebook.tenant)):
            with pytest.raises(WeaviateBaseError, match="insufficient permissions"):
                WAYS_IN[way](other)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("user", ["handbook-search", "handbook-ingest"])
def test_no_key_of_one_tenant_changes_another(
    server: WeaviateServer, pool: Pool, keys: dict[str, str], user: str, change: str
) -> None:
    before = pool.notebook.stored()
    with connected(server, keys[user]) as client:
        neighbour = client.collections.use(pool.handbook.alias).with_tenant(pool.notebook.tenant)
        with pytest.raises(WeaviateBaseError, match="insufficient permissions"):
            CHANGES[change](neighbour)
    assert pool.notebook.stored() == before


def test_ingest_runs_with_the_key_of_its_tenant_and_with_no_lesser_one(
    server: WeaviateServer, pool: Pool, keys: dict[str, str], ingest: Ingestion, tmp_path: Path
) -> None:
    guarded = Ingestion(server, ingest.embedder_url, ingest.ranks, ingest.folder)
    (tmp_path / "note.txt").write_text("A note of today.")
    ran = {}
    for user, key in keys.items():
        (tmp_path / user).write_text(key)
        flags = (*pool.handbook.where, "--api-key-file", str(tmp_path / user))
        ran[user] = guarded(tmp_path / "note.txt", pool.handbook.alias, *flags)
    assert (ran["handbook-search"].status, "check --api-key-file" in ran["handbook-search"].said) == (REFUSED, True)
    assert (ran["handbook-ingest"].status, ran["handbook-ingest"].report["written"]) == (0, 1)
    flags = (*pool.notebook.where, "--api-key-file", str(tmp_path / "handbook-ingest"))
    neighbour = guarded(tmp_path / "note.txt", pool.notebook.alias, *flags)
    assert (neighbour.status, "check --api-key-file" in neighbour.said) == (REFUSED, True)


def test_every_key_of_the_configmap_is_shown() -> None:
    assert [
        key for key in (*written_address("Shared"), *written_address("Dedicated")) if f"  {key}: " not in PAGE
    ] == []
