"""The last run of a CronJob, from the Jobs that it made and their pods.

Shapes: `pkg/controller/job/job_controller.go` of Kubernetes 1.35 (conditions Complete and Failed, startTime,
completionTime).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from hirag_operator.api.collection_status import JobRun
from hirag_operator.plan.pods.podtrouble import worst_trouble
from hirag_operator.plan.pods.trouble import brief, condition

Json = Mapping[str, Any]
Result = Literal["Running", "Complete", "Failed"]

JOB_OF_POD = "batch.kubernetes.io/job-name"  # label that the Job controller puts on pods


def last_run(cronjob: str, jobs: Iterable[Json], pods: Sequence[Json] = ()) -> JobRun | None:
    """Return the youngest run of the CronJob of a name; None when it has not run, or no Job of it is left.

    Args:
        cronjob: Its name; Jobs of others are passed over.
        jobs: Jobs of its namespace.
        pods: Pods of its namespace; they tell why a run fails or does not begin.
    """
    own = [job for job in jobs if _made_by(job, cronjob)]
    if not own:
        return None
    job = max(own, key=lambda one: (str(one["metadata"].get("creationTimestamp", "")), str(one["metadata"]["name"])))
    status, result = job.get("status") or {}, result_of(job)
    finished = status.get("completionTime") or condition(job, "Failed").get("lastTransitionTime")
    return JobRun.model_validate(
        {
            "job": job["metadata"]["name"],
            "result": result,
            "message": _message(job, result, pods),
            "startedAt": status.get("startTime"),
            "finishedAt": None if result == "Running" else finished,
        }
    )


def _made_by(job: Json, cronjob: str) -> bool:
    references = job["metadata"].get("ownerReferences") or []
    return any(reference["kind"] == "CronJob" and reference["name"] == cronjob for reference in references)


def result_of(job: Json) -> Result:
    """Return how a Job ended, or that it runs."""
    ended: tuple[Result, ...] = ("Complete", "Failed")
    return next((kind for kind in ended if condition(job, kind).get("status") == "True"), "Running")


def _message(job: Json, result: str, pods: Sequence[Json]) -> str | None:
    """Return why a run failed or is held up; nothing where it goes as it should."""
    if result == "Complete":
        return None
    name = job["metadata"]["name"]
    own = [pod for pod in pods if (pod["metadata"].get("labels") or {}).get(JOB_OF_POD) == name]
    said, trouble = condition(job, "Failed"), worst_trouble(own)
    failed = f"{brief(': '.join((said['reason'], said.get('message', ''))))}." if result == "Failed" else ""
    return " ".join(part for part in (failed, trouble.message if trouble else "") if part) or None
