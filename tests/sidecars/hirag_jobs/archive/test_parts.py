"""A part is believed only when it is to the byte what the manifest says, and read no further than the manifest says."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hirag_jobs.archive import parts
from hirag_jobs.archive.compression import zstd
from hirag_jobs.archive.errors import ArchiveError
from hirag_jobs.archive.manifest import PartEntry
from hirag_jobs.archive.parts import PartWriter, read_lines, verify
from hirag_kit.errors import InternalError, StorageError

NAME = "part-00001.jsonl.zst"


def written(folder: Path, lines: list[bytes]) -> PartEntry:
    with PartWriter(folder, NAME, None, compression=3) as writer:
        for identity, line in enumerate(lines):
            writer.add(identity, line + b"\n")
        return writer.finish()


@given(st.lists(st.binary(max_size=50).map(lambda one: one.replace(b"\n", b"")), min_size=1, max_size=50))
def test_lines_come_back(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    folder = tmp_path_factory.mktemp("archive")
    part = written(folder, lines)
    verify(folder, part)
    assert list(read_lines(folder, part)) == lines
    assert (part.objects, part.content_bytes) == (len(lines), sum(len(line) + 1 for line in lines))
    assert [file.name for file in folder.iterdir()] == [NAME]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


def lengthen(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\0")


def flip(file: Path) -> None:
    held = bytearray(file.read_bytes())
    held[len(held) // 2] ^= 1
    file.write_bytes(held)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def link(file: Path) -> None:
    file.rename(file.with_suffix(".elsewhere"))
    file.symlink_to(file.with_suffix(".elsewhere"))


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("harm", "complaint"),
    [
        (Path.unlink, "part part-00001.jsonl.zst is missing"),
        (cut, "part part-00001.jsonl.zst is cut off"),
        (lengthen, "part part-00001.jsonl.zst is too long"),
        (empty, "part part-00001.jsonl.zst is cut off: 0 bytes"),
        (flip, "part part-00001.jsonl.zst is damaged: its SHA-256"),
        (link, "part-00001.jsonl.zst is a link"),
        (folder, "part-00001.jsonl.zst is no regular file"),
    ],
)
def test_a_harmed_part_is_refused_by_its_name(tmp_path: Path, harm: Callable[[Path], None], complaint: str) -> None:
    part = written(tmp_path, [b"one", b"two"])
    harm(tmp_path / NAME)
    with pytest.raises(ArchiveError) as refused:
        verify(tmp_path, part)
    assert complaint in str(refused.value)


def crafted(folder: Path, content: bytes, **claims: int) -> PartEntry:
    """A part whose checksum is right, of any content."""
    part = written(folder, [b"x"])
    (folder / NAME).write_bytes(content)
    return part.model_copy(update={"bytes": len(content), **claims})


@pytest.mark.parametrize(
    ("content", "claims", "complaint"),
    [
        (b"PK\x03\x04 not zstandard", {}, "is not compressed by zstandard"),
        (zstd.compress(b"a\nb\n")[:-2], {"content_bytes": 4, "objects": 2}, "does not end where the manifest says"),
        (zstd.compress(b"a\n") * 2, {"content_bytes": 2}, "does not end where the manifest says"),
        (zstd.compress(b"a\nb\n"), {"content_bytes": 2}, "holds more than its 2 bytes"),
        (zstd.compress(b"a\nb\n"), {"content_bytes": 9}, "does not end where the manifest says"),
        (zstd.compress(b"a\nb\n"), {"content_bytes": 4, "objects": 3}, "holds 2 whole objects, not 3"),
        (zstd.compress(b"a\nb"), {"content_bytes": 3, "objects": 2}, "holds 1 whole objects, not 2"),
    ],
    ids=["foreign", "cut off", "two frames", "too much", "too little", "too few lines", "half a line"],
)
def test_a_part_that_lies_is_refused(tmp_path: Path, content: bytes, claims: dict[str, int], complaint: str) -> None:
    part = crafted(tmp_path, content, **claims)
    with pytest.raises(ArchiveError) as refused:
        list(read_lines(tmp_path, part))
    assert f"part {NAME} " in str(refused.value)
    assert complaint in str(refused.value)


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    part = crafted(tmp_path, zstd.compress(bytes(2**26)), content_bytes=100)
    tracemalloc.start()
    with pytest.raises(ArchiveError, match="holds more than its 100 bytes"):
        list(read_lines(tmp_path, part))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**24


def test_a_window_that_would_take_much_memory_is_refused(tmp_path: Path) -> None:
    options = {int(zstd.CompressionParameter.window_log): 27}
    compressor = zstd.ZstdCompressor(options=options)
    content = compressor.compress(bytes(2**20)) + compressor.flush()
    part = crafted(tmp_path, content, content_bytes=2**20)
    with pytest.raises(ArchiveError, match="is not compressed by zstandard as parts are"):
        list(read_lines(tmp_path, part))


def test_a_line_without_an_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_LINE_BYTES", 2**20)
    part = crafted(tmp_path, zstd.compress(bytes(2**24)), content_bytes=2**24)
    with pytest.raises(ArchiveError, match="line 1, is longer than"):
        list(read_lines(tmp_path, part))


def test_a_part_that_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    with PartWriter(tmp_path, NAME, None, 3) as writer:
        writer.add(2, b"two\n")
        with pytest.raises(InternalError, match="out of the order of ids"):
            writer.add(1, b"one\n")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_is_told_by_the_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=f"{NAME} could not be written"), PartWriter(tmp_path / "no", NAME, None, 3):
        pass
