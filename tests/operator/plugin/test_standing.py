"""How an object stands, told from its conditions by a table of sentences."""

from typing import Any

import pytest

from hirag_operator.plugin.status.standing import problems_of, state_of

Json = dict[str, Any]


def body(generation: int = 2, observed: int = 2, **conditions: str) -> Json:
    """An object whose conditions are given as `Type="Status/Reason"`."""
    found = [
        {"type": type_, "status": told.split("/")[0], "reason": told.split("/")[1], "message": f"{type_} says so."}
        for type_, told in conditions.items()
    ]
    return {
        "metadata": {"generation": generation, "creationTimestamp": "2026-03-10T11:00:00Z"},
        "status": {"observedGeneration": observed, "conditions": found},
    }


def deleting(found: Json) -> Json:
    return {**found, "metadata": {**found["metadata"], "deletionTimestamp": "2026-03-10T12:00:00Z"}}


READY = body(Ready="True/Ready", Stalled="False/NotStalled")


@pytest.mark.parametrize(
    ("given", "state"),
    [
        pytest.param(READY, "Ready", id="all is as declared"),
        pytest.param(body(Ready="False/Conflict", Stalled="True/Conflict"), "Stalled", id="it waits for a person"),
        pytest.param(body(Ready="False/Reconciling", Reconciling="True/Reconciling"), "Reconciling", id="on its way"),
        pytest.param(body(Ready="False/Paused"), "Paused", id="left alone on purpose"),
        pytest.param(body(observed=1, Ready="True/Ready"), "Unseen", id="the report is of an older spec"),
        pytest.param({"metadata": {"generation": 1}}, "Unseen", id="no operator has looked"),
        pytest.param(deleting(READY), "Deleting", id="it is being deleted"),
        pytest.param({"metadata": {"generation": 1}, "status": {"conditions": None}}, "Unseen", id="garbled status"),
    ],
)
def test_a_state_is_one_word(given: Json, state: str) -> None:
    assert state_of(given) == state


def test_an_object_that_is_well_has_no_problem() -> None:
    assert problems_of(READY) == []


def test_a_problem_carries_the_remedy_of_its_reason() -> None:
    (problem,) = problems_of(body(Ready="False/TenantRemovalHeld", Stalled="True/TenantRemovalHeld"))
    assert problem.grave
    assert problem.remedy == "Take the change back, or raise multiTenancy.removal.maxPercent."


def test_a_reason_of_a_newer_operator_is_told_without_a_remedy() -> None:
    (problem,) = problems_of(body(Ready="False/Invented", Stalled="True/Invented"))
    assert (problem.reason, problem.remedy) == ("Invented", "")


def test_what_waits_for_a_person_comes_before_warnings() -> None:
    found = problems_of(body(ServerFit="False/AutoSchemaEnabled", Ready="False/Conflict", Stalled="True/Conflict"))
    assert [problem.condition for problem in found] == ["Ready", "ServerFit"]


def test_a_ready_object_that_still_works_says_on_what() -> None:
    (problem,) = problems_of(body(Ready="True/Ready", Reconciling="True/Reconciling"))
    assert (problem.condition, problem.grave, problem.message) == ("Reconciling", False, "Reconciling says so.")


def test_a_spec_that_was_not_looked_at_names_both_generations() -> None:
    (problem,) = problems_of(body(generation=7, observed=5, Ready="True/Ready"))
    assert "generation 5 of the spec, and it is 7 now" in problem.message
