"""Logs are JSON lines that tell what happened and never what was in somebody's hands."""

import json
import subprocess
import sys

PROGRAM = """
from hirag_kit import logs
import logging, structlog
logs.configure()
def fails():
    key = "swordfish"
    raise ValueError("the reason")
try:
    fails()
except ValueError:
    structlog.get_logger("program").exception("it failed")
logging.getLogger("library").warning("a library speaks: %s", 7)
"""


def test_lines_are_json_with_the_reason_and_without_local_variables() -> None:
    written = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stderr
    lines = [json.loads(line) for line in written.splitlines()]
    assert [line["event"] for line in lines] == ["it failed", "a library speaks: 7"]
    assert lines[0]["exception"][0]["exc_value"] == "the reason"
    assert "fails" in str(lines[0]["exception"][0]["frames"])
    assert "swordfish" not in written
