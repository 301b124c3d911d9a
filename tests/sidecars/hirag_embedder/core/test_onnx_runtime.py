from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from hirag_embedder.core.backend import OutOfMemoryError
from hirag_embedder.core.export.exporter import export
from hirag_embedder.core.folder import ModelFolder
from hirag_embedder.core.onnx_runtime import OnnxRuntime
from hirag_kit.errors import ConfigurationError, EmbeddingError

IDS = np.array([[2, 5, 3]], dtype=np.int64)


def _model(path: Path, inputs: list[str], node: onnx.NodeProto, rank: int) -> Path:
    graph = helper.make_graph(
        [node],
        "encoder",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in inputs],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [None] * rank)],
        [helper.make_tensor("table", TensorProto.FLOAT, [8, 2], list(range(16)))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def test_a_model_that_wants_token_types_gets_zeros(tmp_path: Path) -> None:
    node = helper.make_node("Gather", ["table", "token_type_ids"], ["out"])
    path = _model(tmp_path / "model.onnx", ["input_ids", "token_type_ids"], node, 3)
    hidden = OnnxRuntime(path, threads=1).hidden_states(IDS, np.ones_like(IDS))
    assert hidden.tolist() == [[[0, 1]] * 3]


def test_a_model_without_hidden_states_is_refused(tmp_path: Path) -> None:
    node = helper.make_node("Cast", ["input_ids"], ["out"], to=TensorProto.FLOAT)
    path = _model(tmp_path / "model.onnx", ["input_ids"], node, 2)
    with pytest.raises(ConfigurationError, match="has no output"):
        OnnxRuntime(path, threads=1)


def test_a_model_that_wants_more_than_text_is_refused(tmp_path: Path) -> None:
    node = helper.make_node("Gather", ["table", "pixels"], ["out"])
    path = _model(tmp_path / "model.onnx", ["pixels"], node, 3)
    with pytest.raises(ConfigurationError, match="pixels"):
        OnnxRuntime(path, threads=1)


def test_a_file_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"rubbish")
    with pytest.raises(ConfigurationError, match=r"model\.onnx"):
        OnnxRuntime(tmp_path / "model.onnx", threads=1)


def test_a_batch_that_fails_is_an_embedding_error(tiny_model: Path) -> None:
    backend = OnnxRuntime(export(ModelFolder(tiny_model)), threads=1)
    beyond_the_vocabulary = np.full((1, 3), 10_000, dtype=np.int64)
    with pytest.raises(EmbeddingError, match="failed on a batch"):
        backend.hidden_states(beyond_the_vocabulary, np.ones_like(beyond_the_vocabulary))


class _FullCard(ort.InferenceSession):  # type: ignore[misc]  # the library has no types
    """What making a session is where the GPU's memory is taken; the words are those of CUDA on a full card."""

    def __init__(self, *given: Any, providers: list[Any], **options: Any) -> None:
        if providers != ["CPUExecutionProvider"]:
            raise RuntimeError("CUDA failure 2: out of memory ; GPU=0 ; expr=cudaMalloc((void**)&p, size);")
        super().__init__(*given, providers=providers, **options)


@pytest.fixture
def full_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"])
    monkeypatch.setattr(ort, "preload_dlls", lambda **_: None)
    monkeypatch.setattr(ort, "InferenceSession", _FullCard)


@pytest.mark.usefixtures("full_card")
def test_where_the_gpu_has_no_memory_left_auto_runs_on_the_cpu(tiny_model: Path) -> None:
    backend = OnnxRuntime(export(ModelFolder(tiny_model)), threads=1, device="auto")
    assert backend.device == "cpu"
    assert backend.pooled(IDS, np.ones_like(IDS), "mean").shape == (1, 32)


@pytest.mark.usefixtures("full_card")
def test_where_the_gpu_has_no_memory_left_cuda_says_so(tiny_model: Path) -> None:
    with pytest.raises(ConfigurationError, match="the GPU cannot be used, it has no memory left for the model"):
        OnnxRuntime(export(ModelFolder(tiny_model)), threads=1, device="cuda")


@pytest.mark.parametrize(
    "words",
    [
        "Failed to allocate memory for requested buffer of size 1234",
        "Available memory of 10 is smaller than requested bytes of 20",
        "CUDA failure 2: out of memory",
        "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED",
        "std::bad_alloc",
    ],
)
def test_a_batch_without_memory_is_told_from_other_failures(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    def run(*_: Any) -> None:
        raise RuntimeError(words)

    monkeypatch.setattr(ort.InferenceSession, "run", run)
    backend = OnnxRuntime(export(ModelFolder(tiny_model)), threads=1)
    with pytest.raises(OutOfMemoryError, match="failed on a batch"):
        backend.pooled(IDS, np.ones_like(IDS), "mean")
