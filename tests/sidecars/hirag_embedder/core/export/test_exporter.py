import json
from pathlib import Path

import pytest

from hirag_embedder.core.export import exporter
from hirag_embedder.core.export.exporter import cache_key, export, exported
from hirag_embedder.core.folder import ModelFolder


def test_a_second_start_takes_the_file_of_the_first(tiny_model: Path, tmp_path: Path) -> None:
    first = exported(ModelFolder(tiny_model), tmp_path / "cache")
    made = first.stat().st_mtime_ns
    assert exported(ModelFolder(tiny_model), tmp_path / "cache") == first
    assert first.stat().st_mtime_ns == made
    assert first.read_bytes() == export(ModelFolder(tiny_model))


def test_a_damaged_file_is_made_anew(tiny_model: Path, tmp_path: Path) -> None:
    file = exported(ModelFolder(tiny_model), tmp_path / "cache")
    whole = file.read_bytes()
    file.write_bytes(whole[:1000])
    assert exported(ModelFolder(tiny_model), tmp_path / "cache").read_bytes() == whole


def test_a_file_without_its_checksum_is_made_anew(tiny_model: Path, tmp_path: Path) -> None:
    file = exported(ModelFolder(tiny_model), tmp_path / "cache")
    file.with_suffix(".sha256").unlink()
    exported(ModelFolder(tiny_model), tmp_path / "cache")
    assert file.with_suffix(".sha256").is_file()


def test_other_weights_configuration_precision_or_exporter_give_another_file(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {cache_key(ModelFolder(tiny_model)), cache_key(ModelFolder(tiny_model), "fp16")}
    config = tiny_model / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text("utf-8")) | {"layer_norm_eps": 1e-6}), "utf-8")
    keys.add(cache_key(ModelFolder(tiny_model)))
    (tiny_model / "model.safetensors").write_bytes(b"others")
    keys.add(cache_key(ModelFolder(tiny_model)))
    monkeypatch.setattr(exporter, "EXPORTER_VERSION", exporter.EXPORTER_VERSION + 1)
    keys.add(cache_key(ModelFolder(tiny_model)))
    assert len(keys) == 5


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    occupied = tmp_path / "model.onnx"
    occupied.mkdir()
    with pytest.raises(OSError, match="directory"):
        exporter.write_atomically(occupied, b"content")
    assert list(tmp_path.iterdir()) == [occupied]
