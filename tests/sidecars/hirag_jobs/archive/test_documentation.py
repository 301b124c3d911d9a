"""The commands of docs/archives.md work as they are written, and its line is one."""

import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.archive.datatypes import types_of
from hirag_jobs.archive.lines import parsed
from tests.sidecars.hirag_jobs.archive.archives import PROPERTIES, Program, make_collection

PAGE = Path(__file__).parents[4] / "docs" / "archives.md"


def test_every_command_of_the_page_runs(weaviate_server: WeaviateServer, program: Program, tmp_path: Path) -> None:
    with ExitStack() as stack:
        handbook, other = (stack.enter_context(make_collection(weaviate_server)) for _ in range(2))
        shops = stack.enter_context(make_collection(weaviate_server, tenants=["acme", "globex", "initech"]))
        branches = stack.enter_context(make_collection(weaviate_server, tenants=[]))
        handbook.fill(3)
        for tenant in ("acme", "globex", "initech"):
            shops.fill(2, tenant)
        page = PAGE.read_text().replace("Team_b__Handbook__LongTerm", other.alias)
        page = page.replace("--collection Shops", f"--collection {shops.name}")
        page = page.replace("--collection Branches", f"--collection {branches.name}")
        environment = program.environment() | {
            "HIRAG_JOBS_WEAVIATE_HTTP_URL": weaviate_server.http_url,
            "HIRAG_JOBS_WEAVIATE_GRPC": f"127.0.0.1:{weaviate_server.grpc_port}",
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }
        commands = re.findall(r"^hirag-jobs .*$", page, re.MULTILINE)
        assert len(commands) == 6
        for command in commands:
            named = {} if "--collection" in command else {"HIRAG_JOBS_ALIAS": handbook.alias}
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=tmp_path,
                env=environment | named,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{command}: {done.stderr}"
        assert other.objects() == handbook.objects() != {}
        assert branches.states().keys() == {"acme", "globex", "acme-restored"}
        assert branches.objects("acme-restored") == shops.objects("acme") != {}
        assert (tmp_path / "report.json").is_file()


def test_every_flag_that_the_page_names_exists() -> None:
    flags = set(re.findall(r"--[a-z][a-z-]+", PAGE.read_text()))
    said = "".join(
        subprocess.run(
            [sys.executable, "-m", "hirag_jobs.main", verb, "--help"], capture_output=True, text=True, check=True
        ).stdout
        for verb in ("export", "import")
    )
    assert flags <= set(re.findall(r"--[a-z][a-z-]+", said))


def test_the_line_of_the_page_is_read() -> None:
    [line] = re.findall(r'^\{"id".*$', PAGE.read_text(), re.MULTILINE)
    result = parsed(line.encode(), types_of({"properties": PROPERTIES}), {"": 2})
    assert result.properties.non_ref_props.fields["whole"].int_value == 2**53 + 2
