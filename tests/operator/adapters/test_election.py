"""Elections on a real API server, by candidates whose network is cut, slowed and healed."""

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from kubernetes import config
from kubernetes.client import Configuration
from structlog.testing import capture_logs

from e2e.cluster.controlplane import ControlPlane
from e2e.cluster.faultproxy import TcpProxy
from e2e.cluster.faults import NONE, Fault
from e2e.cluster.namespace import eventually
from hirag_operator.adapters.election import Candidate, Election
from hirag_operator.adapters.fence import LeaseFence
from hirag_operator.adapters.leaseserver import LeaseServer

Json = dict[str, Any]

NAMESPACE = "default"
SECONDS = 3

_load_kube_config: Any = config.load_kube_config  # the client ships no types for it


@dataclass
class Standing:
    """A candidate that stands; `terms` is what it told, `moments` when by the clock of all fences."""

    election: Election
    fence: LeaseFence
    terms: list[bool] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)

    def told(self, leads: bool) -> None:  # noqa: FBT001  as the election tells it
        self.terms.append(leads)
        self.moments.append(self.fence.clock())


class Polls:
    """Candidates for one Lease."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self.control_plane = control_plane
        self.lease_name = f"lease-{uuid.uuid4().hex[:8]}"

    @contextmanager
    def candidate(self, name: str, proxy: TcpProxy | None = None, seconds: int = SECONDS) -> Iterator[Standing]:
        configuration = Configuration()
        _load_kube_config(config_file=str(self.control_plane.kubeconfig), client_configuration=configuration)
        if proxy is not None:
            configuration.host = proxy.url
        fence = LeaseFence()
        told: list[Standing] = []
        server = LeaseServer(configuration, name, NAMESPACE, self.lease_name)
        election = Election(server, Candidate(name, seconds), fence, lambda leads: told[0].told(leads))  # noqa: PLW0108  made below
        told.append(Standing(election, fence))
        election.start()
        try:
            yield told[0]
        finally:
            election.resign(0.0)

    def lease(self) -> Json:
        return dict(json.loads(self.control_plane.kubectl("-n", NAMESPACE, "get", "lease", self.lease_name, "-ojson")))

    def events(self) -> list[str]:
        found = json.loads(self.control_plane.kubectl("-n", NAMESPACE, "get", "events.events.k8s.io", "-ojson"))
        return [one["note"] for one in found["items"] if one["regarding"]["name"] == self.lease_name]


@pytest.fixture
def polls(control_plane: ControlPlane) -> Polls:
    return Polls(control_plane)


@pytest.fixture
def proxy(control_plane: ControlPlane) -> Iterator[TcpProxy]:
    with TcpProxy(control_plane.url) as running:
        yield running


def leads(*standing: Standing) -> None:
    for one in standing:
        eventually(one.fence.leads, bool, SECONDS * 4)


def test_the_first_makes_the_lease_and_says_so_in_an_event(polls: Polls) -> None:
    with polls.candidate("a") as a:
        leads(a)
        spec = polls.lease()["spec"]
        assert (spec["holderIdentity"], spec["leaseDurationSeconds"], spec["leaseTransitions"]) == ("a", SECONDS, 0)
        eventually(polls.events, lambda notes: notes == ["a became leader"])
        eventually(lambda: polls.lease()["spec"]["renewTime"], lambda renewed: renewed > spec["renewTime"])
        assert a.terms == [True]


def test_of_many_that_stand_at_once_one_leads(polls: Polls) -> None:
    with polls.candidate("a") as a, polls.candidate("b") as b, polls.candidate("c") as c:
        everybody = (a, b, c)
        eventually(lambda: [one.fence.leads() for one in everybody], any)
        renewed = polls.lease()["spec"]["renewTime"]
        eventually(lambda: polls.lease()["spec"]["renewTime"], lambda now: now > renewed)
        assert sorted(one.fence.leads() for one in everybody) == [False, False, True]


def test_who_resigns_leaves_the_lease_to_be_taken_at_once(polls: Polls) -> None:
    with polls.candidate("a", seconds=30) as a, polls.candidate("b", seconds=30) as b:
        eventually(lambda: a.fence.leads() or b.fence.leads(), bool)
        first, second = (a, b) if a.fence.leads() else (b, a)
        resigned = first.fence.clock()
        first.election.resign(5.0)
        assert not first.fence.leads()
        eventually(second.fence.leads, bool, 15)
        assert second.moments[0] - resigned < 30 / 3, "a lease that is given up is not waited for"
        assert polls.lease()["spec"]["leaseTransitions"] == 1


def test_who_resigns_while_the_lease_is_newer_than_he_knows_leaves_it_all_the_same(polls: Polls) -> None:
    """As after a renewal whose answer was lost."""
    with polls.candidate("a", seconds=30) as a:
        leads(a)
        polls.control_plane.kubectl("-n", NAMESPACE, "label", "lease", polls.lease_name, "team=platform")
        a.election.resign(5.0)
        assert not polls.lease()["spec"].get("holderIdentity")


def test_who_resigns_while_he_is_cut_off_for_a_moment_leaves_it_as_soon_as_he_is_heard(
    polls: Polls, proxy: TcpProxy
) -> None:
    with polls.candidate("a", proxy, seconds=30) as a:
        leads(a)
        proxy.fault = Fault(cut=True)
        with capture_logs() as logged:
            resigning = threading.Thread(target=a.election.resign, args=(5.0,))
            resigning.start()
            eventually(lambda: [one["event"] for one in logged], lambda said: "lease_release_interrupted" in said)
            proxy.fault = NONE
            resigning.join()
        assert logged[-1]["event"] == "lease_released"
        assert not polls.lease()["spec"].get("holderIdentity")


def test_who_resigns_in_the_middle_of_a_step_that_does_not_end_keeps_the_others_waiting(polls: Polls) -> None:
    with polls.candidate("a") as a:
        leads(a)
        begun, finish = threading.Event(), threading.Event()

        def work() -> None:
            with a.fence.attempt(), a.fence.step():
                begun.set()
                finish.wait(30)

        worker = threading.Thread(target=work)
        worker.start()
        assert begun.wait(10)
        a.election.resign(0.1)
        assert not a.fence.leads()
        assert polls.lease()["spec"]["holderIdentity"] == "a", "it is left to run out"
        with polls.candidate("b") as b:
            leads(b)
        finish.set()
        worker.join()


def test_a_leader_that_is_cut_off_stops_before_another_begins_and_waits_for_its_turn_then(
    polls: Polls, proxy: TcpProxy
) -> None:
    with polls.candidate("a", proxy) as a:
        leads(a)
        with polls.candidate("b") as b:
            proxy.fault = Fault(cut=True)
            leads(b)
            assert a.terms == [True, False]
            assert a.moments[1] < b.moments[0]
            proxy.fault = NONE
            renewed = polls.lease()["spec"]["renewTime"]
            eventually(lambda: polls.lease()["spec"]["renewTime"], lambda now: now > renewed)
            assert (a.fence.leads(), b.fence.leads()) == (False, True)


@pytest.mark.parametrize("fault", [Fault(cut=True), Fault(hang=True)], ids=["cut off", "hanging"])
def test_a_leader_that_nobody_replaced_leads_again_in_a_new_term_once_it_is_heard(
    polls: Polls, proxy: TcpProxy, fault: Fault
) -> None:
    with polls.candidate("a", proxy) as a:
        leads(a)
        acquired = polls.lease()["spec"]["acquireTime"]
        proxy.fault = fault
        eventually(lambda: a.terms, lambda terms: terms == [True, False])
        proxy.fault = NONE
        eventually(lambda: a.terms, lambda terms: terms == [True, False, True])
        spec = polls.lease()["spec"]
        assert (spec["acquireTime"], spec["leaseTransitions"]) == (acquired, 0), "it never was another's"


def test_a_server_that_answers_slowly_is_led_from_all_the_same(polls: Polls, proxy: TcpProxy) -> None:
    proxy.fault = Fault(delay=0.15)
    with polls.candidate("a", proxy) as a:
        leads(a)
        renewed = polls.lease()["spec"]["renewTime"]
        eventually(lambda: polls.lease()["spec"]["renewTime"], lambda now: now > renewed)
        assert a.terms == [True]


def test_what_others_write_on_the_lease_stays_and_costs_no_term(polls: Polls) -> None:
    with polls.candidate("a") as a:
        leads(a)
        polls.control_plane.kubectl("-n", NAMESPACE, "label", "lease", polls.lease_name, "team=platform")
        renewed = polls.lease()["spec"]["renewTime"]
        eventually(lambda: polls.lease()["spec"]["renewTime"], lambda now: now > renewed)
        assert polls.lease()["metadata"]["labels"] == {"team": "platform"}
        assert a.terms == [True]


def test_a_lease_that_somebody_deletes_is_made_again(polls: Polls) -> None:
    with polls.candidate("a") as a:
        leads(a)
        polls.control_plane.kubectl("-n", NAMESPACE, "delete", "lease", polls.lease_name)
        eventually(
            lambda: polls.control_plane.kubectl("-n", NAMESPACE, "get", "lease", "-oname"),
            lambda names: polls.lease_name in names,
        )
        leads(a)


def test_a_lease_that_is_given_to_another_by_hand_ends_the_term_at_once(polls: Polls) -> None:
    with polls.candidate("a", seconds=30) as a:
        leads(a)
        patch = json.dumps({"spec": {"holderIdentity": "somebody"}})
        polls.control_plane.kubectl("-n", NAMESPACE, "patch", "lease", polls.lease_name, "--type=merge", "-p", patch)
        eventually(lambda: a.terms, lambda terms: terms == [True, False], 15)
        assert a.moments[1] - a.moments[0] < 30 / 2


def test_an_election_that_runs_turns_and_one_that_ended_does_not(polls: Polls) -> None:
    with polls.candidate("a") as a:
        leads(a)
        turned = a.election.standstill
        assert turned < 1.0
    eventually(lambda: a.election.standstill, lambda leases: leases > 1.0)
