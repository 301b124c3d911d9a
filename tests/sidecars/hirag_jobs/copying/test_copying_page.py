"""What docs/copying.md shows works as it is written."""

import os
import re
import subprocess
import sys
from pathlib import Path

from e2e.cluster.embedder import EmbedderServer
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.copying.settings import MigrateSettings
from hirag_jobs.survey.settings import SurveySettings
from tests.sidecars.hirag_jobs.copying.copies import Copy

PAGE = (Path(__file__).parents[4] / "docs" / "copying.md").read_text()


def test_every_command_of_the_page_runs(
    copy: Copy, weaviate_server: WeaviateServer, embedder: EmbedderServer, tmp_path: Path
) -> None:
    copy.fill(40)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HIRAG_")}
    environment = kept | {
        "HIRAG_JOBS_WEAVIATE_HTTP_URL": weaviate_server.http_url,
        "HIRAG_JOBS_WEAVIATE_GRPC": f"127.0.0.1:{weaviate_server.grpc_port}",
        "HIRAG_JOBS_EMBEDDER_URL": f"{embedder.url}/v1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    commands = re.findall(r"^hirag-jobs (?:migrate|survey) .*$", PAGE, re.MULTILINE)
    for command in commands:
        on_ours = command.replace("Handbook_R1", copy.source.name).replace("Handbook_R2", copy.target.name)
        done = subprocess.run(
            ["sh", "-c", on_ours], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{on_ours}: {done.stderr}"
        copy.empty_target()
    assert len(commands) == 6
    assert (tmp_path / "report.json").is_file()
    assert (tmp_path / "survey.json").is_file()


def test_every_flag_that_the_page_names_exists() -> None:
    flags = {flag.removeprefix("--").replace("-", "_") for flag in re.findall(r"--[a-z][a-z0-9-]+", PAGE)}
    assert flags - {"no_verify", "no_pace"} <= {*MigrateSettings.model_fields, *SurveySettings.model_fields}
