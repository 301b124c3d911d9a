from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from safetensors.numpy import save_file

from hirag_embedder.core.export.bert import BertConfig, export_bert
from hirag_embedder.core.export.exporter import export
from hirag_embedder.core.export.weights import Weights
from hirag_embedder.core.folder import ModelFolder
from hirag_embedder.core.onnx_runtime import OnnxRuntime
from hirag_kit.errors import ConfigurationError
from tests.sidecars.hirag_embedder.reference import ReferenceBert
from tests.sidecars.hirag_embedder.tiny import CONFIG, random_weights

IDS = [2, 10, 33, 7, 50, 12, 3]


def _hidden_states(content: bytes, ids: list[int], padding: int = 0) -> Any:
    padded = np.array([ids + [0] * padding], dtype=np.int64)
    mask = np.array([[1] * len(ids) + [0] * padding], dtype=np.int64)
    return OnnxRuntime(content, threads=1).hidden_states(padded, mask)[0, : len(ids)]


def test_hidden_states_are_those_of_the_paper(tiny_model: Path) -> None:
    expected = ReferenceBert(tiny_model, max_tokens=64).hidden_states(IDS)
    assert np.allclose(_hidden_states(export(ModelFolder(tiny_model)), IDS), expected, atol=1e-4)


def test_padding_changes_nothing(tiny_model: Path) -> None:
    content = export(ModelFolder(tiny_model))
    assert np.allclose(_hidden_states(content, IDS), _hidden_states(content, IDS, padding=20), atol=1e-5)


def test_the_graph_is_of_plain_operators(tiny_model: Path) -> None:
    model = onnx.load_from_string(export(ModelFolder(tiny_model)))
    assert {node.domain for node in model.graph.node} == {""}
    assert [one.name for one in model.graph.input] == ["input_ids", "attention_mask"]
    assert [one.name for one in model.graph.output] == ["last_hidden_state"]


def test_the_runtime_fuses_the_activation_by_itself(tiny_model: Path, tmp_path: Path) -> None:
    import onnxruntime as ort  # noqa: PLC0415  only this test looks behind the backend

    options = ort.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    ort.InferenceSession(export(ModelFolder(tiny_model)), options, providers=["CPUExecutionProvider"])
    operators = {node.op_type for node in onnx.load(tmp_path / "optimised.onnx").graph.node}
    assert "BiasGelu" in operators
    assert "Erf" not in operators


@pytest.mark.parametrize(
    "rename",
    [
        pytest.param(lambda name: f"bert.{name}", id="saved with a head"),
        pytest.param(
            lambda name: name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
                "LayerNorm.bias", "LayerNorm.beta"
            ),
            id="saved by an old library",
        ),
    ],
)
def test_other_names_of_the_same_weights_are_known(tmp_path: Path, rename: Any) -> None:
    plain = export_bert(BertConfig.read(CONFIG), Weights(random_weights()))
    save_file({rename(name): values for name, values in random_weights().items()}, tmp_path / "renamed.safetensors")
    renamed = export_bert(BertConfig.read(CONFIG), Weights.read(tmp_path / "renamed.safetensors"))
    assert renamed == plain


def test_half_precision_weights_are_widened(tmp_path: Path) -> None:
    halves = {name: values.astype(np.float16) for name, values in random_weights().items()}
    save_file(halves, tmp_path / "half.safetensors")
    content = export_bert(BertConfig.read(CONFIG), Weights.read(tmp_path / "half.safetensors"))
    full = _hidden_states(export_bert(BertConfig.read(CONFIG), Weights(random_weights())), IDS)
    assert np.allclose(_hidden_states(content, IDS), full, atol=0.05)


def test_relu_is_known_too() -> None:
    config = BertConfig.read(CONFIG | {"hidden_act": "relu"})
    assert np.isfinite(_hidden_states(export_bert(config, Weights(random_weights())), IDS)).all()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"model_type": "t5"}, "model_type=t5"),
        ({"hidden_act": "swish"}, "hidden_act=swish"),
        ({"position_embedding_type": "relative_key"}, "position_embedding_type=relative_key"),
        ({"hidden_size": "wide"}, "hidden_size"),
        ({"num_attention_heads": 5}, "multiple of num_attention_heads"),
    ],
)
def test_a_model_of_another_kind_is_refused_with_the_remedy(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=sentence):
        BertConfig.read(CONFIG | change)


def test_missing_weights_are_named() -> None:
    weights = random_weights()
    del weights["encoder.layer.1.output.dense.bias"]
    with pytest.raises(ConfigurationError, match=r"encoder\.layer\.1\.output\.dense\.bias"):
        export_bert(BertConfig.read(CONFIG), Weights(weights))


def test_a_cut_file_of_weights_is_refused_by_name(tiny_model: Path) -> None:
    file = tiny_model / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(ConfigurationError, match=r"model\.safetensors cannot be read"):
        export(ModelFolder(tiny_model))
