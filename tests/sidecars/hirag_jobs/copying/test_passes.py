"""Copying on the real Weaviate: what is there afterwards is what was there before, whatever happened meanwhile."""

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from weaviate.classes.config import DataType, Property
from weaviate.classes.data import DataObject

from hirag_jobs.copying import passes
from hirag_jobs.copying.comparison import compare
from hirag_jobs.copying.passes import Swept, Way, backfill, catch_up, sweep
from hirag_jobs.copying.rendering import Rendering
from hirag_jobs.objects.pages import Range
from hirag_jobs.objects.part import Part
from tests.sidecars.hirag_jobs.copying.copies import DIMENSIONS, FULL, Copies, Copy

VECTOR = [0.1 * number for number in range(DIMENSIONS)]


def now() -> int:
    return int(time.time() * 1000)


def copied(way: Way) -> int:
    return sum(backfill(way))


@pytest.mark.parametrize("properties", [FULL, {}, {"texts": [], "wholes": []}, {"text": ""}, {"address": {}}])
def test_values_of_every_type_arrive_as_they_were(copy: Copy, properties: dict[str, Any]) -> None:
    copy.put([DataObject(uuid=UUID(int=1), properties=properties, vector=VECTOR)])
    assert copied(copy.way()) == 1
    here, there = copy.sides()
    assert here == there
    assert compare(copy.way()).agrees


def test_an_object_without_a_vector_has_none_afterwards(copy: Copy) -> None:
    copy.put([DataObject(uuid=UUID(int=1), properties={"text": "bare"})])
    copied(copy.way())
    here, there = copy.sides()
    assert here == there


def test_named_vectors_keep_their_names(copies: Copies) -> None:
    with copies(vectors=("title", "body")) as copy:
        both, one = {"title": VECTOR, "body": VECTOR[::-1]}, {"body": VECTOR}
        copy.put([DataObject(uuid=UUID(int=at + 1), properties={}, vector=it) for at, it in enumerate((both, one))])
        copied(copy.way())
        here, there = copy.sides()
        assert here == there
        assert compare(copy.way()).agrees


def test_the_unnamed_vector_of_a_collection_of_the_operators_is_carried(copy: Copy) -> None:
    """The client makes named vectors alone; the operator's collections have the one without a name."""
    names = [f"{one.name}_Unnamed" for one in (copy.source, copy.target)]
    for name in names:
        copy.client.collections.create_from_dict(
            {"class": name, "vectorizer": "none", "properties": [{"name": "text", "dataType": ["text"]}]}
        )
    source, target = (copy.client.collections.use(name) for name in names)
    source.data.insert({"text": "one"}, uuid=UUID(int=1), vector=VECTOR)
    way = Way(copy.channel, Part(names[0]), Rendering(Part(names[1])))
    assert copied(way) == 1
    there = target.query.fetch_object_by_id(UUID(int=1), include_vector=True)
    assert there is not None
    assert there.vector["default"] == pytest.approx(VECTOR)
    assert compare(way).agrees
    copy.client.collections.delete(names)


def test_an_empty_collection_is_copied_at_once(copy: Copy) -> None:
    assert copied(copy.way()) == 0
    assert compare(copy.way()).agrees


def test_thousands_are_copied_in_pages_and_the_checksum_of_both_sides_is_one(copy: Copy) -> None:
    copy.fill(3_000)
    assert copied(copy.way()) == 3_000
    found = compare(copy.way())
    assert (found.agrees, found.equal) == (True, 3_000)
    assert found.checksum != "0" * 32


def test_a_copy_that_was_cut_off_goes_on_where_it_ended(copy: Copy) -> None:
    copy.fill(3_000)
    first = next(iter(backfill(copy.way())))
    rest = copied(copy.way())
    assert first + rest < 3_000 + passes.LANES * 3_000
    assert rest < 3_000
    assert compare(copy.way()).agrees


def test_ranges_of_ids_make_up_the_whole(copy: Copy) -> None:
    copy.fill(900)
    counts = [copied(copy.way(within=within)) for within in Range.split(4)]
    assert sum(counts) == 900
    assert all(150 < count < 300 for count in counts)
    assert compare(copy.way()).agrees


def test_what_changed_since_is_caught_up(copy: Copy) -> None:
    ids = copy.fill(600)
    began = now()
    copied(copy.way())
    copy.source.data.update(ids[5], properties={"text": "another"})
    copy.source.data.replace(ids[6], properties={"text": "replaced"}, vector=VECTOR)
    copy.fill(3, first=600)
    assert not compare(copy.way()).agrees
    assert catch_up(copy.way(), began, now()).carried >= 5
    assert compare(copy.way()).agrees


def test_nothing_is_caught_up_where_nothing_changed(copy: Copy) -> None:
    copy.fill(20)
    copied(copy.way())
    assert catch_up(copy.way(), now() + 1, now()).carried == 0


def test_what_the_pass_before_carried_is_not_carried_again_unless_it_changed_once_more(copy: Copy) -> None:
    ids = copy.fill(20)
    first = catch_up(copy.way(), 0, now() + 60_000)
    copy.source.data.update(ids[4], properties={"text": "once more"})
    assert catch_up(copy.way(), 0, now(), first).carried == 1
    assert compare(copy.way()).agrees


def test_a_source_that_does_not_index_its_timestamps_is_walked(copy: Copy) -> None:
    copy.fill(20)
    assert catch_up(copy.way(), 0, now(), filtered=False).carried == 20


def test_more_changes_than_a_search_returns_are_all_found(copy: Copy) -> None:
    for start in range(0, 10_500, 3_500):
        copy.fill(3_500, first=start)
    assert catch_up(copy.way(), 0, now()).carried == 10_500
    assert compare(copy.way()).agrees


def test_what_was_removed_is_removed_and_what_is_missing_is_carried(copy: Copy) -> None:
    ids = copy.fill(50)
    copied(copy.way())
    for one in ids[:7]:
        copy.source.data.delete_by_id(one)
    copy.target.data.delete_by_id(ids[20])
    done = sweep(copy.way())
    assert (done.carried, done.removed) == (1, 7)
    assert compare(copy.way()).agrees


def test_a_comparison_tells_what_differs_and_how(copy: Copy) -> None:
    ids = copy.fill(10)
    copied(copy.way())
    copy.target.data.update(ids[0], vector=VECTOR, properties={})
    copy.target.data.delete_by_id(ids[1])
    copy.source.data.delete_by_id(ids[2])
    found = compare(copy.way())
    assert ([UUID(int=one) for one in (*found.differing, *found.missing, *found.extra)], found.equal) == (ids[:3], 7)


def test_a_tenant_is_copied_and_its_neighbours_are_not_touched(copies: Copies) -> None:
    with copies(tenants=("mine", "yours")) as copy:
        copy.fill(20, "mine")
        copy.fill(20, "yours", first=100)
        assert copied(copy.way("mine")) == 20
        assert copy.sides("mine")[0] == copy.sides("mine")[1]
        assert copy.sides("yours")[1] == {}
        assert sweep(copy.way("mine")).removed == 0


def test_an_integer_beyond_what_weaviate_keeps_exactly_arrives_as_it_keeps_it(copy: Copy) -> None:
    copy.put([DataObject(uuid=UUID(int=1), properties={"whole": 2**53 + 1, "wholes": [2**62 - 1]}, vector=VECTOR)])
    copied(copy.way())
    here, there = copy.sides()
    assert here == there


def test_ids_of_all_lengths_are_walked_in_their_order(copy: Copy) -> None:
    """The server sends an id without the zeros in front of it."""
    ids = [UUID(int=number) for number in (1, 255, 256, 2**64, 2**120, 2**128 - 1)]
    copy.put([DataObject(uuid=one, properties={}, vector=VECTOR) for one in reversed(ids)])
    copied(copy.way())
    assert list(copy.sides()[1]) == ids
    assert sweep(copy.way()) == Swept(0, 0)


def test_times_that_the_copy_would_lose_are_kept_as_properties(copies: Copies) -> None:
    dates = [Property(name=name, data_type=DataType.DATE) for name in ("createdAt", "updatedAt")]
    with copies(properties=dates) as copy:
        told = datetime(2020, 2, 3, tzinfo=UTC)
        copy.put([DataObject(uuid=UUID(int=1), properties={}, vector=VECTOR)])
        copy.put([DataObject(uuid=UUID(int=2), properties={"createdAt": told}, vector=VECTOR)])
        way = copy.way(times=("createdAt", "updatedAt"))
        copied(way)
        there = copy.sides()[1]
        before = copy.source.query.fetch_object_by_id(UUID(int=1))
        assert before is not None
        kept = [datetime.fromisoformat(there[UUID(int=number)][0]["createdAt"]) for number in (1, 2)]
        assert kept == [before.metadata.creation_time, told]
        assert compare(way).agrees
