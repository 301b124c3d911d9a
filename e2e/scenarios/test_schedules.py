"""CronJobs of a ContextCollection are kept, fire, and their failures reach the collection.

This release has no program for summarization yet. So what the operator keeps is suspended, and a person who wakes it
all the same (under `driftPolicy: Warn`) is told how its run ended.
"""

import json

import pytest

from e2e.cluster.cluster import Cluster
from e2e.cluster.namespace import Namespace, eventually
from e2e.scenarios.conftest import MODEL, MODELS

EVERY_MINUTE = "* * * * *"
_FIRES_SECONDS = 150.0  # up to a minute until the next one, then a pod that starts and ends


def spec(**more: object) -> dict[str, object]:
    llm = {"url": "http://llm.invalid/v1", "model": "none"}
    return {
        "embeddingModelRef": {"name": MODEL, "namespace": MODELS},
        "levels": {"shortTerm": {}, "longTerm": {}},
        "summarization": {"schedule": EVERY_MINUTE, "llm": llm, "backoffLimit": 0},
        **more,
    }


@pytest.mark.usefixtures("model")
def test_a_schedule_without_a_program_is_kept_suspended_and_says_so(tenant: Namespace) -> None:
    tenant.apply("ContextCollection", "notes", spec())
    tenant.await_ready("ContextCollection", "notes")
    (cronjob,) = tenant.all_of("CronJob")
    assert cronjob["spec"]["suspend"] is True
    tenant.await_reason("ContextCollection", "notes", "ProgramNotAvailable", "SchedulesActive")


@pytest.mark.usefixtures("model")
def test_a_run_that_fails_in_its_pod_reaches_the_collection(tenant: Namespace, cluster: Cluster) -> None:
    tenant.apply("ContextCollection", "notes", spec(driftPolicy="Warn"))
    tenant.await_ready("ContextCollection", "notes")
    (cronjob,) = tenant.all_of("CronJob")
    name = cronjob["metadata"]["name"]
    wake = json.dumps({"spec": {"suspend": False}})
    cluster.kubectl("patch", "cronjob", "-n", tenant.name, name, "--type=merge", "-p", wake)
    runs = eventually(lambda: tenant.all_of("Job"), lambda found: len(found) > 0, _FIRES_SECONDS)
    said = tenant.await_reason("ContextCollection", "notes", "JobFailed", "SchedulesActive", _FIRES_SECONDS)
    assert runs[0]["metadata"]["name"].startswith(name)
    assert name in said["message"]
