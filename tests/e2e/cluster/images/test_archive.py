import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from e2e.cluster.errors import ImageBuildError
from e2e.cluster.images.archive import Archive, Layer

CONFIG: dict[str, Any] = {
    "config": {"User": "65532:65532"},
    "history": [{"created_by": "COPY a"}, {"created_by": "ENV", "empty_layer": True}, {"created_by": "COPY b"}],
}


def tarred(files: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o640
            archive.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def archive(folder: Path, *layers: dict[str, bytes], images: int = 1) -> Archive:
    names = [f"{number}.tar" for number in range(len(layers))]
    manifest = {"Config": "config.json", "RepoTags": ["docker.io/library/x:e2e"], "Layers": names}
    files = {"manifest.json": json.dumps([manifest] * images).encode(), "config.json": json.dumps(CONFIG).encode()}
    path = folder / "image.tar"
    path.write_bytes(tarred({**files, **dict(zip(names, map(tarred, layers), strict=True))}))
    return Archive(path)


def test_the_files_are_those_of_all_layers_the_upper_ones_last(tmp_path: Path) -> None:
    image = archive(tmp_path, {"etc/a": b"below", "etc/b": b"b"}, {"etc/a": b"above"})
    image.unpack(tmp_path / "root")
    assert {path.name: path.read_bytes() for path in (tmp_path / "root/etc").iterdir()} == {"a": b"above", "b": b"b"}
    assert (tmp_path / "root/etc/a").stat().st_mode & 0o777 == 0o640


def test_each_layer_is_told_with_the_step_that_made_it(tmp_path: Path) -> None:
    lower, upper = {"a": b"1"}, {"b": b"2" * 20_000}
    image = archive(tmp_path, lower, upper)
    assert image.layers() == [Layer("COPY a", len(tarred(lower))), Layer("COPY b", len(tarred(upper)))]
    assert (image.config["User"], image.references) == ("65532:65532", ["docker.io/library/x:e2e"])


def test_a_layer_that_only_hides_a_file_of_a_lower_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageBuildError, match=r"etc/\.wh\.secret removes"):
        archive(tmp_path, {"etc/secret": b"1"}, {"etc/.wh.secret": b""}).unpack(tmp_path / "root")


def test_an_archive_of_two_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageBuildError, match="holds 2 images"):
        archive(tmp_path, {"a": b""}, {"b": b""}, images=2)
