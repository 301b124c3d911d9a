"""What was exported and imported again is equal: each property to the last digit, each vector to the last bit."""

import base64
import json
from pathlib import Path

import pytest

from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import identity, pages
from hirag_jobs.objects.part import Part
from tests.sidecars.hirag_jobs.archive.archives import (
    EMPTY_LISTS,
    FULL,
    Collection,
    Program,
    make_collection,
    numbers,
    small,
)

LOWEST, HIGHEST = "00000000-0000-0000-0000-000000000001", "ffffffff-ffff-ffff-ffff-ffffffffffff"


def vector_bytes(server: WeaviateServer, collection: Collection, vectors: tuple[str, ...]) -> dict[int, list[bytes]]:
    """Id → the bytes of its vectors, as gRPC carries them."""
    with ObjectChannel(f"127.0.0.1:{server.grpc_port}", None) as channel:
        found = [one for page in pages(channel, Part(collection.name, None, vectors)) for one in page]
    return {
        identity(one): [one.metadata.vector_bytes, *(held.vector_bytes for held in one.metadata.vectors)]
        for one in found
    }


@pytest.mark.parametrize("vectors", [(), ("title", "body")], ids=["unnamed", "named"])
def test_every_kind_of_value_comes_back_as_it_was(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path, vectors: tuple[str, ...]
) -> None:
    def held(number: int) -> dict[str, object]:
        if not vectors:
            return {"vector": numbers(number)}
        return {"vectors": {name: numbers(number + at, 4 + 4 * at) for at, name in enumerate(vectors)}}

    with (
        make_collection(weaviate_server, vectors=vectors) as one,
        make_collection(weaviate_server, vectors=vectors) as other,
    ):
        one.put(
            [
                {"id": LOWEST, "properties": FULL, **held(0)},
                {"id": small(1)["id"], "properties": EMPTY_LISTS, **held(1)},
                {"id": small(2)["id"], "properties": {"text": ""}},
                {"id": HIGHEST, "properties": {}, **held(3)},
            ]
        )
        exported = program.export(tmp_path / "archive", one)
        imported = program.restore(tmp_path / "archive", other)
        assert (exported.status, imported.status) == (0, 0), exported.said + imported.said
        assert (exported.report["objects"], imported.report["new"]) == (4, 4)
        assert other.objects() == one.objects()
        assert other.objects()[LOWEST][0]["scan"] == FULL["scan"]
        assert other.objects()[LOWEST][0]["address"] == FULL["address"]
        assert vector_bytes(weaviate_server, other, vectors) == vector_bytes(weaviate_server, one, vectors)
        again = program.restore(tmp_path / "archive", other)
        assert (again.status, again.report["unchanged"], again.report["new"], again.report["replaced"]) == (0, 4, 0, 0)
    manifest = json.loads((tmp_path / "archive" / "manifest.json").read_text())
    assert manifest["dimensions"] == ({"title": 4, "body": 8} if vectors else {"": 8})
    assert manifest["schema"]["class"] == one.name


def test_blobs_are_carried_over_several_pages(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path
) -> None:
    properties = [{"name": "scan", "dataType": ["blob"]}]
    scans = [base64.b64encode(bytes([number]) * 2**16).decode() for number in range(100)]
    with (
        make_collection(weaviate_server, properties=properties) as one,
        make_collection(weaviate_server, properties=properties) as other,
    ):
        one.put([{"id": small(number)["id"], "properties": {"scan": scan}} for number, scan in enumerate(scans)])
        assert program.export(tmp_path / "archive", one).status == 0
        assert program.restore(tmp_path / "archive", other).status == 0
        held = other.objects()
        assert [held[small(number)["id"]][0]["scan"] for number in range(100)] == scans
