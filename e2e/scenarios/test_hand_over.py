"""Two replicas, one acts; the other takes over, and what was declared meanwhile is done."""

from datetime import datetime

import pytest

from e2e.cluster.cluster import Cluster
from e2e.cluster.namespace import Namespace, eventually
from e2e.scenarios.conftest import MODEL, MODELS
from e2e.scenarios.installation import Installation

TAKE_OVER_SECONDS = 15.0
SPEC = {"embeddingModelRef": {"name": MODEL, "namespace": MODELS}, "levels": {"longTerm": {}}}


def another_leader(installation: Installation, than: str, seconds: float) -> str:
    return eventually(installation.leader, lambda name: name not in {"", than}, seconds)


def test_one_of_the_two_leads(installation: Installation) -> None:
    eventually(installation.leader, bool)
    assert len(installation.pods()) == 2


@pytest.mark.usefixtures("model")
def test_a_leader_that_dies_is_replaced_and_its_work_is_done_by_the_other(
    installation: Installation, tenant: Namespace, cluster: Cluster
) -> None:
    leader = eventually(installation.leader, bool)
    cluster.kubectl("delete", "pod", "-n", installation.namespace, leader, "--grace-period=0", "--force")
    tenant.apply("ContextCollection", "notes", SPEC)
    another_leader(installation, leader, TAKE_OVER_SECONDS)
    tenant.await_ready("ContextCollection", "notes")


@pytest.mark.usefixtures("model")
def test_a_rollout_hands_over_without_waiting_for_the_lease_to_run_out(
    installation: Installation, tenant: Namespace, cluster: Cluster
) -> None:
    leader = eventually(installation.leader, bool)
    before = installation.lease()
    deployment = f"deployment/{installation.deployment}"
    cluster.kubectl("rollout", "restart", "-n", installation.namespace, deployment)
    tenant.apply("ContextCollection", "notes", SPEC)
    cluster.kubectl("rollout", "status", "-n", installation.namespace, deployment, "--timeout=180s")
    another_leader(installation, leader, TAKE_OVER_SECONDS)
    tenant.await_ready("ContextCollection", "notes")
    after = installation.lease()
    assert after["leaseTransitions"] > before["leaseTransitions"]
    assert datetime.fromisoformat(after["acquireTime"]) > datetime.fromisoformat(before["acquireTime"])
