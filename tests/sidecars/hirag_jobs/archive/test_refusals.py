"""What cannot end well does not begin: each refusal names the cause and the remedy, and nothing is written."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.toolchain import Toolchain
from e2e.cluster.weaviate import WeaviateServer
from hirag_jobs.archive.manifest import checksum
from tests.sidecars.hirag_jobs.archive.archives import PROPERTIES, Collection, Program, make_collection

REFUSED = 2
OURS, THEIRS = "f" * 26, "g" * 26


@pytest.fixture
def source(weaviate_server: WeaviateServer) -> Iterator[Collection]:
    with make_collection(weaviate_server, stamp={"level": "longTerm", "fingerprint": OURS}) as made:
        made.fill(30)
        yield made


@pytest.fixture
def archive(program: Program, source: Collection, tmp_path: Path) -> Path:
    """Thirty objects in several parts."""
    assert program.export(tmp_path / "archive", source, "--part-bytes", "2000").status == 0
    return tmp_path / "archive"


def parts(archive: Path) -> list[Path]:
    return sorted(archive.glob("part-*"))


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        (["--alias", "Absent"], "has no alias Absent; see status.address"),
        (["--collection", "Absent"], "has no collection Absent: correct --collection"),
        (["--alias", "A", "--collection", "B"], "either --alias or --collection is needed, and not both"),
        (["--tenant", "acme"], "has no tenants: leave --tenant out"),
        (["--tenant", "a/b"], "--tenant-0: String should match pattern"),
        (["--api-key-file", "/absent"], "--api-key-file: /absent cannot be read"),
    ],
)
@pytest.mark.parametrize("verb", ["export", "import"])
def test_wrong_settings_are_refused(
    program: Program, source: Collection, archive: Path, tmp_path: Path, flags: list[str], complaint: str, verb: str
) -> None:
    named = flags[0] in {"--alias", "--collection"}
    reached = flags if named else ["--alias", source.alias, *flags]
    ran = program(verb, str(archive if verb == "import" else tmp_path / "new"), *reached)
    assert (ran.status, complaint in ran.said) == (REFUSED, True), ran.said
    assert not list((tmp_path / "new").glob("part-*"))


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        ({"stamp": {"level": "longTerm", "fingerprint": THEIRS}}, f"of fingerprint {OURS}, and there of {THEIRS}"),
        ({"properties": PROPERTIES[:-2]}, "address (object), addresses (object[]); declare them first"),
        ({"vectors": ["title"]}, "make a collection that has the same"),
        ({"tenants": ["acme"]}, "has tenants: name the one to fill by --tenant"),
    ],
)
def test_an_archive_that_does_not_fit_is_not_begun(
    weaviate_server: WeaviateServer, program: Program, archive: Path, made: dict[str, Any], complaint: str
) -> None:
    with make_collection(weaviate_server, **made) as other:
        ran = program.restore(archive, other)
        assert (ran.status, complaint in ran.said) == (REFUSED, True), ran.said
        assert other.count("acme" if "tenants" in made else None) == 0


def test_an_archive_without_a_fingerprint_needs_a_word(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path
) -> None:
    stamp = {"level": "longTerm", "fingerprint": OURS}
    with make_collection(weaviate_server) as one, make_collection(weaviate_server, stamp=stamp) as other:
        one.fill(3)
        assert program.export(tmp_path / "archive", one).status == 0
        ran = program.restore(tmp_path / "archive", other)
        assert (ran.status, f"say so by --fingerprint {OURS}" in ran.said) == (REFUSED, True)
        assert other.count() == 0
        assert program.restore(tmp_path / "archive", other, "--fingerprint", OURS).status == 0
        back = program.export(tmp_path / "stamped", other)
        assert (back.status, back.report["fingerprint"]) == (0, OURS)
        ran = program.restore(tmp_path / "stamped", one)
        assert (ran.status, "names no fingerprint: nothing tells" in ran.said) == (0, True)


def test_vectors_of_another_size_are_refused(weaviate_server: WeaviateServer, program: Program, archive: Path) -> None:
    with make_collection(weaviate_server) as other:
        other.put([{"properties": {"text": "short"}, "vector": [1.0, 2.0]}])
        ran = program.restore(archive, other)
        assert (ran.status, "have 8 numbers, and there 2" in ran.said) == (REFUSED, True), ran.said
        assert other.count() == 1


def test_a_damaged_part_is_refused_before_one_object_of_it_is_written(
    weaviate_server: WeaviateServer, program: Program, archive: Path
) -> None:
    first, second = parts(archive)[:2]
    whole = second.read_bytes()
    second.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    before = json.loads((archive / "manifest.json").read_text())["parts"][0]["objects"]
    with make_collection(weaviate_server) as other:
        ran = program.restore(archive, other)
        assert (ran.status, f"part {second.name} is damaged" in ran.said) == (REFUSED, True), ran.said
        assert other.count() == before
        second.write_bytes(whole)
        ran = program.restore(archive, other)
        assert (ran.status, ran.report["unchanged"], ran.report["new"]) == (0, before, 30 - before)
    assert first.exists()


@pytest.mark.parametrize("harm", ["missing", "cut off"])
def test_a_part_that_can_be_seen_to_be_wrong_stops_all(
    weaviate_server: WeaviateServer, program: Program, archive: Path, harm: str
) -> None:
    last = parts(archive)[-1]
    if harm == "missing":
        last.unlink()
    else:
        last.write_bytes(last.read_bytes()[:-1])
    with make_collection(weaviate_server) as other:
        ran = program.restore(archive, other)
        assert (ran.status, f"part {last.name} is {harm}" in ran.said) == (REFUSED, True), ran.said
        assert "copy it anew" in ran.said
        assert other.count() == 0


def test_a_manifest_that_leads_out_of_the_folder_is_refused(
    weaviate_server: WeaviateServer, program: Program, archive: Path
) -> None:
    outside = archive.parent / "part-00001.jsonl.zst"
    parts(archive)[0].rename(outside)
    told = json.loads((archive / "manifest.json").read_text())
    told["parts"][0]["file"] = f"../{outside.name}"
    (archive / "manifest.json").write_text(json.dumps(told | {"sha256": checksum(told)}))
    with make_collection(weaviate_server) as other:
        ran = program.restore(archive, other)
        assert (ran.status, "parts.0.file" in ran.said) == (REFUSED, True), ran.said


def test_what_somebody_else_crafted_is_told_by_part_and_line(
    weaviate_server: WeaviateServer, program: Program, archive: Path
) -> None:
    told = json.loads((archive / "manifest.json").read_text())
    told["schema"]["properties"] = [one for one in told["schema"]["properties"] if one["name"] != "text"]
    (archive / "manifest.json").write_text(json.dumps(told | {"sha256": checksum(told)}))
    with make_collection(weaviate_server) as other:
        ran = program.restore(archive, other)
        assert ran.status == REFUSED
        assert f"part {parts(archive)[0].name}, line 1: property 'text' is not in the archive's schema" in ran.said
        assert other.count() == 0


def test_a_tenant_that_is_offloaded_or_absent_is_named(
    weaviate_server: WeaviateServer, program: Program, tmp_path: Path
) -> None:
    with make_collection(weaviate_server, tenants=["acme"]) as one:
        ran = program.export(tmp_path / "a", one, "--tenant", "acme", "--tenant", "absent")
        assert (ran.status, "has no tenant absent" in ran.said) == (REFUSED, True)


def test_keys_are_used_and_told_to_nobody(toolchain: Toolchain, tmp_path: Path) -> None:
    key = "s3cret-of-the-archive"
    (tmp_path / "key").write_text(key)
    (tmp_path / "wrong").write_text("another-s3cret")
    with WeaviateServer(toolchain, api_keys={key: "admin"}) as server, make_collection(server, key=key) as one:
        one.fill(3)
        program = Program(server, tmp_path)
        for name, status in (("wrong", REFUSED), ("key", 0)):
            file = str(tmp_path / name)
            exported = program.export(tmp_path / "archive", one, "--api-key-file", file)
            imported = program.restore(tmp_path / "archive", one, "--api-key-file", file)
            assert (exported.status, imported.status) == (status, status), exported.said + imported.said
            assert "s3cret" not in exported.said + imported.said + json.dumps(exported.report | imported.report)
    assert all(b"s3cret" not in file.read_bytes() for file in (tmp_path / "archive").iterdir())
