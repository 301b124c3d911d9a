"""The last run of a CronJob as the real Job controller reports it; the kubelet's part is played."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.namespace import eventually
from hirag_operator.api.collection_status import JobRun
from hirag_operator.plan.pods.jobruns import last_run

Json = dict[str, Any]

NAME = "handbook-summarize"
CONTAINER = {"name": "summarize", "image": "hirag-jobs:test", "command": ["hirag-jobs", "summarize"]}
CRONJOB: Json = {
    "apiVersion": "batch/v1",
    "kind": "CronJob",
    "metadata": {"name": NAME},
    "spec": {
        "schedule": "0 3 * * *",
        "suspend": True,
        "jobTemplate": {
            "spec": {
                "backoffLimit": 0,
                "template": {"spec": {"restartPolicy": "Never", "containers": [CONTAINER]}},
            }
        },
    },
}


class Runs:
    """A namespace with the CronJob in it."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self._control_plane = control_plane
        self._namespace = f"runs-{uuid.uuid4().hex[:8]}"
        control_plane.kubectl("create", "namespace", self._namespace)
        self._kubectl("apply", "-f", "-", stdin=json.dumps(CRONJOB))

    def begin(self, job: str) -> None:
        """Run it now, under a name."""
        self._kubectl("create", "job", job, f"--from=cronjob/{NAME}")

    def end(self, job: str, phase: str, exit_code: int, message: str = "") -> None:
        """Say as the kubelet does that the pod of a Job has ended."""
        pod = eventually(lambda: self._all("pods", f"batch.kubernetes.io/job-name={job}"), lambda found: found)[0]
        ended = {"exitCode": exit_code, "reason": "Error" if exit_code else "Completed", "message": message}
        status = {"name": "summarize", "image": "i", "imageID": "", "ready": False, "restartCount": 0}
        patch = {"status": {"phase": phase, "containerStatuses": [{**status, "state": {"terminated": ended}}]}}
        name = pod["metadata"]["name"]
        self._kubectl("patch", "pod", name, "--subresource=status", "--type=merge", "-p", json.dumps(patch))

    def last(self) -> JobRun | None:
        """What the operator would say of it."""
        return last_run(NAME, self._all("jobs"), self._all("pods"))

    def delete(self) -> None:
        self._control_plane.kubectl("delete", "namespace", self._namespace, "--wait=false")

    def _all(self, plural: str, selector: str = "") -> list[Json]:
        return list(json.loads(self._kubectl("get", plural, "-l", selector, "-o", "json"))["items"])

    def _kubectl(self, *args: str, stdin: str | None = None) -> str:
        return self._control_plane.kubectl("-n", self._namespace, *args, stdin=stdin)


@pytest.fixture
def runs(control_plane: ControlPlane) -> Iterator[Runs]:
    made = Runs(control_plane)
    yield made
    made.delete()


def ended(runs: Runs, result: str) -> JobRun:
    found = eventually(runs.last, lambda run: run is not None and run.result == result)
    assert found is not None
    return found


def test_a_run_is_told_from_its_begin_to_its_end(runs: Runs) -> None:
    assert runs.last() is None
    runs.begin("one")
    assert ended(runs, "Running").finished_at is None
    runs.end("one", "Succeeded", 0)
    found = ended(runs, "Complete")
    assert (found.job, found.message) == ("one", None)
    assert found.started_at is not None
    assert found.finished_at is not None
    assert found.finished_at >= found.started_at


def test_a_failed_run_carries_the_controllers_reason_and_the_containers_last_words(runs: Runs) -> None:
    runs.begin("two")
    runs.end("two", "Failed", 3, "hirag-jobs: the language model answers 401\n")
    found = ended(runs, "Failed")
    assert found.message is not None
    assert found.message.startswith("BackoffLimitExceeded: Job has reached the specified backoff limit. ")
    assert "exit code 3: hirag-jobs: the language model answers 401" in found.message
    assert found.finished_at is not None
