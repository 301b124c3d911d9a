"""ONNX Runtime as a backend.

The session options are those that measured fastest on CPUs with a quota: one session over all threads, operators in
sequence, and no spinning, which would burn the quota between batches. Whether a GPU can be used is known only once a
session was made: a build with CUDA runs on machines without one.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort

from hirag_embedder.core.pooling import Floats, Ints
from hirag_embedder.core.spec import Device
from hirag_kit.errors import ConfigurationError, EmbeddingError

_RANK_OF_HIDDEN_STATES = 3
_KNOWN_OUTPUTS = ("last_hidden_state", "token_embeddings")
_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
# TensorFloat-32 would round the factors of every product to ten bits, and so move vectors.
_CUDA_OPTIONS = {"use_tf32": "0"}


def known_devices() -> tuple[Device, ...]:
    """What this build can be told to run on."""
    return ("auto", "cpu", "cuda") if _CUDA in ort.get_available_providers() else ("auto", "cpu")


class OnnxRuntime:
    """An encoder as ONNX.

    Args:
        model: an ONNX file, or its content.
        threads: threads within one operator.
        memory_arena: keep memory between batches.
        device: where it runs; auto takes a GPU where there is one that can be used.

    Attributes:
        device: where it does run, `cpu` or `cuda`.

    Raises:
        ConfigurationError: when the model cannot be loaded or is no encoder of texts, or no GPU can be used for `cuda`.
    """

    name = "onnxruntime"

    def __init__(self, model: Path | bytes, *, threads: int, memory_arena: bool = True, device: Device = "cpu") -> None:
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
            self._session = ort.InferenceSession(source, options, providers=_providers(device))
        except Exception as error:  # the runtime's exceptions have no common base of their own
            raise ConfigurationError(f"ONNX Runtime cannot load {label}: {error}") from error
        self.device = "cuda" if _CUDA in self._session.get_providers() else "cpu"
        if device == "cuda" != self.device:
            raise ConfigurationError(
                "device cuda: no GPU can be used here; give the pod one whose driver is of CUDA "
                f"{ort.cuda_version or 'support'} or newer, or set the device to auto to run on the CPU"
            )
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


def _providers(device: Device) -> list[Any]:
    if device == "cpu" or "cuda" not in known_devices():
        return [_CPU]
    ort.preload_dlls(directory="")  # CUDA's libraries, where they were installed beside the runtime
    return [(_CUDA, _CUDA_OPTIONS), _CPU]


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
