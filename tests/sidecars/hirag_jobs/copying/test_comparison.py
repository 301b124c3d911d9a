"""Comparing two sides of which one is written to: what was under way is looked at again, what is wrong is named."""

from collections.abc import Callable
from uuid import UUID

import pytest

from hirag_jobs.copying import comparison
from hirag_jobs.copying.comparison import How, compare, compare_followed
from hirag_jobs.copying.passes import backfill
from tests.sidecars.hirag_jobs.copying.copies import Copy

Change = Callable[[Copy, UUID], object]

UNLIKE: dict[How, Change] = {
    "differing": lambda copy, one: copy.target.data.update(one, properties={"text": "by another hand"}),
    "missing": lambda copy, one: copy.target.data.delete_by_id(one),
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "_PAUSE_SECONDS", 0.0)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("how", UNLIKE)
def test_what_stays_unlike_is_named(copy: Copy, how: How) -> None:
    ids = copy.fill(30)
    list(backfill(copy.way()))
    UNLIKE[how](copy, ids[7])
    found = compare_followed(copy.way(), lambda: None)
    assert (found.equal, found.unlike, found.agrees) == (29, [(ids[7], how)], False)


@pytest.mark.usefixtures("quick")
def test_what_is_carried_meanwhile_is_alike_and_what_is_gone_is_removed(copy: Copy) -> None:
    ids = copy.fill(1_200)
    list(backfill(copy.way()))
    copy.source.data.delete_by_id(ids[0])
    for one in ids[600:]:
        copy.target.data.delete_by_id(one)
    found = compare_followed(copy.way(), lambda: list(backfill(copy.way())))
    assert (found.equal, found.unlike, found.removed) == (1_199, [], 1)
    assert found.checksum == compare(copy.way()).checksum


@pytest.mark.usefixtures("quick")
def test_what_was_deleted_on_both_sides_is_no_difference(copy: Copy) -> None:
    ids = copy.fill(5)
    list(backfill(copy.way()))
    copy.target.data.delete_by_id(ids[1])
    found = compare_followed(copy.way(), lambda: copy.source.data.delete_by_id(ids[1]))
    assert (found.equal, found.unlike) == (4, [])
