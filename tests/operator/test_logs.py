"""The log of a process of its own: configuring logs is for a whole process."""

import json
import subprocess
import sys
from typing import Any

PROGRAM = """
import logging
import structlog
from hirag_operator import logs
logs.configure("{level}")
log = structlog.get_logger("hirag_operator.test")
log.debug("detail")
log.warning("event_not_posted", reason="Ready", error="the Kubernetes API: 409 → changed")
logging.getLogger("kopf").warning("Watching %s", "models")
logging.getLogger("httpx").info("HTTP Request")
try:
    {{}}["spec"]
except KeyError:
    log.exception("reconcile_failed", kind="ContextCollection")
"""


def lines(level: str) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(level=level)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_every_line_is_json_with_time_level_and_logger_those_of_libraries_too() -> None:
    found = lines("INFO")
    assert [line["event"] for line in found] == ["event_not_posted", "Watching models", "reconcile_failed"]
    assert all({"timestamp", "level", "logger"} <= line.keys() for line in found)
    assert found[0]["logger"] == "hirag_operator.test"
    assert found[0]["reason"] == "Ready"


def test_an_exception_is_one_line_with_its_traceback() -> None:
    assert "KeyError: 'spec'" in lines("INFO")[-1]["exception"]


def test_the_level_decides_what_is_told_and_requests_never_are() -> None:
    assert [line["event"] for line in lines("ERROR")] == ["reconcile_failed"]
    events = [line["event"] for line in lines("DEBUG")]
    assert "detail" in events
    assert "HTTP Request" not in events
