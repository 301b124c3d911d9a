from datetime import UTC, datetime
from typing import Any

import pytest

from hirag_operator.api import ContextCollection, HNSWIndexPolicy
from hirag_operator.plan.policy import bindings, judge, status
from hirag_operator.plan.verdict import State
from tests.operator.plan.objects import metadata, policy

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BUILT = {"address": {"longTerm": {"alias": "A", "collection": "A_R1"}}}


def user(
    reference: dict[str, str], *, name: str = "handbook", namespace: str = "team-a", seen: Any = None
) -> ContextCollection:
    """A collection whose long-term level refers to a policy."""
    return ContextCollection.from_wire(
        {
            "apiVersion": "hirag.dev/v1alpha1",
            "kind": "ContextCollection",
            "metadata": metadata(name, namespace=namespace),
            "spec": {"embeddingModelRef": {"name": "m"}, "levels": {"longTerm": {"indexPolicyRef": reference}}},
            "status": seen or {},
        }
    )


def refused(reason: str) -> dict[str, Any]:
    moment = "2026-01-01T00:00:00Z"
    return {
        **BUILT,
        "conditions": [{"type": "Ready", "status": "False", "reason": reason, "lastTransitionTime": moment}],
    }


@pytest.mark.parametrize(
    ("collection", "uses"),
    [
        pytest.param(user({"name": "balanced"}), True, id="by its name in the same namespace"),
        pytest.param(user({"name": "other"}), False, id="another policy"),
        pytest.param(user({"name": "balanced"}, namespace="team-b"), False, id="a namesake in another namespace"),
        pytest.param(
            user({"name": "balanced", "namespace": "team-a"}, namespace="team-b"), True, id="from another namespace"
        ),
    ],
)
def test_a_level_is_bound_by_the_reference_that_it_makes(collection: ContextCollection, *, uses: bool) -> None:
    assert bool(bindings(policy(), [collection])) is uses


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        pytest.param(BUILT, "Compliant", id="built, and nothing refused"),
        pytest.param({}, "PendingRebuild", id="not built yet"),
        pytest.param({"address": {"longTerm": {"alias": "A"}}}, "PendingRebuild", id="its collection is gone"),
        pytest.param(refused("MigrationRequired"), "PendingRebuild", id="a migration would be needed"),
        pytest.param(refused("WeaviateUnreachable"), "Compliant", id="out of reach for a moment"),
    ],
)
def test_a_binding_has_the_state_that_its_collection_reports(seen: Any, state: str) -> None:
    (found,) = bindings(policy(), [user({"name": "balanced"}, seen=seen)])
    assert found["state"] == state


def test_bindings_come_in_a_stable_order() -> None:
    users = [user({"name": "balanced"}, name=name) for name in ("b", "c", "a")]
    assert [found["name"] for found in bindings(policy(), users)] == ["a", "b", "c"]


def test_a_policy_is_ready_whoever_uses_it() -> None:
    for found in ([], bindings(policy(), [user({"name": "balanced"})])):
        assert judge(found).state is State.READY
    assert "No level uses it yet" in judge([]).message
    assert "1 of 1 levels" in judge(bindings(policy(), [user({"name": "balanced"})])).message


def test_the_status_of_a_policy_is_what_the_api_says_it_is() -> None:
    declared = policy({"objectives": {"memory": {"limit": "2Gi"}}})
    report = status(declared, bindings(declared, [user({"name": "balanced"}, seen=BUILT)]), NOW, {})
    found = HNSWIndexPolicy.from_wire({**declared.to_wire(), "status": report}).status
    assert (found.observed_generation, found.binding_count, len(found.bindings)) == (3, 1, 1)
    assert {one.type: one.status for one in found.conditions}["SpecHonored"] == "False"


def test_more_bindings_than_fit_are_counted() -> None:
    users = [user({"name": "balanced"}, name=f"c{number}") for number in range(1001)]
    report = status(policy(), bindings(policy(), users), NOW, {})
    assert (len(report["bindings"]), report["bindingCount"]) == (1000, 1001)
