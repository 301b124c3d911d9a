"""What comes next where a Job was held by a pause, or was made for another rate than the declared one."""

from typing import Any

import pytest

from hirag_operator.plan.collection.migration.course import Stage
from hirag_operator.plan.collection.migration.notes import Freeze
from hirag_operator.plan.collection.migration.seen import SeenMigration
from tests.operator.plan.collection.migration.seen import (
    FOLLOWING,
    FREEZE,
    HOUR,
    NOW,
    PREVIOUS,
    at_rest,
    come_to,
    copy,
    forward,
    job,
    reasons,
    swapped,
    terms,
)


@pytest.mark.parametrize(
    ("seen", "agreed", "stage", "steps"),
    [
        pytest.param(
            forward(copy(job=job(held=True))),
            {},
            Stage.PREPARING,
            ["JobResumed"],
            id="the Job was held while the object was paused: it goes on",
        ),
        pytest.param(
            forward(copy(job=job(held=True))),
            {"room": False},
            Stage.QUEUED,
            [],
            id="others have its place by now: it waits",
        ),
        pytest.param(
            forward(copy(job=job(held=True), note=Freeze(source="A", since_ms=NOW - HOUR, at=NOW - 1))),
            {"room": False},
            Stage.PREPARING,
            ["JobResumed"],
            id="on the way back it waits for nobody",
        ),
        pytest.param(
            forward(copy(job=job(rate=50))),
            {"rate": 80},
            Stage.COPYING,
            ["ChildDeleted"],
            id="another rate was declared while it copies: the Job is made anew",
        ),
        pytest.param(
            forward(copy(FOLLOWING, job=job(rate=50))),
            {"rate": 80},
            Stage.SWAPPING,
            FREEZE,
            id="all is carried by then: no rate matters any more",
        ),
        pytest.param(
            at_rest(swapped(job=job(held=True)), PREVIOUS),
            {},
            Stage.SOAKING,
            ["JobResumed"],
            id="it was held behind its seal: it may have to carry what came late",
        ),
        pytest.param(
            at_rest(swapped(job=job(held=True)), PREVIOUS),
            {"keep_previous": True},
            Stage.KEPT,
            ["JobResumed"],
            id="so it may where the previous holder is kept",
        ),
    ],
)
def test_a_job_that_was_held_or_has_another_rate_comes_to(
    seen: SeenMigration, agreed: dict[str, Any], stage: Stage, steps: list[str]
) -> None:
    course = come_to(seen, terms(**agreed))
    assert (course.stage, reasons(course)) == (stage, steps)
