from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

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
