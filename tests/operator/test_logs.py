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
for library in ("kubernetes.client.rest", "httpcore.http11", "urllib3.connectionpool"):
    logging.getLogger(library).debug("the whole answer")
try:
    {{}}["spec"]
except KeyError:
    log.exception("reconcile_failed", kind="ContextCollection")
"""


def run(program: str) -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def lines(level: str) -> list[dict[str, Any]]:
    return run(PROGRAM.format(level=level))


def test_every_line_is_json_with_time_level_and_logger_those_of_libraries_too() -> None:
    found = lines("INFO")
    assert [line["event"] for line in found] == ["event_not_posted", "Watching models", "reconcile_failed"]
    assert all({"timestamp", "level", "logger"} <= line.keys() for line in found)
    assert found[0]["logger"] == "hirag_operator.test"
    assert found[0]["reason"] == "Ready"


def test_an_exception_is_one_line_with_its_traceback() -> None:
    (raised,) = lines("INFO")[-1]["exception"]
    assert (raised["exc_type"], raised["exc_value"]) == ("KeyError", "'spec'")
    assert raised["frames"]
    assert not any("locals" in frame for frame in raised["frames"])


def test_the_level_decides_what_is_told_and_requests_never_are() -> None:
    assert [line["event"] for line in lines("ERROR")] == ["reconcile_failed"]
    events = [line["event"] for line in lines("DEBUG")]
    assert "detail" in events
    assert "HTTP Request" not in events


def test_libraries_that_would_write_whole_answers_are_silent_at_every_level() -> None:
    assert "the whole answer" not in [line["event"] for line in lines("DEBUG")]


IN_A_RECONCILE = """
import logging
from hirag_operator import logs
from hirag_operator.errors import Refused
from hirag_operator.handlers.queue import Key
from hirag_operator.handlers.workers import attempt
from hirag_operator.plan.steps import CreateAlias
from hirag_operator.reconcile.progress import carried_out
logs.configure("INFO")
def apply(step):
    logging.getLogger("kopf").warning("a library speaks")
    if step.alias == "Taken":
        raise Refused("Weaviate", "the alias is taken", 422)
def reconcile(namespace, name):
    for alias in ("A" * 600, "Taken"):
        carried_out(apply, CreateAlias(alias, "Collection"))
attempt(Key("ContextCollection", "team-a", "handbook"), reconcile)
attempt(Key("ContextCollection", "team-a", "manual"), lambda namespace, name: {}["a defect"])
logging.getLogger("kopf").warning("afterwards")
"""


def test_every_line_of_a_reconcile_says_of_which_object_by_which_attempt_and_at_which_step() -> None:
    written = run(IN_A_RECONCILE)
    *during, afterwards = written
    first, second = ([line for line in during if line["name"] == name] for name in ("handbook", "manual"))
    assert all(line["kind"] == "ContextCollection" and line["namespace"] == "team-a" for line in during)
    assert {line["reconcile"] for line in first}.isdisjoint({line["reconcile"] for line in second})
    assert len({line["reconcile"] for line in first}) == 1
    assert [(line["event"], line.get("step")) for line in first] == [
        ("a library speaks", "AliasCreated"),
        ("step_applied", "AliasCreated"),
        ("a library speaks", "AliasCreated"),
        ("step_failed", "AliasCreated"),
        ("reconcile_interrupted", None),
    ]
    assert [line["event"] for line in second] == ["reconcile_failed"]
    assert not {"kind", "namespace", "name", "reconcile", "step"} & afterwards.keys()


def test_a_step_is_told_in_its_own_words_shortened_with_how_long_it_took() -> None:
    _, applied, _, failed, *_ = run(IN_A_RECONCILE)
    assert applied["did"].startswith("Pointed alias AAA")
    assert len(applied["did"]) == 500
    assert applied["seconds"] >= 0
    assert failed["to"] == "Pointed alias Taken at collection Collection"
    assert failed["error"].endswith("the alias is taken")


def test_lines_of_operator_and_sidecars_have_the_same_shape() -> None:
    program = """
import structlog
from {package} import logs
logs.configure("INFO")
try:
    {{}}["spec"]
except KeyError:
    structlog.get_logger("a.program").exception("it failed", reason="r")
"""
    (operator,), (sidecar,) = (run(program.format(package=package)) for package in ("hirag_operator", "hirag_kit"))
    assert operator.keys() == sidecar.keys()
    assert operator["exception"] == sidecar["exception"]
