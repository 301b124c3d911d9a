"""What is seen of the Jobs that fill holders, and of their pods."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hirag_operator.plan.collection.migration.job import GENERATION, PROVIDER, PROVIDER_VOLUME, RATE, TARGET
from hirag_operator.plan.collection.migration.seen import SeenJob
from hirag_operator.plan.dig import dig
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.pods.jobruns import JOB_OF_POD, result_of
from hirag_operator.plan.pods.podtrouble import worst_trouble
from hirag_operator.plan.pods.trouble import brief, condition

Json = Mapping[str, Any]

SURVEYED: Final = "hirag.dev/survey-target"  # annotation of a Job: the holder that what it looks at is to go to
_ENDED: Final = frozenset({"Succeeded", "Failed"})


def seen_job(target: Holder, jobs: Iterable[Json], pods: Sequence[Json], about: str = TARGET) -> SeenJob | None:
    """Return the Job that fills a holder, out of those of its level's object; None where there is none.

    `about` is the annotation that names the holder: with `SURVEYED` it is the Job of a survey.
    """
    pods = [pod for pod in pods if _is_about(pod, about, target)]
    running = [pod for pod in pods if _phase(pod) not in _ENDED]
    job = next((one for one in jobs if _is_about(one, about, target)), None)
    if job is None or job["metadata"].get("deletionTimestamp"):
        named = str(_labels(running[0]).get(JOB_OF_POD, "")) if running else ""
        return SeenJob(named, pods=len(running), deleted=True) if running else None
    ended = result_of(job)
    trouble = worst_trouble(pods) if ended != "Complete" else None
    said = condition(job, "Failed").get("message") if ended == "Failed" else None
    return SeenJob(
        name=str(job["metadata"]["name"]),
        state=ended,
        shares=int((job.get("spec") or {}).get("completions") or 1),
        generation=int(_annotations(job).get(GENERATION) or 0),
        pods=len(running),
        held=is_held(job),
        rate=int(_annotations(job).get(RATE) or 0),
        uid=str(job["metadata"].get("uid", "")),
        key_in=_key_secret(job),
        provider=str(_annotations(job).get(PROVIDER, "")),
        message=brief(" ".join(part for part in (said, trouble.message if trouble else None) if part)),
    )


def awaiting_key(jobs: Iterable[SeenJob | None], provider: str) -> list[SeenJob]:
    """Return the Jobs that are to have the key of a provider: those that run and were made for that very one.

    A Job that was made for another would send it there.
    """
    found = dict.fromkeys(job for job in jobs if job is not None and job.key_in and job.provider == provider)
    return [job for job in found if job.state == "Running" and not job.deleted]


def fills(job: Json) -> tuple[Holder, int]:
    """Return what a Job fills, and in how many shares."""
    collection, _, tenant = str(_annotations(job).get(TARGET, "")).partition("/")
    return Holder(collection, tenant or None), int((job.get("spec") or {}).get("completions") or 1)


def carries(job: Json) -> bool:
    """Return whether a Job carries data: it is none of a survey."""
    return TARGET in _annotations(job)


def is_running(job: Json) -> bool:
    """Return whether a Job has not ended."""
    return result_of(job) == "Running"


def is_held(job: Json) -> bool:
    """Return whether a Job is suspended: its pods have ended, or are about to."""
    return bool((job.get("spec") or {}).get("suspend"))


def _key_secret(job: Json) -> str:
    volumes = dig(job, "spec", "template", "spec", "volumes") or []
    return next((str(one["secret"]["secretName"]) for one in volumes if one["name"] == PROVIDER_VOLUME), "")


def _is_about(body: Json, about: str, target: Holder) -> bool:
    return _annotations(body).get(about) == str(target)


def _annotations(body: Json) -> Json:
    return body["metadata"].get("annotations") or {}


def _labels(body: Json) -> Json:
    return body["metadata"].get("labels") or {}


def _phase(pod: Json) -> str:
    return str((pod.get("status") or {}).get("phase", ""))
