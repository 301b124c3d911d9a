"""When passes are made, and which of them are as short as they get."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.copying.rhythm import Rhythm


def passed(*seconds: float, carried: int = 1) -> Rhythm:
    """Passes one after another, without a pause."""
    rhythm = Rhythm()
    for began, ended in itertools.pairwise(itertools.accumulate(seconds, initial=0.0)):
        rhythm.passed(began, ended, carried)
    return rhythm


@pytest.mark.parametrize(
    ("passes", "settled"),
    [
        pytest.param([], False, id="none was made"),
        pytest.param([0.1], True, id="the first is short"),
        pytest.param([3.0], False, id="the first is long, the next may be shorter"),
        pytest.param([3.0, 2.0], False, id="they get shorter"),
        pytest.param([3.0, 2.0, 0.1], True, id="they got short"),
        pytest.param([3.0, 2.0, 1.9], True, id="they get hardly shorter"),
        pytest.param([3.0, 0.5, 0.6], True, id="they get longer"),
        pytest.param([2.0, 2.0, 1.0], False, id="they get shorter after all"),
    ],
)
def test_passes_have_settled_where_they_are_short_or_get_no_shorter(passes: list[float], *, settled: bool) -> None:
    assert passed(*passes).is_settled == settled


def test_how_long_passes_with_pauses_were_says_nothing_of_passes_without() -> None:
    rhythm = passed(2.0, 2.0)
    rhythm.quicken()
    rhythm.passed(4.0, 6.0, 1)
    assert not rhythm.is_settled
    rhythm.passed(6.0, 8.0, 1)
    assert rhythm.is_settled


@pytest.mark.parametrize(("seconds", "still"), [pytest.param(0.1, 0.0, id="short"), pytest.param(0.3, 1.0, id="long")])
def test_a_freeze_that_is_awaited_meets_no_long_pass(seconds: float, still: float) -> None:
    assert passed(seconds).still_until == pytest.approx(seconds + still)


@pytest.mark.parametrize(
    ("idle", "turn", "pause"),
    [
        pytest.param(0.0, 0.05, 0.15, id="three times as long as a short turn"),
        pytest.param(0.0, 20.0, 1.0, id="a second behind one that was long for what it carried"),
        pytest.param(2.0, 2.0, 6.0, id="three times as long as one that looked at much and carried nothing"),
        pytest.param(2.0, 20.0, 6.0, id="no longer, where the next one had something to carry"),
    ],
)
def test_the_server_is_left_time_between_turns(idle: float, turn: float, pause: float) -> None:
    rhythm = passed(idle, carried=0)
    rhythm.rest(100.0, 100.0 + turn)
    assert rhythm.due - (100.0 + turn) == pytest.approx(pause)


@given(
    first=st.floats(0.0, 600.0),
    overhead=st.floats(0.0, 2.0),
    share=st.floats(0.01, 0.9),
)
def test_whoever_carries_faster_than_others_write_catches_up(first: float, overhead: float, share: float) -> None:
    """`share` of a second is what carrying a second's writes takes: what waits at first does not pile up."""
    rhythm, now, seconds = Rhythm(), 0.0, first
    for _ in range(200):
        rhythm.passed(now, now + seconds, 1)
        rhythm.rest(now, now + seconds)
        seconds, now = overhead + share * (rhythm.due - now), rhythm.due
    assert seconds <= (overhead + share) / (1 - share) + 0.001
