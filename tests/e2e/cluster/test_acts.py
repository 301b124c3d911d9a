"""Judging who acted when: from a Lease's history to what was not lawful."""

import json
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.acts import Act, AuditLog, Term, Word, asked_of_weaviate, terms, unlawful
from e2e.cluster.faults import Asked

Json = dict[str, Any]

LEASE = 10.0


@pytest.mark.parametrize(
    ("words", "held"),
    [
        pytest.param([], [], id="no Lease yet"),
        pytest.param([Word(0, "a", 0), Word(2, "a", 0)], [Term("a", 0, 12)], id="to a lease after the last renewal"),
        pytest.param([Word(0, "a", 0), Word(3, "", 0)], [Term("a", 0, 3)], id="to the moment it was given up"),
        pytest.param(
            [Word(0, "a", 0), Word(3, "", 0), Word(4, "b", 1)], [Term("a", 0, 3), Term("b", 4, 14)], id="handed over"
        ),
        pytest.param(
            [Word(0, "a", 0), Word(11, "b", 1)], [Term("a", 0, 10), Term("b", 11, 21)], id="taken after it ran out"
        ),
        pytest.param(
            [Word(0, "a", 0), Word(9, "b", 1)], [Term("a", 0, 9), Term("b", 9, 19)], id="two never hold it at once"
        ),
        pytest.param(
            [Word(0, "a", 0), Word(12, "a", 0)], [Term("a", 0, 10), Term("a", 12, 22)], id="not held in a gap"
        ),
    ],
)
def test_a_history_of_the_lease_tells_who_held_it_when(words: list[Word], held: list[Term]) -> None:
    assert terms(words, LEASE) == held


@pytest.mark.parametrize(
    ("process", "at", "lawful"),
    [
        ("a", 1.0, True),
        ("a", 9.9, True),
        ("a", 10.1, False),
        ("b", 10.9, False),
        ("b", 11.1, True),
        ("a", 11.1, False),
        ("c", 1.0, False),
    ],
)
def test_an_act_is_lawful_in_a_term_of_its_own_process_alone(process: str, at: float, lawful: bool) -> None:  # noqa: FBT001  a table
    held = terms([Word(0, "a", 0), Word(11, "b", 1)], LEASE)
    assert (unlawful([Act(process, at, "create configmaps")], held) == []) == lawful


def event(agent: str, verb: str = "create", resource: str = "configmaps", namespace: str = "team", **more: Any) -> Json:
    return {
        "verb": verb,
        "userAgent": agent,
        "objectRef": {"resource": resource, "namespace": namespace, "name": "one"},
        "requestReceivedTimestamp": "1970-01-01T00:01:40.500000Z",
        "responseStatus": {"code": 200},
        **more,
    }


def lease(holder: str, version: str, code: int = 200) -> Json:
    metadata = {"namespace": "system", "name": "one", "resourceVersion": version}
    body = {"metadata": metadata, "spec": {"holderIdentity": holder, "leaseTransitions": 1}}
    return event("any", "patch", "leases", "system", responseObject=body, responseStatus={"code": code})


@pytest.fixture
def audit(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path, "system")


def write(tmp_path: Path, *events: Json, end: str = "\n") -> None:
    with (tmp_path / "audit.log").open("a") as log:
        log.write("\n".join(json.dumps(one) for one in events) + end)


def test_acts_are_told_by_the_process_that_names_itself(audit: AuditLog, tmp_path: Path) -> None:
    ours, other = event("hirag-operator/1 (a)", "delete"), event("hirag-operator/1 (ab)")
    write(tmp_path, ours, other, event("hirag-operator/1 (a)", resource="events", namespace="system"))
    assert audit.acts(["a", "c"]) == [Act("a", 100.5, "delete configmaps/team/one")]


def test_a_line_that_is_being_written_is_read_once_it_is_whole(audit: AuditLog, tmp_path: Path) -> None:
    write(tmp_path, event("hirag-operator/1 (a)"), end="")
    assert audit.acts(["a"]) == []
    write(tmp_path)
    assert len(audit.acts(["a"])) == 1


def test_words_are_the_writes_that_were_taken_in_their_order(audit: AuditLog, tmp_path: Path) -> None:
    write(tmp_path, lease("b", "10"), lease("c", "11", code=409), lease("a", "9"))
    assert [word.holder for word in audit.words()] == ["a", "b"]


def test_who_changes_something_without_a_name_that_is_known_is_a_stranger(audit: AuditLog, tmp_path: Path) -> None:
    write(tmp_path, event("kubectl/v1.35"), event("kopf/1.45", requestURI="/api/v1/x"), event("hirag-operator/1 (a)"))
    assert audit.strangers() == ["create /api/v1/x by kopf/1.45"]


def test_what_only_reads_weaviate_is_no_act() -> None:
    asked = [Asked("GET", "/v1/schema", b"", 1.0), Asked("POST", "/v1/graphql", b"{}", 2.0)]
    made = Asked("POST", "/v1/schema", b"{}", 3.0)
    assert asked_of_weaviate("a", [*asked, made]) == [Act("a", 3.0, "POST /v1/schema")]
