"""When a level is measured, and what becomes of the Job."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hirag_operator.plan.collection.objectives.due import (
    RETRY_MS,
    STUCK_MS,
    Turn,
    left_ms,
    none_may,
    takes_turn,
    turn,
)
from hirag_operator.plan.collection.objectives.notes import Trial

Json = dict[str, Any]

NOW = 1_800_000_000_000
HOUR = 3_600_000
NAME = "measure-handbook-x"


def ago(ms: int) -> str:
    return datetime.fromtimestamp((NOW - ms) / 1000, UTC).isoformat()


def job(name: str = NAME, condition: str = "", ago_ms: int = 0, message: str = "", **metadata: Any) -> Json:
    found = (
        [{"type": condition, "status": "True", "lastTransitionTime": ago(ago_ms), "message": message}]
        if condition
        else []
    )
    return {"metadata": {"name": name, **metadata}, "status": {"conditions": found}}


@pytest.mark.parametrize(
    ("trial", "objects", "left"),
    [
        pytest.param(None, 50, 0, id="never measured at this ef"),
        pytest.param(Trial(objects=50, at=NOW - HOUR), 50, 23 * HOUR, id="an hour ago, and a day counts"),
        pytest.param(Trial(objects=50, at=NOW - 25 * HOUR), 50, 0, id="longer ago than it counts"),
        pytest.param(Trial(objects=50, at=NOW), 100, 0, id="twice as many objects since"),
        pytest.param(Trial(objects=50, at=NOW), 25, 0, id="half as many objects since"),
        pytest.param(Trial(objects=50, at=NOW), None, 24 * HOUR, id="how many there are is not known"),
        pytest.param(Trial(objects=0, why="no vectors", at=NOW), 1, 24 * HOUR, id="there was nothing, and hardly is"),
    ],
)
def test_a_measurement_is_due(trial: Trial | None, objects: int | None, left: int) -> None:
    assert left_ms(trial, objects, 24 * HOUR, NOW) == left


FAILED = f"Job {NAME} failed: it went wrong"
OLD = job("measure-handbook-old")


@pytest.mark.parametrize(
    ("left", "jobs", "comes"),
    [
        pytest.param(HOUR, [], Turn(within=3600), id="nothing is due"),
        pytest.param(
            HOUR, [job(), OLD], Turn(end=(NAME, "measure-handbook-old"), within=3600), id="Jobs that are over"
        ),
        pytest.param(0, [], Turn(start=True, within=15, busy=True), id="due: it is made"),
        pytest.param(
            0, [OLD], Turn(start=True, end=("measure-handbook-old",), within=15, busy=True), id="the one before it goes"
        ),
        pytest.param(0, [job()], Turn(within=3, busy=True), id="it runs"),
        pytest.param(0, [job(deletionTimestamp="2026")], Turn(within=15, busy=True), id="it is being deleted"),
        pytest.param(
            0, [job(condition="Complete")], Turn(within=3, busy=True), id="complete, and its note is to be read"
        ),
        pytest.param(
            0,
            [job(condition="Complete", ago_ms=60_000)],
            Turn(within=3540, failed=f"Job {NAME} failed: it ended without a note"),
            id="complete without a note",
        ),
        pytest.param(
            0,
            [job(condition="Failed", ago_ms=60_000, message="it went wrong.")],
            Turn(within=3540, failed=FAILED),
            id="failed: it is kept, so that none is made for an hour",
        ),
        pytest.param(
            0,
            [job(condition="Failed", ago_ms=RETRY_MS)],
            Turn(end=(NAME,), within=3, busy=True),
            id="failed an hour ago: it goes, and the next look makes it anew",
        ),
    ],
)
def test_what_becomes_of_the_job(left: int, jobs: list[Json], comes: Turn) -> None:
    assert turn(left, NAME, jobs, [], "", NOW) == comes


def test_the_program_s_own_words_tell_why_it_failed() -> None:
    failed = job(condition="Failed", message="Job has reached the specified backoff limit")
    assert turn(0, NAME, [failed], [], "vectors still wait.", NOW).failed == f"Job {NAME} failed: vectors still wait"


def test_where_none_may_be_measured_all_jobs_go_once() -> None:
    assert none_may([job(), job("other", deletionTimestamp="2026")]).end == (NAME,)


@pytest.mark.parametrize(
    ("status", "takes"),
    [
        pytest.param({}, True, id="just made: nobody has looked at it"),
        pytest.param({"startTime": ago(STUCK_MS - 1), "ready": 0}, True, id="its pod is about to run"),
        pytest.param({"startTime": ago(STUCK_MS), "ready": 0}, False, id="its pod finds no node, or no image"),
        pytest.param({"startTime": ago(6 * HOUR), "ready": 1}, True, id="it measures for long"),
        pytest.param({"conditions": [{"type": "Complete", "status": "True"}], "ready": 0}, False, id="it has measured"),
        pytest.param({"conditions": [{"type": "Failed", "status": "True"}]}, False, id="it has failed"),
    ],
)
def test_one_that_measures_has_the_others_wait(status: Json, *, takes: bool) -> None:
    assert takes_turn({"status": status}, NOW) == takes
