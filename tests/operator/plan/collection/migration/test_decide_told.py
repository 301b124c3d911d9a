"""What people are told of a migration: what is wanted of them, why nothing is done, and how far it is."""

from dataclasses import replace
from typing import Any

import pytest

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.migration.course import Stage
from hirag_operator.plan.collection.migration.notes import Checked, Told
from hirag_operator.plan.collection.migration.seen import SeenMigration
from hirag_operator.plan.verdict import State
from tests.operator.plan.collection.migration.seen import FOLLOWING, come_to, copy, forward, holder, job, terms


@pytest.mark.parametrize(
    ("seen", "agreed", "stage", "reason", "told"),
    [
        pytest.param(
            forward(holder("B", exists=False)),
            {"approved": False},
            Stage.AWAITING_APPROVAL,
            Reason.MIGRATION_PENDING_APPROVAL,
            "set spec.migration.approvedPlan, or annotation hirag.dev/approve, to abc",
            id="approval is by hand: say what to approve",
        ),
        pytest.param(
            forward(holder("B", exists=False)),
            {"shortage": "about 2 GB of memory are needed and 1 GB are left"},
            Stage.AWAITING_SPACE,
            Reason.NOT_ENOUGH_SPACE,
            "about 2 GB of memory are needed and 1 GB are left. It begins by itself once there is room",
            id="there is no room: say what is missing, and make nothing",
        ),
        pytest.param(
            forward(copy(count=0, job=None, told=())),
            {"shortage": "no room"},
            Stage.AWAITING_SPACE,
            Reason.NOT_ENOUGH_SPACE,
            "no room",
            id="another took the room before this one had a Job",
        ),
        pytest.param(
            forward(holder("B", count=7)),
            {},
            Stage.FAILED,
            Reason.REVISION_AMBIGUOUS,
            "B, which holds 7 objects and nothing says what they are",
            id="a holder with data of which nothing is known",
        ),
        pytest.param(
            forward(holder("B", count=None)),
            {},
            Stage.FAILED,
            Reason.REVISION_AMBIGUOUS,
            "B, which holds objects and nothing says",
            id="a holder that could not be counted counts as one with data",
        ),
        pytest.param(
            forward(copy(job=job(state="Failed", message="BackoffLimitExceeded"))),
            {},
            Stage.FAILED,
            Reason.MIGRATION_FAILED,
            "Job hirag-system/migrate-b, which carries longTerm into B, failed: BackoffLimitExceeded.",
            id="the Job failed: say where, and what Kubernetes says",
        ),
        pytest.param(
            forward(copy(Told(error="no vectors"), job=job(state="Failed", message="BackoffLimitExceeded"))),
            {},
            Stage.FAILED,
            Reason.MIGRATION_FAILED,
            "failed: no vectors.",
            id="the Job failed: what its program says comes first",
        ),
        pytest.param(
            forward(copy(job=job(state="Failed"))),
            {},
            Stage.FAILED,
            Reason.MIGRATION_FAILED,
            "failed: see its pods' logs.",
            id="the Job failed and nobody says why",
        ),
        pytest.param(
            forward(copy(replace(FOLLOWING, checked=Checked(equal=4, unlike=1, named=("x (missing)",))))),
            {},
            Stage.FAILED,
            Reason.MIGRATION_FAILED,
            "1 objects are not alike on both sides (x (missing)). A serves on.",
            id="both sides are not alike",
        ),
        pytest.param(
            forward(copy(replace(FOLLOWING, checked=Checked(equal=5, recall=0.8, k=10, queries=50)))),
            {},
            Stage.FAILED,
            Reason.MIGRATION_FAILED,
            "recall@10 of the new index is 0.800 over 50 queries, and spec.migration.verify.minRecall is 0.9",
            id="the new index finds too little",
        ),
        pytest.param(
            forward(copy(replace(FOLLOWING, checked=Checked(equal=5, recall=1.0, k=10, golden=0.7, questions=2)))),
            {},
            Stage.FAILED,
            Reason.MIGRATION_FAILED,
            "recall@10 of the new index is 0.700 over the 2 questions of spec.migration.verify.goldenQueries",
            id="the new index finds too little of what users ask",
        ),
    ],
)
def test_a_person_is_told_and_nothing_is_done(
    seen: SeenMigration, agreed: dict[str, Any], stage: Stage, reason: Reason, told: str
) -> None:
    course = come_to(seen, terms(**agreed))
    assert (course.stage, course.steps) == (stage, ())
    assert course.verdict is not None
    assert (course.verdict.state, course.verdict.reason) == (State.STALLED, reason)
    assert told in course.verdict.message


@pytest.mark.parametrize(
    ("told", "trouble", "said"),
    [
        pytest.param(Told(), "", "objects are carried. See status.migration for how far.", id="copying"),
        pytest.param(Told(), "no node", "objects are carried. Held up: no node.", id="no node for its pod"),
        pytest.param(Told(error="disk full"), "no node", "Held up: disk full.", id="the program's word comes first"),
        pytest.param(Told(phase="checking"), "", "both sides are compared.", id="comparing"),
        pytest.param(replace(FOLLOWING, at=0), "", "what changes is followed.", id="following"),
    ],
)
def test_what_goes_on_is_told_without_figures(told: Told, trouble: str, said: str) -> None:
    verdict = come_to(forward(copy(told, job=job(message=trouble))), terms()).verdict
    assert verdict is not None
    assert (verdict.state, verdict.reason) == (State.WORKING, Reason.MIGRATING)
    assert said in verdict.message
