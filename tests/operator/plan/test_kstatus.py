"""What our conditions say is what kstatus reads, by its own implementation."""

import subprocess
from collections import Counter

import pytest

from e2e.cluster.kstatus import compute
from e2e.cluster.toolchain import Toolchain
from hirag_operator.api import KINDS
from hirag_operator.api.conditions import Reason
from tests.operator.plan.states import STATES_BY_KIND

STATES = [state for states in STATES_BY_KIND.values() for state in states]


def test_kstatus_reads_every_state_as_it_is_meant(toolchain: Toolchain) -> None:
    computed = compute(toolchain, [state.body for state in STATES])
    found = {state.name: one.status for state, one in zip(STATES, computed, strict=True)}
    assert found == {state.name: state.kstatus for state in STATES}


def test_kstatus_passes_on_the_words_that_a_person_needs(toolchain: Toolchain) -> None:
    told = [state for state in STATES if state.kstatus in {"InProgress", "Failed"} and state.words]
    computed = compute(toolchain, [state.body for state in told])
    assert [state.name for state, one in zip(told, computed, strict=True) if state.words not in one.message] == []


def test_the_table_has_every_reason_of_every_kind() -> None:
    told = Counter(state.name for state in STATES)
    assert set(told.values()) == {1}
    wanted = {f"{kind.resource.kind} stalled: {reason}" for kind in KINDS for reason in Reason}
    assert wanted <= set(told)


def test_kstatus_takes_an_object_without_an_observed_generation_for_current(toolchain: Toolchain) -> None:
    """Why the CRDs give one by default: this is what they stand against."""
    fresh = {**STATES[0].body, "status": {}}
    assert [one.status for one in compute(toolchain, [fresh])] == ["Current"]


def test_what_is_no_object_is_refused_with_its_place(toolchain: Toolchain) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        compute(toolchain, [STATES[0].body, {"status": {}}])
    assert "object 1" in refused.value.stderr
