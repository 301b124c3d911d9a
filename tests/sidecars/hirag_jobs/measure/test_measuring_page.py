"""What docs/measuring.md shows works as it is written."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import weaviate
from weaviate.classes.init import Auth

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.embedding import Embedder
from hirag_jobs.measure.memory import estimate, graph_bytes
from hirag_jobs.measure.settings import MeasureSettings
from tests.sidecars.hirag_jobs.measure.vectors import grpc, make_vectors, random_vectors, run

PAGE = (Path(__file__).parents[4] / "docs" / "measuring.md").read_text()
[GIVING_THE_ROLE] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
ROOT_KEY = "the-key-of-the-administrator"
RBAC = {
    "AUTHORIZATION_RBAC_ENABLED": "true",
    "AUTHORIZATION_RBAC_ROOT_USERS": "root",
    "AUTHENTICATION_DB_USERS_ENABLED": "true",
}


def test_every_command_of_the_page_runs(
    weaviate_server: WeaviateServer, embedder: EmbedderServer, tmp_path: Path
) -> None:
    (tmp_path / "questions.txt").write_text("who swims?\nwho sleeps?\n")
    commands = re.findall(r"^hirag-jobs measure .*$", PAGE, re.MULTILINE)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HIRAG_")}
    with make_vectors(weaviate_server) as made, Embedder(f"{embedder.url}/v1") as client:
        made.fill(client.embed([f"heron number {number}" for number in range(40)]))
        environment = kept | {
            "HIRAG_JOBS_ALIAS": made.alias,
            "HIRAG_JOBS_WEAVIATE_HTTP_URL": weaviate_server.http_url,
            "HIRAG_JOBS_WEAVIATE_GRPC": grpc(weaviate_server),
            "HIRAG_JOBS_EMBEDDER_URL": f"{embedder.url}/v1",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        for command in commands:
            done = subprocess.run(
                ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, f"{command}: {done.stderr}"
    assert len(commands) == 6
    assert (tmp_path / "report.json").is_file()


def test_every_flag_that_the_page_names_exists() -> None:
    flags = {flag.removeprefix("--").replace("-", "_") for flag in re.findall(r"--[a-z][a-z0-9-]+", PAGE)}
    assert flags <= set(MeasureSettings.model_fields)


@pytest.mark.parametrize("bits", [1, 8])
@pytest.mark.parametrize("dimensions", [64, 384, 1000])
def test_the_formulas_of_memory_are_those_of_the_page(dimensions: int, bits: int) -> None:
    words = -(-dimensions // 64)
    each = 64 * words + 16 if bits == 8 else 8 * (1 + max(4, words))
    settings: dict[str, Any] = {"maxConnections": 16, "rq": {"enabled": True, "bits": bits}}
    found = estimate("hnsw", settings, vectors=1000, dimensions=dimensions, shards=1, compressed=True)
    assert found.vectors_bytes == 1000 * (24 + each)
    assert graph_bytes(1000, 16) == pytest.approx(1000 * (120 + 32 / 15 + 2 * 16 * (2 + 1 / 15)), abs=1)


@pytest.fixture(scope="module")
def guarded(toolchain: Toolchain) -> Iterator[WeaviateServer]:
    with WeaviateServer(toolchain, api_keys={ROOT_KEY: "root"}, env=RBAC) as server:
        yield server


def test_the_role_of_the_page_is_enough_and_changes_nothing(guarded: WeaviateServer, tmp_path: Path) -> None:
    with (
        make_vectors(guarded, tenants=["acme"], key=ROOT_KEY) as made,
        weaviate.connect_to_local(
            port=guarded.http_port, grpc_port=guarded.grpc_port, auth_credentials=Auth.api_key(ROOT_KEY)
        ) as administrator,
    ):
        made.fill(random_vectors(40, 8), tenant="acme")
        names: dict[str, Any] = {"administrator": administrator, "level": made.alias, "collections": made.name}
        exec(GIVING_THE_ROLE, names)  # noqa: S102  the page is ours, and is to work as it is written
        flags = ("--tenant", "acme", "--api-key-file", str(tmp_path / "key"))
        (tmp_path / "key").write_text(names["key"])
        enough = made.measure(*flags)
        administrator.roles.remove_permissions(role_name="measure", permissions=names["measure"][-1])
        too_little = made.measure(*flags)
    assert enough.status == 0, enough.said
    assert (too_little.status, too_little.report) == (2, {})
    assert "check --api-key-file" in too_little.said
    assert names["key"] not in too_little.said


def test_a_run_that_is_refused_prints_no_report() -> None:
    assert run(["--alias", "A", "--collection", "B"]).report == {}
