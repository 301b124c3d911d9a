import hashlib
import json
from pathlib import Path

import pytest

from hirag_embedder.core.folder import ModelFolder
from hirag_kit.errors import ConfigurationError


def test_a_folder_tells_what_the_model_was_made_for(model_folder: Path) -> None:
    folder = ModelFolder(model_folder)
    assert (folder.max_tokens, folder.max_positions, folder.pooling) == (256, 512, "mean")
    assert folder.onnx is None


def test_checksums_are_those_of_the_files(tiny_model: Path) -> None:
    folder = ModelFolder(tiny_model)
    assert folder.weights_sha256 == hashlib.sha256((tiny_model / "model.safetensors").read_bytes()).hexdigest()
    assert folder.tokenizer_sha256 == hashlib.sha256((tiny_model / "tokenizer.json").read_bytes()).hexdigest()


@pytest.mark.parametrize("place", ["model.onnx", "onnx/model.onnx"])
def test_an_onnx_file_that_came_along_is_what_the_vectors_come_from(tiny_model: Path, place: str) -> None:
    (tiny_model / place).parent.mkdir(exist_ok=True)
    (tiny_model / place).write_bytes(b"onnx")
    folder = ModelFolder(tiny_model)
    assert folder.onnx == tiny_model / place
    assert folder.weights_sha256 == hashlib.sha256(b"onnx").hexdigest()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("config.json", "has no config.json"),
        ("tokenizer.json", "has no tokenizer.json"),
        ("model.safetensors", "neither model.safetensors nor model.onnx"),
    ],
)
def test_a_missing_file_is_named(tiny_model: Path, missing: str, sentence: str) -> None:
    (tiny_model / missing).unlink()
    with pytest.raises(ConfigurationError, match=sentence):
        ModelFolder(tiny_model)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        ModelFolder(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("modes", "pooling"),
    [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({"pooling_mode_lasttoken": True}, "lastToken"),
        ({}, None),
    ],
)
def test_pooling_is_read_from_the_folder(tiny_model: Path, modes: dict[str, bool], pooling: str | None) -> None:
    _write_pooling(tiny_model, modes)
    assert ModelFolder(tiny_model).pooling == pooling


def test_a_pooling_that_is_unknown_here_is_refused(tiny_model: Path) -> None:
    _write_pooling(tiny_model, {"pooling_mode_max_tokens": True})
    with pytest.raises(ConfigurationError, match="pooling_mode_max_tokens"):
        _ = ModelFolder(tiny_model).pooling


@pytest.mark.parametrize(("content", "sentence"), [("{", "is not JSON"), ("[]", "must hold a JSON object")])
def test_a_damaged_configuration_is_named(tiny_model: Path, content: str, sentence: str) -> None:
    (tiny_model / "config.json").write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=sentence):
        _ = ModelFolder(tiny_model).config


def _write_pooling(folder: Path, modes: dict[str, bool]) -> None:
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling/config.json").write_text(json.dumps({"word_embedding_dimension": 32} | modes), "utf-8")
