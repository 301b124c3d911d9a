"""The smallest ef that meets the recall is found for any curve that rises, and kept."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_operator.api.index_objectives import EfBounds
from hirag_operator.plan.collection.objectives.notes import Noted, Trial
from hirag_operator.plan.collection.objectives.search import Found, search, still_tells

TARGET = 0.9
BOUNDS = EfBounds(min=10, max=100)
DAY = 1000  # of a clock that goes on by one with each trial
EMPTY = Noted("k")
Curve = Callable[[int], float]

bounds = st.tuples(st.integers(1, 3000), st.integers(0, 3000)).map(lambda it: EfBounds(min=it[0], max=sum(it)))
least = st.integers(1, 6500)  # the least ef that meets the target: below, within or beyond the bounds


def rising(enough: int) -> Curve:
    return lambda ef: TARGET if ef >= enough else TARGET - 0.01


def trial(ef: int, recall: float | None, at: int = 0, objects: int = 1000) -> Trial:
    return Trial(ef=ef, recall=recall, k=10, queries=100, objects=objects, at=at)


def noted(*trials: Trial) -> Noted:
    """What is noted after some trials, of which the last at each ef stays."""
    kept: tuple[Trial, ...] = ()
    for one in trials:
        kept = (*(other for other in kept if other.ef != one.ef), one)
    return Noted("k", kept)


def tune(
    curve: Curve, within: EfBounds, known: Noted = EMPTY, objects: int = 1000, since: int = 0
) -> tuple[Noted, Found]:
    """Measure until nothing is left to be tried; what is noted is all that goes from step to step.

    What was measured before `since` is measured again where it decides, as it is due then.
    """
    clock = max((one.at for one in known.trials), default=0)
    for _ in range(30):
        found = search(known.trials, within, TARGET, DAY)
        if found.settled and (at := known.at(found.ef)) is not None and at.at >= since:
            return known, found
        clock += 1
        known = noted(*known.trials, trial(found.ef, curve(found.ef), clock, objects))
    raise AssertionError(known)


@given(least, bounds)
def test_the_smallest_is_found_in_a_logarithm_of_steps(enough: int, within: EfBounds) -> None:
    known, found = tune(rising(enough), within)
    width = within.max - within.min + 1
    assert found.met is (enough <= within.max)
    assert found.ef == min(max(enough, within.min), within.max)
    assert len(known.trials) <= 1 + (width - 1).bit_length()


@given(least, bounds)
def test_each_step_leaves_as_few_as_it_says(enough: int, within: EfBounds) -> None:
    known, curve = Noted("k"), rising(enough)
    left = search(known.trials, within, TARGET, DAY).left
    while not (found := search(known.trials, within, TARGET, DAY)).settled:
        assert found.left <= left
        known, left = noted(*known.trials, trial(found.ef, curve(found.ef), len(known.trials) + 1)), found.left - 1


@given(least, bounds)
def test_measuring_once_more_what_was_found_changes_nothing(enough: int, within: EfBounds) -> None:
    known, found = tune(rising(enough), within)
    again = noted(*known.trials, trial(found.ef, rising(enough)(found.ef), 2 * DAY))
    assert search(again.trials, within, TARGET, DAY) == found


@given(least, least, bounds)
def test_an_index_that_came_to_need_more_gets_the_smallest_again(before: int, now: int, within: EfBounds) -> None:
    before, now = sorted((before, now))
    known, found = tune(rising(before), within)
    known = noted(*known.trials, trial(found.ef, rising(now)(found.ef), 2 * DAY))
    again_known, again = tune(rising(now), within, known, since=2 * DAY)
    assert again.met is (now <= within.max)
    assert again.ef == min(max(now, within.min), within.max)
    assert len(again_known.trials) <= len(known.trials) + 1 + (within.max - found.ef).bit_length()


@given(least, least, bounds, st.sampled_from([500, 2000]))
def test_one_that_halved_or_doubled_is_looked_at_anew(before: int, now: int, within: EfBounds, objects: int) -> None:
    known, found = tune(rising(before), within)
    known = noted(*known.trials, trial(found.ef, rising(now)(found.ef), 2 * DAY, objects))
    _, again = tune(rising(now), within, known, objects)
    assert again.ef == min(max(now, within.min), within.max)


@given(least, bounds, st.data())
def test_bounds_and_target_may_change_on_the_way(enough: int, within: EfBounds, data: st.DataObject) -> None:
    known, _ = tune(rising(enough), within)
    other = data.draw(bounds)
    _, found = tune(rising(enough), other, known)
    assert found.ef == min(max(enough, other.min), other.max)


@pytest.mark.parametrize(
    ("trials", "found"),
    [
        pytest.param([], Found(100, left=8), id="nothing is known: the most first, for recall comes before speed"),
        pytest.param([trial(100, 0.5)], Found(100, settled=True), id="the most is not enough: it stays there"),
        pytest.param([trial(100, 0.95)], Found(54, left=7), id="the most is enough: half of that"),
        pytest.param([trial(100, 0.95), trial(54, 0.8)], Found(77, left=6), id="half is too little"),
        pytest.param([trial(10, 0.95)], Found(10, settled=True, met=True), id="the least is enough"),
        pytest.param([trial(9, 0.8), trial(101, 0.99)], Found(100, left=8), id="outside the bounds nothing counts"),
        pytest.param([trial(100, None)], Found(100, left=8), id="what could not be measured tells nothing"),
        pytest.param(
            [trial(60, 0.95), trial(59, 0.8), trial(60, 0.8)], Found(100, left=7), id="what was found is too little now"
        ),
        pytest.param([trial(80, 0.95, objects=10), trial(60, 0.8)], Found(100, left=7), id="of a tenth of the objects"),
    ],
)
def test_what_comes_next(trials: list[Trial], found: Found) -> None:
    assert search(trials, BOUNDS, TARGET, DAY) == found


@pytest.mark.parametrize(
    ("then", "now", "tells"),
    [
        pytest.param(1000, 1999, True, id="not doubled yet"),
        pytest.param(1000, 2000, False, id="doubled"),
        pytest.param(1000, 501, True, id="not halved yet"),
        pytest.param(1000, 500, False, id="halved"),
        pytest.param(0, 0, True, id="none still"),
        pytest.param(0, 2, False, id="the first two"),
    ],
)
def test_a_trial_tells_nothing_of_a_level_that_is_half_or_twice_as_large(then: int, now: int, *, tells: bool) -> None:
    assert still_tells(trial(1, 1, objects=then), now) is tells
