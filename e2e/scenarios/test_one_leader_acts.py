"""Of two replicas one acts at any moment, whatever happens to it, and the world becomes what the last YAML says."""

import statistics
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from typing import Any

import httpx
import pytest

from e2e.cluster.acts import terms, unlawful
from e2e.cluster.namespace import eventually
from e2e.cluster.replicas import Replica
from e2e.cluster.stage import MODEL, Stage
from e2e.cluster.stream import KIND, PASSING, Stream
from e2e.cluster.toolchain import Toolchain

Json = dict[str, Any]

ROUNDS = 20
LEASE_SECONDS = 6  # shorter than the default: 20 rounds take minutes, and what passes with less room passes with more
STRIKES = ("kill", "pause", "end")
AFTER_DEATH, AFTER_FAREWELL = 15.0, 2.0  # seconds, as promised


@pytest.fixture(scope="module")
def stage(toolchain: Toolchain) -> Iterator[Stage]:
    with Stage(toolchain, LEASE_SECONDS) as stage:
        yield stage


def test_twenty_lost_leaders_in_a_stream_of_changes_leave_what_the_last_yaml_says(stage: Stage) -> None:
    gaps: dict[str, list[float]] = {strike: [] for strike in STRIKES}
    with Stream(stage.namespace, MODEL, apart=0.2) as stream:
        for strike in islice(cycle(STRIKES), ROUNDS):
            leader, heir = stage.await_leader(), stage.standby()
            stage.await_act(leader.name, stage.await_word(leader.name, 0.0).at)
            gaps[strike].append(hand_over(stage, leader, heir, strike))
    print(f"{stream.applied} changes; from loss to the next leader's first change, in seconds: {gaps}")

    assert_world(stage, stream)
    history, acts = stage.audit.words(), stage.acts()
    held = terms(history, LEASE_SECONDS)
    assert unlawful(acts, held) == []
    assert len({term.process for term in held}) > ROUNDS / 2, "new processes came to lead"
    assert stage.audit.strangers() == [], "nothing but the fenced clients changes anything"
    assert max(*gaps["kill"], *gaps["pause"]) < AFTER_DEATH
    assert statistics.median(gaps["end"]) < AFTER_FAREWELL


def hand_over(stage: Stage, leader: Replica, heir: Replica, strike: str) -> float:
    """Take the leader away, wait until the heir acts, bring a replica back; return the seconds in between."""
    match strike:
        case "kill":
            at = leader.kill()
        case "pause":
            at = leader.pause()
        case _:
            at = leader.ask_to_end()
    acted = stage.await_act(heir.name, stage.await_word(heir.name, at).at).at
    if strike == "pause":
        leader.resume()  # in the middle of what it was at
    else:
        leader.end()
        leader.start()
    return acted - at


def _stands(stage: Stage, weaviate: httpx.Client, name: str) -> tuple[frozenset[str], int]:
    """The tenants of a collection in Weaviate, and the ef that it is searched with."""
    target = _target(weaviate, _aliases(stage, name)["longTerm"])
    found = weaviate.get(f"/schema/{target}/tenants").raise_for_status().json()
    schema = weaviate.get(f"/schema/{target}").raise_for_status().json()
    return frozenset(one["name"] for one in found), int(schema["vectorIndexConfig"]["ef"])


def assert_world(stage: Stage, stream: Stream) -> None:
    """Hold what is in Weaviate against what was declared last."""
    namespace = stage.namespace
    gone = [name for name in PASSING if name not in stream.present]
    eventually(lambda: [namespace.get(KIND, name) for name in gone], lambda bodies: not any(bodies), 120)
    with httpx.Client(base_url=f"{stage.weaviate.http_url}/v1", timeout=30, trust_env=False) as weaviate:
        for name, tenants in stream.tenants.items():
            wanted = (tenants, stream.ef)
            eventually(partial(_stands, stage, weaviate, name), lambda found: found == wanted, 60)  # noqa: B023
        lasting = {alias for name in stream.tenants for alias in _aliases(stage, name).values()}
        passing = {alias for name in stream.present for alias in _aliases(stage, name).values()}
        answer = weaviate.get("/aliases").raise_for_status().json()
        assert {one["alias"] for one in answer["aliases"]} == lasting | passing


def _aliases(stage: Stage, name: str) -> dict[str, str]:
    eventually(lambda: stage.namespace.condition(KIND, name).get("status"), lambda status: status == "True", 120)
    body = stage.namespace.get(KIND, name) or {}
    return {level: address["alias"] for level, address in body["status"]["address"].items()}


def _target(weaviate: httpx.Client, alias: str) -> str:
    return str(weaviate.get(f"/aliases/{alias}").raise_for_status().json()["class"])
