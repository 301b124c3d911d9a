from typing import Any

import pytest

from hirag_operator.api import ContextCollection, JobRun
from hirag_operator.api.conditions import Reason
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.collection import cronjobs as plan
from tests.operator.plan.documents import cases
from tests.operator.plan.objects import collection, owner

SCHEDULES = {
    "levels": {"shortTerm": {}},
    "summarization": {"schedule": "@daily", "llm": {"url": "https://llm.example.com/v1", "model": "$model"}},
    "compaction": {"schedule": "@weekly"},
}
OWNER = owner("ContextCollection", "handbook")


@pytest.mark.parametrize(("manifests", "objects"), cases("cronjobs"))
def test_a_collections_schedules_come_to_these_cronjobs(
    manifests: dict[str, Any], objects: list[dict[str, Any]]
) -> None:
    declared = ContextCollection.from_wire(manifests["ContextCollection"])
    metadata = declared.metadata
    whose = Owner("ContextCollection", metadata.namespace, metadata.name, metadata.uid)
    assert plan.cronjobs(declared, whose, "hirag-jobs:test") == objects


def test_nothing_scheduled_is_no_condition() -> None:
    assert plan.schedules_active(collection(), {}) == []


def test_a_schedule_without_its_program_says_so() -> None:
    (aspect,) = plan.schedules_active(collection(SCHEDULES), {})
    assert not aspect.holds
    assert "spec.summarization and spec.compaction" in aspect.message


def test_once_a_program_exists_its_cronjob_runs_and_the_condition_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "AVAILABLE", frozenset({"summarize", "compact"}))
    suspended = [job["spec"]["suspend"] for job in plan.cronjobs(collection(SCHEDULES), OWNER, "hirag-jobs:test")]
    assert suspended == [False, False]
    (aspect,) = plan.schedules_active(collection(SCHEDULES), {})
    assert aspect.holds


def test_a_run_that_failed_is_told_with_its_cause() -> None:
    run = JobRun(job="handbook-compact-1", result="Failed", message="BackoffLimitExceeded.")
    (aspect,) = plan.schedules_active(collection(SCHEDULES), {"compaction": run})
    assert not aspect.holds
    assert aspect.reason is Reason.JOB_FAILED
    assert aspect.message == "Job handbook-compact-1 of spec.compaction: BackoffLimitExceeded."


def test_a_suspended_schedule_stays_suspended_when_its_program_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "AVAILABLE", frozenset({"compact"}))
    declared = collection({"compaction": {"schedule": "@daily", "suspend": True}})
    (job,) = plan.cronjobs(declared, OWNER, "hirag-jobs:test")
    assert job["spec"]["suspend"] is True


def test_a_models_name_with_a_dollar_is_not_expanded() -> None:
    (summarize, _) = plan.cronjobs(collection(SCHEDULES), OWNER, "hirag-jobs:test")
    (container,) = summarize["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert {"name": "HIRAG_JOBS_LLM_MODEL", "value": "$$model"} in container["env"]
