"""Two replicas: one acts, the other is at hand, and takes over as soon as it may and not before."""

import json
import time
from typing import Any

import httpx

from e2e.cluster.acts import Act, terms, unlawful
from e2e.cluster.faults import NONE, Fault
from e2e.cluster.namespace import eventually
from e2e.cluster.replicas import LEASE_NAMESPACE, Replica
from e2e.cluster.stage import MODEL, Stage

Json = dict[str, Any]

AFTER_DEATH, AFTER_FAREWELL = 15.0, 2.0  # seconds, as docs/high-availability.md promises
SPEC: Json = {
    "embeddingModelRef": {"name": MODEL},
    "levels": {"longTerm": {}},
    "chunking": {"maxTokens": 200},
    "deletionPolicy": "Delete",
}


def status(replica: Replica, path: str) -> int:
    return httpx.get(f"{replica.operator.url}{path}", trust_env=False, timeout=30).status_code


def leads(replica: Replica) -> bool:
    return "hirag_operator_leader 1.0" in replica.metrics().splitlines()


def logged(replica: Replica) -> list[str]:
    lines = replica.operator.log.read_text().splitlines()
    return [json.loads(line).get("event", "") for line in lines if line.startswith("{")]


def await_request(replica: Replica, what: str, since: float) -> Act:
    """Wait until Weaviate is asked for something by a replica, after a time of day."""

    def look() -> list[Act]:
        return [act for act in replica.acts_on_weaviate() if act.what == what and act.at > since]

    return eventually(look, bool)[0]


def assert_lawful(stage: Stage) -> None:
    assert unlawful(stage.acts(), terms(stage.audit.words(), stage.lease_seconds)) == []


def test_the_one_that_waits_is_ready_says_that_it_does_not_lead_and_changes_nothing(stage: Stage) -> None:
    leader, standby = stage.await_leader(), stage.standby()
    stage.namespace.apply("ContextCollection", "handbook", SPEC)
    stage.namespace.await_ready("ContextCollection", "handbook")
    assert [status(one, "/readyz") for one in (leader, standby)] == [200, 200]
    assert [status(one, "/healthz") for one in (leader, standby)] == [200, 200]
    assert [leads(one) for one in (leader, standby)] == [True, False]
    assert {act.process for act in stage.acts()} == {leader.name}
    lease = json.loads(stage.control_plane.kubectl("-n", LEASE_NAMESPACE, "get", "leases", "-ojson"))["items"]
    assert [one["metadata"]["name"] for one in lease] == ["hirag-operator-default"]
    assert lease[0]["spec"]["holderIdentity"] == leader.name


def test_after_the_death_of_the_leader_the_other_acts_within_its_time(stage: Stage) -> None:
    leader, heir = stage.await_leader(), stage.standby()
    died = leader.kill()
    stage.namespace.apply("ContextCollection", "orphan", SPEC)
    act = stage.await_act(heir.name, died)
    stage.namespace.await_ready("ContextCollection", "orphan")
    leader.start()
    assert stage.lease_seconds / 2 < act.at - died < AFTER_DEATH
    assert stage.leader() is heir, "one that comes back waits for its turn"
    assert_lawful(stage)


def test_a_leader_that_is_asked_to_end_hands_over_at_once(stage: Stage) -> None:
    leader, heir = stage.await_leader(), stage.standby()
    asked = leader.ask_to_end()
    stage.namespace.apply("ContextCollection", "heirloom", SPEC)
    act = stage.await_act(heir.name, asked)
    eventually(lambda: logged(leader), lambda said: "lease_released" in said)
    assert act.at - asked < AFTER_FAREWELL
    assert_lawful(stage)


def test_a_leader_that_is_asked_to_end_while_it_acts_ends_its_step_first(stage: Stage) -> None:
    """Weaviate lets the step wait for its answer; until it came, nobody else may act."""
    leader, heir, since = stage.await_leader(), stage.standby(), time.time()
    leader.weaviate.fault = Fault(delay=2.0, methods=frozenset({"POST"}))
    stage.namespace.apply("ContextCollection", "slow", SPEC)
    begun = await_request(leader, "POST /v1/schema", since)
    asked = leader.ask_to_end()
    word = stage.await_word(heir.name, asked)
    leader.weaviate.fault = NONE
    leader.end()
    leader.start()
    assert word.at - begun.at >= 2.0
    stage.namespace.await_ready("ContextCollection", "slow")
    assert_lawful(stage)


def test_a_leader_that_was_stopped_for_longer_than_its_lease_begins_no_step_when_it_wakes(stage: Stage) -> None:
    """It is stopped in the middle of a change, with more to do behind it."""
    leader, heir, since = stage.await_leader(), stage.standby(), time.time()
    leader.weaviate.fault = Fault(delay=1.0, methods=frozenset({"POST"}))
    for i in range(4):
        stage.namespace.apply("ContextCollection", f"paused-{i}", SPEC)
    await_request(leader, "POST /v1/schema", since)
    stopped = leader.pause()
    leader.weaviate.fault = NONE
    stage.await_act(heir.name, stage.await_word(heir.name, stopped).at)
    woke = time.time()
    leader.resume()
    eventually(lambda: status(leader, "/healthz"), lambda code: code == 200)
    eventually(lambda: leads(leader), lambda value: not value)
    for i in range(4):
        stage.namespace.await_ready("ContextCollection", f"paused-{i}")
    eventually(lambda: logged(leader), lambda said: "leading_ended" in said)
    assert [act for act in stage.acts() if act.process == leader.name and act.at > woke] == []
    assert_lawful(stage)


def test_a_leader_that_is_cut_off_from_the_api_server_stops_and_waits_for_its_turn_once_it_is_back(
    stage: Stage,
) -> None:
    leader, heir = stage.await_leader(), stage.standby()
    cut = time.time()
    leader.api.fault = Fault(cut=True)
    stage.namespace.apply("ContextCollection", "far-side", SPEC)
    act = stage.await_act(heir.name, cut)
    assert not leads(leader)
    assert status(leader, "/healthz") == 200, "the network is not healed by a restart"
    leader.api.fault = NONE
    stage.namespace.await_ready("ContextCollection", "far-side")
    eventually(lambda: status(leader, "/readyz"), lambda code: code == 200)
    assert act.at - cut < AFTER_DEATH
    assert (stage.leader(), leads(leader)) == (heir, False)
    assert_lawful(stage)


def test_a_crash_in_the_middle_of_everything_is_finished_by_the_other(stage: Stage) -> None:
    leader, since = stage.await_leader(), time.time()
    names = [f"half-{i}" for i in range(6)]
    for name in names:
        stage.namespace.apply("ContextCollection", name, SPEC)
    await_request(leader, "POST /v1/aliases", since)
    leader.kill()
    for name in names:
        stage.namespace.await_ready("ContextCollection", name)
    assert_lawful(stage)
