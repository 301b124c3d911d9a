"""ONNX Runtime as a backend.

The session options are those that measured fastest on CPUs with a quota: one session over all threads, operators in
sequence, and no spinning, which would burn the quota between batches.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from hirag_embedder.core.pooling import Floats, Ints
from hirag_kit.errors import ConfigurationError, EmbeddingError

_RANK_OF_HIDDEN_STATES = 3
_KNOWN_OUTPUTS = ("last_hidden_state", "token_embeddings")


class OnnxRuntime:
    """An encoder as ONNX, run on the CPU.

    Args:
        model: an ONNX file, or its content.
        threads: threads within one operator.
        memory_arena: keep memory between batches.
    """

    name = "onnxruntime"
    device = "cpu"

    def __init__(self, model: Path | bytes, *, threads: int, memory_arena: bool = True) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.enable_cpu_mem_arena = memory_arena
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        source = model if isinstance(model, bytes) else str(model)
        label = "the exported model" if isinstance(model, bytes) else str(model)
        try:
            self._session = ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's exceptions have no common base of their own
            raise ConfigurationError(f"ONNX Runtime cannot load {label}: {error}") from error
        self._inputs = [node.name for node in self._session.get_inputs()]
        self._output = _output_of(self._session.get_outputs(), label)
        unknown = set(self._inputs) - {"input_ids", "attention_mask", "token_type_ids"}
        if unknown:
            raise ConfigurationError(f"{label} wants inputs that an encoder of texts does not have: {sorted(unknown)}")

    def hidden_states(self, ids: Ints, mask: Ints) -> Floats:
        """See `Backend.hidden_states`."""
        given = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in self._inputs:
            given["token_type_ids"] = np.zeros_like(ids)
        try:
            hidden: Floats = self._session.run([self._output], {name: given[name] for name in self._inputs})[0]
        except Exception as error:  # as above
            raise EmbeddingError(f"ONNX Runtime failed on a batch of {ids.shape} tokens: {error}") from error
        return hidden


def _output_of(outputs: list[Any], label: str) -> str:
    """The output that holds the hidden states: by its usual name, else the one of three axes."""
    names: list[str] = [node.name for node in outputs if len(node.shape) == _RANK_OF_HIDDEN_STATES]
    for name in (*_KNOWN_OUTPUTS, *names):
        if name in names:
            return name
    raise ConfigurationError(
        f"{label} has no output [texts, tokens, dimensions]; export the model with its last hidden state "
        f"(it has {[node.name for node in outputs]})"
    )
