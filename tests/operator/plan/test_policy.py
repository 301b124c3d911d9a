"""Which levels use a policy, and what is said of their indexes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from hirag_operator.api import HNSWIndexPolicy
from hirag_operator.plan.collection.vectorindex import index_digest, vector_index
from hirag_operator.plan.policy import Users, compliance, judge, objectives_met, status, users
from hirag_operator.plan.verdict import State
from tests.operator.plan.objects import metadata, policy

Json = dict[str, Any]

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SETTINGS = index_digest(*vector_index(policy().spec))
BUILT = {"alias": "A", "collection": "A_R1", "indexSettings": SETTINGS}
EF = "vectorIndexConfig.efConstruction (128 → 300)"


def user(reference: Mapping[str, str], *, name: str = "handbook", namespace: str = "team-a", **parts: Any) -> Json:
    """A collection, as JSON, whose long-term level refers to a policy."""
    return {
        "metadata": metadata(name, namespace=namespace),
        "spec": {"levels": {"longTerm": {"indexPolicyRef": reference}, "shortTerm": {}}},
        **parts,
    }


def reporting(
    address: Mapping[str, Any], *, reason: str = "Ready", generation: int = 3, name: str = "handbook"
) -> Json:
    """A collection that uses the policy and reports where its long-term level is."""
    report = {
        "observedGeneration": generation,
        "address": {"longTerm": address},
        "conditions": [{"type": "Stalled", "reason": "NotStalled"}, {"type": "Ready", "reason": reason}],
    }
    return user({"name": "balanced"}, name=name, status=report)


def found(
    *collections: Json, of: HNSWIndexPolicy | None = None, admitted: Iterable[str] = ("team-a", "team-b")
) -> Users:
    return users(of or policy(), collections, frozenset(admitted).__contains__)


@pytest.mark.parametrize(
    ("collection", "uses"),
    [
        pytest.param(user({"name": "balanced"}), True, id="by its name in the same namespace"),
        pytest.param(user({"name": "other"}), False, id="another policy"),
        pytest.param(user({"name": "balanced"}, namespace="team-b"), False, id="a namesake in another namespace"),
        pytest.param(
            user({"name": "balanced", "namespace": "team-a"}, namespace="team-b"), True, id="from another namespace"
        ),
        pytest.param({"metadata": metadata("odd"), "spec": {"levels": "none"}}, False, id="a spec of another form"),
    ],
)
def test_a_level_is_bound_by_the_reference_that_it_makes(collection: Json, *, uses: bool) -> None:
    assert bool(found(collection).bindings) is uses


def test_levels_of_namespaces_that_are_not_admitted_are_counted_and_not_named() -> None:
    guest = user({"name": "balanced", "namespace": "team-a"}, namespace="team-b")
    seen = found(guest, user({"name": "balanced"}), admitted=["team-a"])
    assert [one["namespace"] for one in seen.bindings] == ["team-a"]
    assert "1 of namespaces that it does not admit" in judge(seen).message
    assert "team-b" not in str(seen)


@pytest.mark.parametrize(
    ("collection", "state"),
    [
        pytest.param(reporting(BUILT), {"state": "Compliant"}, id="as the policy says"),
        pytest.param(
            reporting(BUILT, reason="WeaviateUnreachable"), {"state": "Compliant"}, id="out of reach for a moment"
        ),
        pytest.param(
            reporting({**BUILT, "pending": EF, "changeClass": "build"}, reason="MigrationRequired"),
            {"state": "PendingRebuild", "pending": EF, "changeClass": "build"},
            id="a new revision would be needed",
        ),
        pytest.param(
            reporting({**BUILT, "pending": EF, "changeClass": "build"}, reason="Migrating"),
            {"state": "Rebuilding", "pending": EF, "changeClass": "build"},
            id="a new revision is on its way",
        ),
        pytest.param(
            reporting({**BUILT, "pending": f"properties[secret].dataType; {EF}", "changeClass": "build"}),
            {"state": "PendingRebuild", "pending": f"{EF}; other settings of the collection", "changeClass": "build"},
            id="what is not of the index stays the collection's own business",
        ),
        pytest.param(
            reporting({**BUILT, "indexSettings": "of-before"}),
            {"state": "Waiting", "pending": "Ready"},
            id="it has not seen the policy's present settings",
        ),
        pytest.param(
            reporting(BUILT, generation=2),
            {"state": "Waiting", "pending": "Ready"},
            id="its report is of an older spec",
        ),
        pytest.param(
            reporting({"alias": "A", "collection": "A_R1"}, reason="WeaviateRefused"),
            {"state": "Waiting", "pending": "WeaviateRefused"},
            id="the server refused the settings",
        ),
        pytest.param(
            user({"name": "balanced"}), {"state": "Waiting", "pending": "not looked at yet"}, id="it has no report yet"
        ),
    ],
)
def test_a_binding_has_the_state_that_its_collection_reports(collection: Json, state: Json) -> None:
    (one,) = found(collection).bindings
    assert one == {"namespace": "team-a", "name": "handbook", "level": "longTerm", **state}


def test_one_policy_may_be_settled_here_and_need_a_rebuild_there() -> None:
    """As an edit of efConstruction and ef does: an empty level may be made anew, another keeps its graph."""
    there = reporting({**BUILT, "pending": EF, "changeClass": "build"}, name="old")
    seen = found(reporting(BUILT, name="new"), there, reporting({}, reason="Paused", name="paused"))
    assert compliance(seen).message == (
        "1 of 3 levels that use it are indexed as it says. "
        f"1 need a new revision: team-a/old longTerm (build: {EF}). "
        "1 have not taken it up: team-a/paused longTerm (Paused)."
    )
    assert (compliance(seen).holds, compliance(seen).reason) == (False, "RebuildPending")
    assert judge(seen).state is State.READY


@pytest.mark.parametrize(
    ("collections", "holds", "reason"),
    [
        pytest.param([], True, "NotBound", id="nobody uses it"),
        pytest.param([reporting(BUILT)], True, "Bound", id="all agree"),
        pytest.param([reporting({})], False, "NotTakenUp", id="one waits"),
    ],
)
def test_compliance_is_a_condition(collections: list[Json], reason: str, *, holds: bool) -> None:
    aspect = compliance(found(*collections))
    assert (aspect.holds, aspect.reason) == (holds, reason)


def test_a_message_names_the_first_few_levels() -> None:
    seen = found(*(reporting({}, name=f"c{number}") for number in range(9)))
    assert "9 have not taken it up: team-a/c0 longTerm (Ready), " in judge(seen).message
    assert judge(seen).message.endswith(", ….")
    assert "c3" not in judge(seen).message


def test_bindings_come_in_a_stable_order() -> None:
    seen = found(*(user({"name": "balanced"}, name=name) for name in ("b", "c", "a")))
    assert [one["name"] for one in seen.bindings] == ["a", "b", "c"]


def test_settings_that_come_to_the_same_index_have_the_same_digest() -> None:
    assert index_digest(*vector_index(policy({"hnsw": {}}).spec)) == SETTINGS
    assert index_digest(*vector_index(policy({"allowedNamespaces": {"from": "All"}}).spec)) == SETTINGS
    assert index_digest(*vector_index(policy({"hnsw": {"ef": 64}}).spec)) != SETTINGS


def test_the_status_of_a_policy_is_what_the_api_says_it_is() -> None:
    declared = policy({"objectives": {"memory": {"limit": "2Gi"}}})
    pending = reporting({**BUILT, "pending": EF, "changeClass": "build"}, name="old")
    report = status(declared, found(reporting(BUILT), pending, of=declared), NOW, {})
    seen = HNSWIndexPolicy.from_wire({**declared.to_wire(), "status": report}).status
    assert (seen.observed_generation, seen.binding_count, seen.compliant_count, len(seen.bindings)) == (3, 2, 1, 2)
    conditions = {one.type: one.status for one in seen.conditions}
    assert conditions.items() >= {"Ready": "True", "Compliant": "False", "SpecHonored": "True"}.items()


MEASURED = {"recall": 0.91, "p95Milliseconds": 4.0, "ef": 64, "memoryBytes": 850, "queries": 100}


def measuring(state: str, name: str) -> Json:
    """A collection that reports a measurement of its long-term level."""
    body = reporting(BUILT, name=name)
    told = {**MEASURED, "state": state, "message": "…", "measuredAt": "2026-01-01T00:00:00Z"}
    return {**body, "status": {**body["status"], "measurements": {"longTerm": told}}}


def test_a_binding_tells_what_its_index_achieves() -> None:
    (one,) = found(measuring("ObjectivesMet", "a")).bindings
    assert one.items() >= {**MEASURED, "objectives": "ObjectivesMet", "measuredAt": "2026-01-01T00:00:00Z"}.items()


@pytest.mark.parametrize(
    ("states", "holds", "reason", "words"),
    [
        pytest.param([], True, "NotBound", "No level uses it.", id="nobody uses it"),
        pytest.param(["ObjectivesMet", "NothingToMeasure"], True, "ObjectivesMet", "2 of 2 levels", id="all meet them"),
        pytest.param(
            ["ObjectivesMet", "Tuning", "RebuildProposed"],
            False,
            "RebuildProposed",
            "1 of 3 levels that use it meet its objectives. RebuildProposed: team-a/c2 longTerm. Tuning: team-a/c1",
            id="the gravest first",
        ),
        pytest.param(["MemoryNearLimit"], True, "MemoryNearLimit", "1 are near objectives.memory.limit", id="near"),
        pytest.param([None], False, "NotMeasured", "0 of 1", id="not measured yet"),
    ],
)
def test_objectives_are_a_condition_over_all_levels(
    states: list[str | None], reason: str, words: str, *, holds: bool
) -> None:
    of = policy({"objectives": {"memory": {"limit": "2Gi"}}})
    bodies = [measuring(state, f"c{at}") if state else reporting(BUILT, name="new") for at, state in enumerate(states)]
    (aspect,) = objectives_met(of, found(*bodies, of=of))
    assert (aspect.holds, aspect.reason.value) == (holds, reason)
    assert words in aspect.message
    assert objectives_met(policy(), found(*bodies)) == ()


def test_of_more_bindings_than_fit_those_that_need_something_are_shown() -> None:
    seen = found(*(reporting(BUILT, name=f"c{number:04}") for number in range(1001)), reporting({}, name="last"))
    report = status(policy(), seen, NOW, {})
    assert (len(report["bindings"]), report["bindingCount"], report["compliantCount"]) == (1000, 1002, 1001)
    assert report["bindings"][-1]["name"] == "last"
