"""What a migration is said to take before anything is made, in words and in figures."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.api.collection_status import MigrationEstimate
from hirag_operator.plan.collection.migration.estimate import Estimate, surveyed, together
from hirag_operator.plan.collection.migration.notes import Survey
from hirag_operator.plan.collection.migration.space import Space

SPACE = Space(15_000_000, 16_000_000)
SURVEY = Survey(
    source="R1", tokens=150.4, bytes=812.0, read_per_second=8_000.0, per_second=50.0, basis="time by a look"
)
ROOM = "all of it is free"

figures = st.none() | st.integers(0, 10**12)
estimates = st.builds(
    Estimate,
    objects=figures,
    tenants=figures,
    space=st.builds(Space, st.integers(0, 10**12), st.integers(0, 10**12)),
    tokens=figures,
    bytes=figures,
    seconds=figures,
)
surveys = st.builds(
    Survey,
    tenants=st.integers(0, 20),
    each=st.floats(0, 1e7),
    tokens=st.floats(0, 1e5),
    bytes=st.floats(0, 1e7),
    read_per_second=st.floats(0, 1e6),
    per_second=st.floats(0, 1e6),
)


@pytest.mark.parametrize(
    ("estimate", "told"),
    [
        pytest.param(
            Estimate(8_000, space=SPACE, room=ROOM),
            "8,000 objects; until the old revision goes, about 15 MB more memory and 16 MB of disk; all of it is free",
            id="not surveyed",
        ),
        pytest.param(Estimate(0, room=ROOM), "0 objects; until the old revision goes, about 0 B more", id="nothing"),
        pytest.param(
            Estimate(2_000, 3, SPACE), "2,000 objects; until the old revision goes, about", id="of all its tenants"
        ),
        pytest.param(
            Estimate(None, 1), "1 tenant, whose objects are counted as they are carried", id="one tenant that sleeps"
        ),
        pytest.param(Estimate(None, 9_000), "9,000 tenants, whose objects", id="of many, not known"),
        pytest.param(
            surveyed(Estimate(8_000, space=SPACE, room=ROOM), SURVEY),
            "8,000 objects, about 1.2 M tokens, 6 MB of properties; about 3 min; until the old revision goes, "
            "about 15 MB more memory and 16 MB of disk; all of it is free; time by a look",
            id="surveyed",
        ),
        pytest.param(
            surveyed(Estimate(8_000, room=ROOM), replace(SURVEY, per_second=0, basis="no graph")),
            "8,000 objects, about 1.2 M tokens, 6 MB of properties; until the old revision goes, about 0 B "
            "more memory and 0 B of disk; all of it is free; no graph",
            id="surveyed, but not how long",
        ),
        pytest.param(
            surveyed(Estimate(None, 9_000, room=ROOM), replace(SURVEY, tenants=20, each=12.0)),
            "about 110 k objects in 9,000 tenants, if all are like those that are awake, about 16 M tokens",
            id="of tenants that sleep, by those that do not",
        ),
        pytest.param(
            surveyed(Estimate(None, 9_000), SURVEY),
            "9,000 tenants, whose objects are counted as they are carried",
            id="of tenants that sleep, none of which was looked at",
        ),
        pytest.param(
            together(
                [surveyed(Estimate(8_000, space=SPACE, room=ROOM), SURVEY), Estimate(500, space=SPACE, room=ROOM)]
            ),
            "8,500 objects; until the old revision goes, about 30 MB more memory and 32 MB of disk; all of it",
            id="of two levels, one of which was not surveyed: no time and no tokens of both",
        ),
    ],
)
def test_it_is_told_in_words(estimate: Estimate, told: str) -> None:
    assert str(estimate).startswith(told)


def test_figures_are_those_of_the_words() -> None:
    assert surveyed(Estimate(8_000, space=SPACE), SURVEY).to_wire() == {
        "objects": 8_000,
        "tokens": 1_200_000,
        "bytes": 6_500_000,
        "seconds": 160,
        "memoryBytes": 15_000_000,
        "diskBytes": 16_000_000,
    }


@given(estimates, surveys)
def test_status_takes_whatever_comes_out(estimate: Estimate, survey: Survey) -> None:
    for one in (estimate, surveyed(estimate, survey), together([estimate, surveyed(estimate, survey)])):
        assert MigrationEstimate.model_validate(one.to_wire()).to_wire() == one.to_wire()
        assert str(one)


@given(st.lists(estimates, min_size=2, max_size=4))
def test_levels_together_take_as_much_as_one_by_one(found: list[Estimate]) -> None:
    all_of_them = together(found)
    assert all_of_them.space.disk == sum(one.space.disk for one in found)
    known = [one.seconds for one in found if one.seconds is not None]
    assert all_of_them.seconds == (sum(known) if len(known) == len(found) else None)
