from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hirag_embedder.core.export.exporter import export
from hirag_embedder.core.folder import ModelFolder
from hirag_embedder.core.loading import load
from hirag_embedder.core.spec import ModelSpec, RuntimeSpec
from hirag_kit.errors import ConfigurationError


def _spec(folder: Path) -> ModelSpec:
    return ModelSpec(folder=folder, name="tiny", revision="abc", max_tokens=32)


def test_a_loaded_model_tells_all_that_decides_its_vectors(tiny_model: Path) -> None:
    spec = replace(_spec(tiny_model), dimensions=32, query_instruction="find: ")
    meta = load(spec, RuntimeSpec()).meta
    assert meta.model_dump(exclude={"tokenizer", "weights", "version"}) == {
        "model": "tiny",
        "revision": "abc",
        "dimensions": 32,
        "max_tokens": 32,
        "pooling": "mean",
        "normalize": True,
        "precision": "fp32",
        "instructions": {"query": "find: ", "passage": ""},
        "backend": "onnxruntime",
        "device": "cpu",
    }
    folder = ModelFolder(tiny_model)
    assert (meta.tokenizer, meta.weights) == (folder.tokenizer_sha256, folder.weights_sha256)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"dimensions": 384}, "384 dimensions are declared, and the model's vectors have 32"),
        ({"max_tokens": 128}, "128 tokens are declared, and the model has positions for 64"),
    ],
)
def test_a_model_that_is_not_as_declared_is_refused(tiny_model: Path, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        load(replace(_spec(tiny_model), **changes), RuntimeSpec())


@pytest.mark.parametrize(
    ("runtime", "sentence"),
    [
        (RuntimeSpec(precision="int8"), "precision int8 is not available; available: fp32, fp16"),
        (RuntimeSpec(device="cuda"), "device cuda is not available in this build; available: auto, cpu"),
    ],
)
def test_what_this_build_cannot_do_is_refused_before_loading(runtime: RuntimeSpec, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        load(_spec(Path("never-looked-at")), runtime)


def test_an_onnx_file_in_the_folder_is_used_as_it_is(tiny_model: Path) -> None:
    exported = load(_spec(tiny_model), RuntimeSpec()).engine.embed(["a b c"])
    (tiny_model / "model.onnx").write_bytes(export(ModelFolder(tiny_model)))
    (tiny_model / "model.safetensors").unlink()
    assert np.allclose(load(_spec(tiny_model), RuntimeSpec()).engine.embed(["a b c"]), exported, atol=1e-6)


def test_max_tokens_default_to_what_the_folder_tells(tiny_model: Path) -> None:
    assert load(replace(_spec(tiny_model), max_tokens=None), RuntimeSpec()).meta.max_tokens == 64


def test_half_precision_is_near_full_precision(tiny_model: Path, tmp_path: Path) -> None:
    texts = ["a b c", "the letters d e f g h", "z"]
    full = load(_spec(tiny_model), RuntimeSpec()).engine.embed(texts)
    for cache in (None, tmp_path / "cache"):
        half = load(_spec(tiny_model), RuntimeSpec(precision="fp16", cache_dir=cache))
        assert half.meta.precision == "fp16"
        found = half.engine.embed(texts)
        assert not np.array_equal(found, full)
        assert (found * full).sum(axis=1).min() > 0.999


def test_half_precision_of_a_graph_that_is_served_as_it_is_is_refused(tiny_model: Path) -> None:
    (tiny_model / "model.onnx").write_bytes(export(ModelFolder(tiny_model)))
    with pytest.raises(ConfigurationError, match=r"precision fp16 cannot be had of .*model\.onnx"):
        load(_spec(tiny_model), RuntimeSpec(precision="fp16"))


def test_batches_are_those_of_the_device(tiny_model: Path) -> None:
    engine = load(_spec(tiny_model), RuntimeSpec(device="cpu", batch_tokens=11, gpu_batch_tokens=99)).engine
    assert engine.batch_tokens == 11
