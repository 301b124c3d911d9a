"""Rendering the CronJobs of a ContextCollection: summarization and compaction.

The programs that they run are not part of this release, so the CronJobs are kept suspended, which the condition
SchedulesActive says. `AVAILABLE` names the programs that the jobs image has.
"""

from collections.abc import Mapping
from typing import Any

from hirag_operator.api import ContextCollection, JobRun
from hirag_operator.api.collection_jobs import Schedule, Summarization
from hirag_operator.api.conditions import ConditionType, Reason
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.names import workload_name
from hirag_operator.plan.pods.environment import environment
from hirag_operator.plan.pods.hardening import hardened_container, hardened_pod
from hirag_operator.plan.verdict import Aspect

Json = dict[str, Any]

PROGRAMS = {"summarization": "summarize", "compaction": "compact"}
AVAILABLE: frozenset[str] = frozenset()


def cronjobs(collection: ContextCollection, owner: Owner, image: str) -> list[Json]:
    """Return the CronJobs of the schedules that a collection declares."""
    return [_cronjob(collection, name, schedule, owner, image) for name, schedule in schedules(collection).items()]


def schedules(collection: ContextCollection) -> Mapping[str, Schedule]:
    """Return the declared schedules by the name of their section."""
    declared: dict[str, Schedule | None] = {
        "summarization": collection.spec.summarization,
        "compaction": collection.spec.compaction,
    }
    return {name: schedule for name, schedule in declared.items() if schedule is not None}


def cronjob_name(collection: ContextCollection, section: str) -> str:
    """Return the name of the CronJob of a section."""
    return workload_name(collection.metadata.name, PROGRAMS[section])


def schedules_active(collection: ContextCollection, runs: Mapping[str, JobRun]) -> list[Aspect]:
    """Return the condition SchedulesActive, given the last runs by section; nothing where nothing is scheduled."""
    declared = schedules(collection)
    if not declared:
        return []
    failed = [f"Job {run.job} of spec.{name}: {run.message}" for name, run in runs.items() if run.result == "Failed"]
    if failed:
        return [Aspect(ConditionType.SCHEDULES_ACTIVE, False, Reason.JOB_FAILED, "; ".join(failed))]
    missing = [name for name in declared if PROGRAMS[name] not in AVAILABLE]
    if missing:
        names = " and ".join(f"spec.{name}" for name in missing)
        message = f"{names}: this release has no program for it yet; the CronJob is made and kept suspended."
        return [Aspect(ConditionType.SCHEDULES_ACTIVE, False, Reason.PROGRAM_NOT_AVAILABLE, message)]
    return [Aspect(ConditionType.SCHEDULES_ACTIVE, True, Reason.SCHEDULED, "The CronJobs exist as declared.")]


def _cronjob(collection: ContextCollection, section: str, schedule: Schedule, owner: Owner, image: str) -> Json:
    program = PROGRAMS[section]
    spec: Json = {
        "schedule": schedule.schedule,
        "timeZone": schedule.time_zone,
        "suspend": schedule.suspend or program not in AVAILABLE,
        "concurrencyPolicy": schedule.concurrency_policy,
        "successfulJobsHistoryLimit": schedule.successful_jobs_history_limit,
        "failedJobsHistoryLimit": schedule.failed_jobs_history_limit,
        "startingDeadlineSeconds": schedule.starting_deadline_seconds,
        "jobTemplate": {
            "metadata": {"labels": owner.labels},
            "spec": _job(collection, schedule, owner, program, image),
        },
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": owner.metadata(cronjob_name(collection, section)),
        "spec": {key: value for key, value in spec.items() if value is not None},
    }


def _job(collection: ContextCollection, schedule: Schedule, owner: Owner, program: str, image: str) -> Json:
    spec: Json = {
        "backoffLimit": schedule.backoff_limit,
        "activeDeadlineSeconds": schedule.active_deadline_seconds,
        "ttlSecondsAfterFinished": schedule.ttl_seconds_after_finished,
        "template": {"metadata": {"labels": owner.labels}, "spec": _pod(collection, schedule, program, image)},
    }
    return {key: value for key, value in spec.items() if value is not None}


def _pod(collection: ContextCollection, schedule: Schedule, program: str, image: str) -> Json:
    container: Json = {
        "name": program,
        "image": image,
        "command": ["hirag-jobs", program],
        "env": _environment(collection, schedule),
        "resources": schedule.resources.to_wire() if schedule.resources else {},
        "securityContext": hardened_container(),
    }
    return {
        "restartPolicy": "Never",
        **hardened_pod(),
        "containers": [container],
    }


def _environment(collection: ContextCollection, schedule: Schedule) -> list[Json]:
    values = {
        "HIRAG_JOBS_NAMESPACE": collection.metadata.namespace,
        "HIRAG_JOBS_COLLECTION": collection.metadata.name,
    }
    if not isinstance(schedule, Summarization):
        return [*environment(values)]
    llm = schedule.llm
    entries: list[Json] = [*environment({**values, "HIRAG_JOBS_LLM_URL": llm.url, "HIRAG_JOBS_LLM_MODEL": llm.model})]
    if (key := llm.api_key_secret_ref) is not None:
        reference = {"secretKeyRef": {"name": key.name, "key": key.key}}
        entries.append({"name": "HIRAG_JOBS_LLM_API_KEY", "valueFrom": reference})
    return entries
