"""What is wrong with a pod: a table of sentences in tests/data/plan/pods."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.plan.pods.podtrouble import pod_trouble, worst_trouble
from hirag_operator.plan.pods.trouble import WORDS_LIMIT, brief
from tests.operator.plan.documents import table
from tests.operator.plan.pods.pods import container, pod, terminated, unscheduled, waiting


def seen(case: dict[str, Any]) -> dict[str, Any]:
    return pod(spec=case.get("spec"), **case["status"])


@pytest.mark.parametrize("case", table("pods/trouble"))
def test_the_trouble_of_a_pod_when(case: dict[str, Any]) -> None:
    found = pod_trouble(seen(case))
    assert found is not None
    assert (found.reason, found.needs_person, found.message) == (case["reason"], case["needsPerson"], case["told"])
    assert "s3cret" not in found.message  # what is in the environment of each of these pods


@pytest.mark.parametrize("case", table("pods/none"))
def test_nothing_is_wrong_with_a_pod_when(case: dict[str, Any]) -> None:
    assert pod_trouble(seen(case)) is None


def test_a_pod_that_is_being_deleted_troubles_nobody() -> None:
    leaving = pod(**unscheduled())
    leaving["metadata"]["deletionTimestamp"] = "2026-01-02T03:04:05Z"
    assert pod_trouble(leaving) is None


def test_of_several_pods_the_first_that_needs_a_person_is_told() -> None:
    crashing = [waiting("CrashLoopBackOff", lastState=terminated())]
    pods = [pod("c", containerStatuses=crashing), pod("b", containerStatuses=crashing), pod("a", **unscheduled())]
    found = worst_trouble(pods)
    assert found is not None
    assert "pod b " in found.message


def test_of_pods_that_may_heal_the_first_is_told() -> None:
    found = worst_trouble([pod("b", **unscheduled()), pod("a", **unscheduled()), pod("c")])
    assert found is not None
    assert "pod a:" in found.message


def test_no_pods_are_no_trouble() -> None:
    assert worst_trouble([]) is None


@given(st.text(max_size=3 * WORDS_LIMIT))
def test_quoted_words_are_one_line_of_bounded_length(words: str) -> None:
    quoted = brief(words)
    assert len(quoted) <= WORDS_LIMIT
    assert len(quoted.splitlines()) <= 1


@given(st.text(max_size=200))
def test_whatever_a_container_says_at_its_end_makes_a_sentence(words: str) -> None:
    found = pod_trouble(pod(containerStatuses=[container(state=terminated(message=words))]))
    assert found is not None
    assert found.message.startswith("Container embedder of pod minilm-1 ended with exit code 1")
