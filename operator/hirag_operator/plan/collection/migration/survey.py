"""The survey of a migration that waits: a short Job that looks at a sample of the source, and what is known by it.

    no Job → start one → it runs → its note is what is known; or it failed, and that is told

The Job that ended stays as long as the migration waits: by it one knows that a survey was made, and a failed one is not
tried again by itself. It goes when the migration begins, or is not wanted any more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from hirag_operator.plan.collection.migration.estimate import Estimate, surveyed
from hirag_operator.plan.collection.migration.job import GENERATION, Means, Owned, pod_of, variables
from hirag_operator.plan.collection.migration.jobstate import SURVEYED
from hirag_operator.plan.collection.migration.notes import Survey
from hirag_operator.plan.collection.migration.seen import SeenJob
from hirag_operator.plan.digest import digest
from hirag_operator.plan.moves import Holder
from hirag_operator.plan.pods.environment import environment
from hirag_operator.plan.steps import ApplyChild, DeleteChild, Step

Json = Mapping[str, Any]

_TRIES: Final = 2
_LONGEST_WHY: Final = 200  # characters
_LONGEST_SECONDS: Final = 600  # of all tries: an image that is never pulled ends there


@dataclass(frozen=True)
class Question:
    """What a survey is to find out.

    Args:
        source: What is to be carried.
        target: To where.
        vectors: Whether vectors are copied, or made anew.
        ef_construction: By how many candidates the new index is built; 0: it is no graph.
        pace: Whether it is tried how fast objects can be carried, and not only counted what they hold.
    """

    source: Holder
    target: Holder
    vectors: Literal["copy", "embed"]
    ef_construction: int = 0
    pace: bool = True

    @property
    def about(self) -> str:
        """Return what is asked, in words."""
        return "time and tokens" if self.pace else "tokens"


@dataclass(frozen=True)
class Surveyed:
    """What is known of a survey.

    Args:
        known: What it found out; None: nothing yet, or it failed.
        remark: Why nothing is known.
        steps: What is to be done about it.
        running: Whether it goes on, so that a look is worth while.
    """

    known: Survey | None = None
    remark: str = ""
    steps: tuple[Step, ...] = ()
    running: bool = False

    def added_to(self, estimate: Estimate) -> Estimate:
        """Return an estimate with what the survey adds, or with why it adds nothing."""
        if self.known is not None:
            return surveyed(estimate, self.known)
        return replace(estimate, remarks=(*estimate.remarks, self.remark)) if self.remark else estimate


def survey(
    question: Question, note: Survey, job: SeenJob | None, owned: Owned, means: Means, *, room: bool
) -> Surveyed:
    """Return what is known, and what is to be done to know it.

    `note` is the last word of a survey for this target, `job` the Job of one; `room`: one more may run.
    """
    measured = f"{question.about} are being measured"
    if job is None or job.deleted:
        if not room or job is not None:
            return Surveyed(remark=f"{question.about} are measured when other surveys have ended", running=True)
        return Surveyed(remark=measured, steps=(ApplyChild(survey_job(question, owned, means)),), running=True)
    if job.state == "Running":
        held = f" (held up: {job.message})" if job.message else ""
        return Surveyed(remark=f"{measured}{held}", running=True)
    of_this = note.source == str(question.source) and note.vectors == question.vectors
    if of_this and not note.error and job.state == "Complete":
        return Surveyed(known=note)
    if job.generation != owned.generation:
        return Surveyed(remark=measured, steps=(DeleteChild("Job", means.namespace, job.name),), running=True)
    why = note.error or job.message or ("its note is gone" if job.state == "Complete" else "see its pods' logs")
    again = f"delete Job {means.namespace}/{job.name} to have it tried again"
    return Surveyed(remark=f"{question.about} could not be measured: {why[:_LONGEST_WHY]} ({again})")


def survey_name(target: Holder, owned: Owned) -> str:
    """Return the name of the Job of a survey, readable as far as there is room."""
    return f"survey-{owned.name[:32].rstrip('-')}-{digest([owned.namespace, owned.name, str(target)], 12)}"


def survey_job(question: Question, owned: Owned, means: Means) -> dict[str, Any]:
    """Return the Job of a survey. It writes nothing into Weaviate but a note."""
    annotations = {SURVEYED: str(question.target), GENERATION: str(owned.generation)}
    values = {
        "TARGET": str(question.target),
        "VECTORS": question.vectors,
        "EF_CONSTRUCTION": str(question.ef_construction or ""),
        "PACE": "" if question.pace else "false",
    }
    env = variables(means, question.source, values, embeds=question.pace and question.vectors == "embed")
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": survey_name(question.target, owned),
            "namespace": means.namespace,
            "labels": owned.labels,
            "annotations": annotations,
        },
        "spec": {
            "backoffLimit": _TRIES,
            "activeDeadlineSeconds": _LONGEST_SECONDS,
            "template": {
                "metadata": {"labels": owned.labels, "annotations": annotations},
                "spec": pod_of(means, "survey", environment(env)),
            },
        },
    }


def needless(jobs: Iterable[Json], target: Holder | None) -> list[str]:
    """Return the names of Jobs of surveys but those for `target`, whose migration waits; None: none does."""
    asked = None if target is None else str(target)
    found = ((str(job["metadata"]["name"]), (job["metadata"].get("annotations") or {}).get(SURVEYED)) for job in jobs)
    return [name for name, about in found if about is not None and about != asked]
