"""The last run of a CronJob, told by its Jobs and their pods."""

from datetime import UTC, datetime
from typing import Any

from hirag_operator.plan.pods.jobruns import last_run
from tests.operator.plan.pods.pods import container, pod, terminated, unscheduled

NAME = "handbook-summarize"


def job(number: int, *, of: str = NAME, kind: str = "CronJob", **status: Any) -> dict[str, Any]:
    """A Job as the Job controller of Kubernetes 1.35 leaves it."""
    metadata = {
        "name": f"{of}-{number}",
        "creationTimestamp": f"2026-01-0{number}T03:00:00Z",
        "ownerReferences": [{"kind": kind, "name": of, "uid": "u"}],
    }
    return {"metadata": metadata, "status": {"startTime": f"2026-01-0{number}T03:00:01Z", **status}}


def complete(number: int) -> dict[str, Any]:
    conditions = [{"type": kind, "status": "True"} for kind in ("SuccessCriteriaMet", "Complete")]
    return job(number, completionTime=f"2026-01-0{number}T03:05:00Z", conditions=conditions)


def failed(number: int) -> dict[str, Any]:
    why = {"reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"}
    when = {"lastTransitionTime": f"2026-01-0{number}T03:07:00Z"}
    conditions = [{"type": kind, "status": "True", **why, **when} for kind in ("FailureTarget", "Failed")]
    return job(number, conditions=conditions)


def pod_of(number: int, **status: Any) -> dict[str, Any]:
    body = pod(f"{NAME}-{number}-x", **status)
    body["metadata"]["labels"] = {"batch.kubernetes.io/job-name": f"{NAME}-{number}"}
    return body


def test_a_cronjob_that_never_ran_has_no_last_run() -> None:
    assert last_run(NAME, []) is None


def test_jobs_of_others_are_passed_over() -> None:
    assert last_run(NAME, [job(1, of="handbook-compact"), job(2, kind="Workflow")]) is None


def test_the_youngest_run_is_told_with_its_times() -> None:
    found = last_run(NAME, [complete(2), failed(1)])
    assert found is not None
    assert (found.job, found.result, found.message) == (f"{NAME}-2", "Complete", None)
    assert found.started_at == datetime(2026, 1, 2, 3, 0, 1, tzinfo=UTC)
    assert found.finished_at == datetime(2026, 1, 2, 3, 5, tzinfo=UTC)


def test_a_failed_run_says_why_and_what_its_pod_said_last() -> None:
    pods = [
        pod_of(2, phase="Failed", containerStatuses=[container("summarize", state=terminated(message="401 from llm"))]),
        pod_of(1, phase="Failed", containerStatuses=[container("summarize", state=terminated(message="older"))]),
    ]
    found = last_run(NAME, [complete(1), failed(2)], pods)
    assert found is not None
    assert found.result == "Failed"
    assert found.message == (
        "BackoffLimitExceeded: Job has reached the specified backoff limit. Container summarize of pod "
        "handbook-summarize-2-x ended with exit code 1: 401 from llm. See kubectl logs handbook-summarize-2-x -c "
        "summarize."
    )
    assert found.finished_at == datetime(2026, 1, 2, 3, 7, tzinfo=UTC)


def test_a_run_that_goes_on_is_running_and_says_what_holds_it_up() -> None:
    assert (last_run(NAME, [job(3)]) or found_nothing()).message is None
    found = last_run(NAME, [complete(2), job(3)], [pod_of(3, **unscheduled())])
    assert found is not None
    assert (found.job, found.result, found.finished_at) == (f"{NAME}-3", "Running", None)
    assert "Insufficient nvidia.com/gpu" in (found.message or "")


def test_a_job_that_the_controller_has_not_seen_yet_is_running() -> None:
    found = last_run(NAME, [{**job(1), "status": None}])
    assert found is not None
    assert (found.result, found.started_at) == ("Running", None)


def found_nothing() -> Any:
    raise AssertionError("no run was found")
