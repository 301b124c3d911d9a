"""An index that shows the former version of an object, as a server's death may leave it, misleads nobody."""

import shutil
from pathlib import Path
from uuid import UUID

import pytest
from weaviate.classes.data import DataObject

from hirag_jobs.copying.passes import look_back
from hirag_jobs.copying.wholeness import in_part, remove_last
from hirag_jobs.objects.pages import existing, fetch, identity, walk
from tests.sidecars.hirag_jobs.copying.copies import DIMENSIONS
from tests.sidecars.hirag_jobs.copying.cutoff import texts
from tests.sidecars.hirag_jobs.copying.lostserver import Ground

FORMER, LATER = "as it was " * 2_000, "as it is"  # what is long is put on disk when the server stops


@pytest.fixture
def misled(ground: Ground, tmp_path: Path) -> UUID:
    """An object of the source whose indexes lead to what it was; the store has both versions on disk."""
    one = UUID(int=5)
    _write(ground, one, FORMER)
    ground.server.stop()
    indexes = [*(tmp_path / "weaviate" / ground.copy.source.name.lower()).glob("*/lsm/property_*")]
    assert indexes
    for index in indexes:
        shutil.copytree(index, tmp_path / "before" / index.name)
    ground.server.start()
    _write(ground, one, LATER)
    ground.server.stop()
    for index in indexes:
        shutil.rmtree(index)
        shutil.copytree(tmp_path / "before" / index.name, index)
    ground.server.start()
    return one


def _write(ground: Ground, one: UUID, text: str) -> None:
    vector = [float(len(text))] * DIMENSIONS
    ground.copy.source.data.insert_many([DataObject(uuid=one, properties={"text": text}, vector=vector)])


def test_it_is_carried_as_it_is(ground: Ground, misled: UUID) -> None:
    way = ground.copy.way()
    (seen,) = walk(way.channel, way.source)
    assert existing(way.channel, way.source, [misled.int])[misled.int] < seen.updated, "the index misleads"
    (found,) = fetch(way.channel, way.source, {seen.id: seen.updated})
    assert (identity(found), found.metadata.last_update_time_unix) == (misled.int, seen.updated)
    assert look_back(way, seen.updated, seen.updated + 1, filtered=False) == 1
    assert texts(ground.copy.target) == {misled: LATER}


def test_it_is_known_to_be_in_part(ground: Ground, misled: UUID) -> None:
    way = ground.copy.way()
    assert in_part(way, way.source) == [misled.int]


def test_what_was_written_last_is_taken_out_of_the_target(ground: Ground) -> None:
    way, one = ground.copy.way(), UUID(int=6)
    _write(ground, one, LATER)
    (seen,) = walk(way.channel, way.source)
    assert look_back(way, seen.updated, seen.updated + 1, filtered=False) == 1
    assert remove_last(way) == 1
    assert texts(ground.copy.target) == {}
