from uuid import UUID

import pytest

from hirag_jobs.objects.pages import WHOLE, Range


@pytest.mark.parametrize("count", [1, 2, 3, 7, 4096])
def test_ranges_follow_each_other_without_gap_or_overlap(count: int) -> None:
    ranges = Range.split(count)
    assert len(ranges) == count
    assert (ranges[0].first, ranges[-1].end) == (WHOLE.first, WHOLE.end)
    assert [one.end for one in ranges[:-1]] == [one.first for one in ranges[1:]]


def test_a_walk_begins_in_front_of_its_first_id() -> None:
    assert WHOLE.after == ""
    assert Range(first=256).after == str(UUID(int=255))
