"""Archives that earlier releases wrote are read: those of tests/data/archives, by the version of their format.

They are never made anew: what is in them was written once, by the release that brought the version.
"""

import struct
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.archive.datatypes import types_of
from hirag_jobs.archive.filling import Source
from hirag_jobs.archive.formats import VERSIONS, read_manifest
from hirag_jobs.archive.lines import line
from tests.sidecars.hirag_jobs.archive.archives import (
    EMPTY_LISTS,
    FULL,
    PROPERTIES,
    Program,
    make_collection,
    numbers,
    small,
)

DATA = Path(__file__).parents[3] / "data" / "archives"
ARCHIVES = sorted(file.parent for file in DATA.glob("*/*/manifest.json"))
FIRST, LAST = "00000000-0000-0000-0000-000000000001", "ffffffff-ffff-ffff-ffff-ffffffffffff"


def singles(vectors: Any) -> Any:
    """Vectors as REST prints them, in digits that are enough for a float32, as what they are."""
    if isinstance(vectors, dict):
        return {name: singles(vector) for name, vector in vectors.items()}
    return list(struct.unpack(f"<{len(vectors)}f", struct.pack(f"<{len(vectors)}f", *vectors)))


def test_there_is_one_of_each_version_that_is_read() -> None:
    assert {int(archive.parent.name) for archive in ARCHIVES} == VERSIONS.keys()


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda archive: f"{archive.parent.name} {archive.name}")
def test_every_object_of_it_is_read_and_would_be_written_so_again(archive: Path) -> None:
    manifest = read_manifest(archive)
    version = VERSIONS[manifest.version]
    source = Source(archive, manifest, version.line, types_of(manifest.collection_schema))
    for part in manifest.parts:
        objects = list(source.objects(part))
        assert len(objects) == part.objects
        assert sum(len(line(result)) for result, _ in objects) == part.content_bytes


def test_tenants_are_what_they_were(weaviate_server: WeaviateServer, program: Program) -> None:
    with make_collection(weaviate_server, tenants=()) as made:
        ran = program.restore(DATA / "1" / "tenants", made, "--create-tenants", "--state", str(program.folder))
        assert ran.status == 0, ran.said
        assert made.states() == {"acme": "HOT", "globex": "COLD"}
        made.set_state("globex", "ACTIVE")
        acme, globex = made.objects("acme"), made.objects("globex")
        assert acme.keys() == {FIRST, small(1)["id"], small(2)["id"]}
        properties, vector, _ = acme[FIRST]
        # REST prints integers in 17 digits, coordinates as float32, and all that Weaviate knows of a phone number.
        printed = {name: properties[name] for name in ("wholes", "place", "phone")}
        assert properties == FULL | printed
        assert [float(one) for one in printed["wholes"]] == [float(one) for one in FULL["wholes"]]
        assert printed["place"]["latitude"] == pytest.approx(FULL["place"]["latitude"], abs=1e-5)
        assert printed["phone"]["internationalFormatted"] == "+41 44 668 18 00"
        assert singles(vector) == numbers(0)
        assert acme[small(1)["id"]][0] == EMPTY_LISTS
        assert globex.keys() == {LAST}
        assert (globex[LAST][0], singles(globex[LAST][1])) == ({"text": "The last"}, numbers(3))


def test_named_vectors_are_what_they_were(weaviate_server: WeaviateServer, program: Program) -> None:
    with make_collection(weaviate_server, vectors=("title", "body"), properties=PROPERTIES[:1]) as made:
        assert program.restore(DATA / "1" / "named", made).status == 0
        held = made.objects()
        assert {key: properties for key, (properties, _, _) in held.items()} == {
            FIRST: {"text": "Both"},
            LAST: {"text": "One"},
        }
        assert singles(held[FIRST][2]) == {"title": numbers(0, 4), "body": numbers(1)}
        assert singles(held[LAST][2]) == {"title": numbers(2, 4)}
