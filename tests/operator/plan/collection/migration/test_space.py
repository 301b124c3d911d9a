"""Room for a second revision, of what was declared: what is stored, what is on its way, what is asked for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.plan.collection.migration.space import (
    NOTHING,
    TAKES,
    Capacity,
    Index,
    Promise,
    Space,
    Stored,
    promised,
    room_left,
    shortage,
)

GB = 10**9
HNSW: dict[str, Any] = {"maxConnections": 32, "vectorCacheMaxObjects": 10**12}
sizes = st.integers(0, 10**13)
spaces = st.builds(Space, sizes, sizes)
capacities = st.builds(Capacity, st.none() | sizes, st.none() | sizes)


@pytest.mark.parametrize(
    ("capacity", "taken", "running", "asked", "told"),
    [
        pytest.param(Capacity(), Space(9 * GB), [], Space(9 * GB, 9 * GB), "", id="nobody said what there is"),
        pytest.param(Capacity(4 * GB), Space(2 * GB), [], Space(2 * GB, 9 * GB), "", id="it just fits"),
        pytest.param(
            Capacity(4 * GB),
            Space(3 * GB),
            [],
            Space(2 * GB),
            "about 2 GB of memory are needed and 1 GB are left: 4 GB are declared, what is stored takes about 3 GB",
            id="too little memory",
        ),
        pytest.param(
            Capacity(4 * GB, 10 * GB),
            Space(1 * GB, 3 * GB),
            [Space(0, 2 * GB), Space(0, 3 * GB)],
            Space(1 * GB, 4 * GB),
            "about 4 GB of disk are needed and 2 GB are left: 10 GB are declared, what is stored takes about 3 GB, "
            "migrations that run will take 5 GB",
            id="others are on their way",
        ),
        pytest.param(
            Capacity(4 * GB), Space(9 * GB), [], Space(0, GB), "", id="what takes nothing has room everywhere"
        ),
        pytest.param(
            Capacity(1, 1), NOTHING, [], Space(2 * GB, GB), "of memory are needed and 1 B are", id="both lack"
        ),
    ],
)
def test_what_is_missing_is_told_with_what_there_is(
    capacity: Capacity, taken: Space, running: list[Space], asked: Space, told: str
) -> None:
    found = shortage(capacity, taken, running, asked)
    assert told in found if told else not found


@given(capacities, spaces, st.lists(spaces, max_size=4), spaces)
def test_what_begins_together_never_takes_more_than_there_is(
    capacity: Capacity, taken: Space, running: list[Space], asked: Space
) -> None:
    if shortage(capacity, taken, running, asked):
        return
    left = room_left(capacity, taken, running)
    assert left.memory is None or not asked.memory or asked.memory <= left.memory
    assert left.disk is None or not asked.disk or asked.disk <= left.disk


@given(capacities, spaces, st.lists(spaces, max_size=4), spaces, spaces)
def test_what_lacks_room_lacks_it_the_more_beside_more(
    capacity: Capacity, taken: Space, running: list[Space], asked: Space, more: Space
) -> None:
    if shortage(capacity, taken, running, asked):
        assert shortage(capacity, taken + more, running, asked)
        assert shortage(capacity, taken, [*running, more], asked)


@given(spaces)
def test_what_a_job_promises_is_read_from_it_again(space: Space) -> None:
    promise = Promise("default", space)
    assert promised({"metadata": {"annotations": {TAKES: promise.to_annotation()}}}) == promise


@pytest.mark.parametrize("annotations", [None, {}, {TAKES: "5"}, {TAKES: "{"}, {TAKES: '{"memory": 5}'}])
def test_a_job_that_says_nothing_of_it_promises_nothing(annotations: Any) -> None:
    assert promised({"metadata": {"annotations": annotations}}) is None


def test_a_quantizer_takes_less_memory_and_more_disk() -> None:
    plain = Stored("A", 10_000, 500.0, (Index("hnsw", HNSW, 384),)).space
    quantized = Stored("A", 10_000, 500.0, (Index("hnsw", {**HNSW, "rq": {"enabled": True, "bits": 8}}, 384),)).space
    assert quantized.memory < plain.memory
    assert quantized.disk > plain.disk > 10_000 * (384 * 4 + 500)


def test_vectors_of_several_names_add_up() -> None:
    one = Index("hnsw", HNSW, 384)
    assert Stored("A", 10, 0.0, (one, one)).space.memory == 2 * Stored("A", 10, 0.0, (one,)).space.memory
    assert Stored("A", 0, 0.0, ()).space == NOTHING
