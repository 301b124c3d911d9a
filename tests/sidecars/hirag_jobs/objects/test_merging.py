from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.objects.merging import joined

IDS = st.frozensets(st.integers(0, 40)).map(sorted)


@given(IDS, IDS)
def test_every_id_comes_once_with_what_each_side_has_of_it(left: list[int], right: list[int]) -> None:
    sides = joined(iter(left), iter(right), int, int)
    pairs = list(sides)
    assert [one for one, _ in pairs if one is not None] == left
    assert [other for _, other in pairs if other is not None] == right
    assert [one if one is not None else other for one, other in pairs] == sorted({*left, *right})
    assert all(one == other for one, other in pairs if one is not None and other is not None)
