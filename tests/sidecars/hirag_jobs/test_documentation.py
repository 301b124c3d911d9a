"""The commands of docs/ingest.md work as they are written."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.sidecars.hirag_jobs.passages import Ingestion, Passages

PAGE = Path(__file__).parents[3] / "docs" / "ingest.md"


def test_every_command_of_the_page_runs(tmp_path: Path, passages: Passages, ingest: Ingestion) -> None:
    (tmp_path / "handbook").mkdir()
    (tmp_path / "handbook" / "index.md").write_text("# Handbook\n\nRead it.")
    (tmp_path / "tickets.jsonl").write_text('{"id": 7, "text": "It is broken."}\n')
    commands = re.findall(r"^hirag-jobs ingest .*$", PAGE.read_text(), re.MULTILINE)
    environment = ingest.environment() | {
        "HIRAG_JOBS_ALIAS": passages.alias,
        "HIRAG_JOBS_WEAVIATE_HTTP_URL": ingest.server.http_url,
        "HIRAG_JOBS_WEAVIATE_GRPC": f"127.0.0.1:{ingest.server.grpc_port}",
        "HIRAG_JOBS_EMBEDDER_URL": ingest.embedder_url,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    assert len(commands) == 6
    for command in commands:
        done = subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stderr}"
    assert [item["parentId"] for item in passages.properties()] == ["handbook/index.md", "tickets#7"]
    assert (tmp_path / "report.json").is_file()


def test_every_flag_that_the_page_names_exists() -> None:
    flags = set(re.findall(r"--[a-z][a-z-]+", PAGE.read_text()))
    said = subprocess.run(
        [sys.executable, "-m", "hirag_jobs.main", "ingest", "--help"], capture_output=True, text=True, check=True
    )
    assert flags <= set(re.findall(r"--[a-z][a-z-]+", said.stdout))
