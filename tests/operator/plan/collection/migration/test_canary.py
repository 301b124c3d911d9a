"""Where a shared object changes, one level goes first, and the others wait until it serves as the object has it now."""

import pytest

from hirag_operator.plan.collection.migration.canary import Member, goes_first, waits_for

SMALL = Member(3, "team-a", "small", "longTerm")
LARGE = Member(900, "team-b", "large", "longTerm")
EMPTY = Member(0, "team-a", "empty", "longTerm")
DONE = Member(4, "team-c", "done", "longTerm", done=True)
DONE_EMPTY = Member(0, "team-c", "new", "longTerm", done=True)


@pytest.mark.parametrize(
    ("members", "named", "first"),
    [
        pytest.param([LARGE, SMALL], None, SMALL, id="the one with the fewest objects"),
        pytest.param([LARGE, SMALL], ("team-b", "large"), LARGE, id="the one that was named"),
        pytest.param([LARGE, SMALL], ("team-x", "gone"), SMALL, id="a name that is none of them does not count"),
        pytest.param([LARGE, EMPTY], None, LARGE, id="an empty one proves nothing"),
        pytest.param([EMPTY, DONE_EMPTY], None, EMPTY, id="among empty ones, any"),
        pytest.param([LARGE, SMALL, DONE], None, None, id="one serves so already: none waits"),
        pytest.param([LARGE, SMALL, DONE_EMPTY], None, SMALL, id="an empty one that serves so proves nothing"),
        pytest.param([LARGE, SMALL, DONE], ("team-b", "large"), LARGE, id="the named one is waited for all the same"),
        pytest.param([LARGE], None, None, id="one alone has nobody to wait for"),
        pytest.param([], None, None, id="none at all"),
    ],
)
def test_who_goes_first(members: list[Member], named: tuple[str, str] | None, first: Member | None) -> None:
    assert goes_first(members, named) == first


def test_both_levels_of_the_first_collection_may_go_and_all_others_wait() -> None:
    assert waits_for(SMALL, "team-a", "small") is None
    assert waits_for(SMALL, "team-b", "large") == SMALL
    assert waits_for(None, "team-b", "large") is None
