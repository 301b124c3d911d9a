"""Holding Jobs that carry data of a collection that is paused: they suspend, and go on where they were afterwards."""

from collections.abc import Mapping
from typing import Any

from hirag_operator.plan.collection.migration.job import selector_of
from hirag_operator.plan.collection.migration.jobstate import carries, is_held, is_running
from hirag_operator.plan.steps import HoldJob
from hirag_operator.reconcile.progress import carry_out
from hirag_operator.reconcile.services import Services


def hold_copies(services: Services, body: Mapping[str, Any]) -> None:
    """Have the Jobs end their pods that carry data of a ContextCollection, of which `body` is the object as JSON.

    Raises:
        OperatorError: Kubernetes does not answer, or forbids it.
    """
    metadata, namespace = body["metadata"], services.jobs_namespace
    if not namespace:
        return
    jobs = services.kubernetes.all_of("Job", namespace, selector_of(metadata["namespace"], metadata["name"]))
    running = [job for job in jobs if carries(job) and is_running(job) and not is_held(job)]
    steps = [HoldJob(namespace, str(job["metadata"]["name"])) for job in running]
    carry_out(services, body, services.kubernetes.apply, steps)
