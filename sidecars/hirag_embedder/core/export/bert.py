"""BERT as an ONNX graph (Devlin et al. 2019, https://arxiv.org/abs/1810.04805; layout of the weights as in
https://huggingface.co/docs/transformers/model_doc/bert).

ONNX Runtime's optimiser fuses the GELU with its bias and the scores with their scale by itself, and leaves attention
and normalisation as they are; a runtime that fuses nothing computes the same. Token types are left out of the inputs: a
text to embed is always a single segment, so the vector of type 0 is a constant that is added to the positions.
"""

from typing import Any

import numpy as np
from onnx import TensorProto
from pydantic import BaseModel, Field, ValidationError

from hirag_embedder.core.export.graph import Graph
from hirag_embedder.core.export.weights import Weights
from hirag_kit.errors import ConfigurationError

# Far below any score, far above the end of floats, those of 16 bits too: the softmax makes it an exact zero.
_MASKED = -10000.0


class BertConfig(BaseModel):
    """What of config.json decides the graph."""

    model_type: str
    hidden_size: int = Field(ge=1)
    num_hidden_layers: int = Field(ge=1)
    num_attention_heads: int = Field(ge=1)
    hidden_act: str = "gelu"
    layer_norm_eps: float = 1e-12
    position_embedding_type: str = "absolute"

    @classmethod
    def read(cls, config: dict[str, Any]) -> "BertConfig":
        """Reads config.json.

        Raises:
            ConfigurationError: when the model is none that this exporter knows.
        """
        try:
            read = cls.model_validate(config)
        except ValidationError as error:
            fields = ", ".join(str(one["loc"][0]) for one in error.errors())
            raise ConfigurationError(f"config.json cannot be exported: look at {fields}") from error
        for field, known in (
            ("model_type", ("bert",)),
            ("hidden_act", tuple(_ACTIVATIONS)),
            ("position_embedding_type", ("absolute",)),
        ):
            value = getattr(read, field)
            if value not in known:
                raise ConfigurationError(
                    f"config.json says {field}={value}, and the exporter knows {', '.join(known)} only; "
                    "put a model.onnx with the last hidden state into the folder"
                )
        if read.hidden_size % read.num_attention_heads:
            raise ConfigurationError("config.json: hidden_size must be a multiple of num_attention_heads")
        return read


def export_bert(config: BertConfig, weights: Weights, *, half: bool = False) -> bytes:
    """The model as ONNX: input_ids, attention_mask [batch, sequence] to last_hidden_state [batch, sequence, hidden].

    With `half` its weights and arithmetic are of 16 bits; the hidden states come out as 32-bit floats all the same.
    """
    graph = Graph(half=half)
    hidden = _embeddings(graph, config, weights)
    mask = _additive_mask(graph)
    for index in range(config.num_hidden_layers):
        hidden = _layer(graph, config, weights.below(f"encoder.layer.{index}"), hidden, mask)
    hidden = graph.add("Cast", hidden, name="last_hidden_state", to=TensorProto.FLOAT)  # a runtime drops it for fp32
    return graph.model(inputs=("input_ids", "attention_mask"), output=hidden, width=config.hidden_size)


def _embeddings(graph: Graph, config: BertConfig, weights: Weights) -> str:
    table = weights.below("embeddings")
    words = graph.tensor("words", table["word_embeddings.weight"])
    positions = table["position_embeddings.weight"] + table["token_type_embeddings.weight"][0]
    length = graph.add("Shape", "input_ids", start=1, end=2)
    used = graph.add("Slice", graph.tensor("positions", positions), graph.integers(0), length, graph.integers(0))
    summed = graph.add("Add", graph.add("Gather", words, "input_ids"), used)
    return _layer_norm(graph, config, table.below("LayerNorm"), summed)


def _additive_mask(graph: Graph) -> str:
    """0 at tokens and a large negative number at padding, [batch, 1, 1, sequence]."""
    wide = graph.add("Unsqueeze", graph.add("Unsqueeze", "attention_mask", graph.integers(1)), graph.integers(2))
    padding = graph.add("Sub", graph.scalar(1.0), graph.add("Cast", wide, to=graph.floats))
    return graph.add("Mul", padding, graph.scalar(_MASKED))


def _layer(graph: Graph, config: BertConfig, weights: Weights, hidden: str, mask: str) -> str:
    attended = _linear(graph, weights.below("attention.output.dense"), _attention(graph, config, weights, hidden, mask))
    first = _layer_norm(graph, config, weights.below("attention.output.LayerNorm"), graph.add("Add", attended, hidden))
    wide = _ACTIVATIONS[config.hidden_act](graph, _linear(graph, weights.below("intermediate.dense"), first))
    second = graph.add("Add", _linear(graph, weights.below("output.dense"), wide), first)
    return _layer_norm(graph, config, weights.below("output.LayerNorm"), second)


def _attention(graph: Graph, config: BertConfig, weights: Weights, hidden: str, mask: str) -> str:
    """Softmax(q·kᵀ / √width + mask)·v for each head, the heads side by side again, [batch, sequence, hidden]."""
    width = config.hidden_size // config.num_attention_heads
    heads = graph.integers(0, 0, config.num_attention_heads, width)

    def project(part: str, axes: list[int]) -> str:
        flat = _linear(graph, weights.below(f"attention.self.{part}"), hidden)
        return graph.add("Transpose", graph.add("Reshape", flat, heads), perm=axes)

    query, key, value = project("query", [0, 2, 1, 3]), project("key", [0, 2, 3, 1]), project("value", [0, 2, 1, 3])
    scores = graph.add("Div", graph.add("MatMul", query, key), graph.scalar(float(np.sqrt(width))))
    shares = graph.add("Softmax", graph.add("Add", scores, mask), axis=-1)
    mixed = graph.add("Transpose", graph.add("MatMul", shares, value), perm=[0, 2, 1, 3])
    return graph.add("Reshape", mixed, graph.integers(0, 0, config.hidden_size))


def _linear(graph: Graph, weights: Weights, hidden: str) -> str:
    """Computes x·Wᵀ + b: the weights are stored [out, in], as torch does."""
    product = graph.add("MatMul", hidden, graph.tensor(f"{weights.prefix}weight", weights["weight"].T))
    return graph.add("Add", product, graph.tensor(f"{weights.prefix}bias", weights["bias"]))


def _layer_norm(graph: Graph, config: BertConfig, weights: Weights, hidden: str) -> str:
    scale = graph.tensor(f"{weights.prefix}weight", weights["weight"])
    shift = graph.tensor(f"{weights.prefix}bias", weights["bias"])
    return graph.add("LayerNormalization", hidden, scale, shift, axis=-1, epsilon=config.layer_norm_eps)


def _gelu(graph: Graph, hidden: str) -> str:
    """Computes x · ½(1 + erf(x/√2)): the exact form, not the tanh one (Hendrycks and Gimpel 2016)."""
    error = graph.add("Erf", graph.add("Div", hidden, graph.scalar(float(np.sqrt(2.0)))))
    share = graph.add("Add", error, graph.scalar(1.0))
    return graph.add("Mul", graph.add("Mul", hidden, share), graph.scalar(0.5))


def _relu(graph: Graph, hidden: str) -> str:
    return graph.add("Relu", hidden)


_ACTIVATIONS = {"gelu": _gelu, "relu": _relu}
