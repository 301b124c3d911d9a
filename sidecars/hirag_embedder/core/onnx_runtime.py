"""ONNX Runtime as a backend.

The session options are those that measured fastest on CPUs with a quota: one session over all threads, operators in
sequence, and no spinning, which would burn the quota between batches. Whether a GPU can be used is known only once a
session was made: a build with CUDA runs on machines without one.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import structlog

from hirag_embedder.core.backend import OutOfMemoryError
from hirag_embedder.core.gpu_pooling import BoundPooling
from hirag_embedder.core.pooling import Floats, Ints, pool
from hirag_embedder.core.spec import Device, Pooling
from hirag_kit.errors import ConfigurationError, EmbeddingError

_RANK_OF_HIDDEN_STATES = 3
_KNOWN_OUTPUTS = ("last_hidden_state", "token_embeddings")
_CPU, _CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
# TensorFloat-32 would round the factors of every product to ten bits, and so move vectors.
_CUDA_OPTIONS = {"use_tf32": "0"}
# The words of ONNX Runtime's arena, of CUDA, of cuBLAS and of C++: no status tells this failure from others.
_OUT_OF_MEMORY = re.compile("allocate memory|smaller than requested bytes|out of memory|ALLOC_FAILED|bad_alloc")

_log = structlog.get_logger(__name__)


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
        self._options, self._providers = options, _providers(device)
        self._poolings: dict[Pooling, BoundPooling] = {}
        source = model if isinstance(model, bytes) else str(model)
        label = "the exported model" if isinstance(model, bytes) else str(model)
        self._session = self._load(source, label, device)
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

    def _load(self, source: bytes | str, label: str, device: Device) -> ort.InferenceSession:
        """A session on the providers; on the CPU alone where auto finds a GPU that cannot be used.

        The runtime would turn to the CPU by itself, and hide the reason from `cuda`.
        """
        try:
            return ort.InferenceSession(source, self._options, providers=self._providers, enable_fallback=0)
        except Exception as error:  # the runtime's exceptions have no common base of their own
            if self._providers == [_CPU]:
                raise ConfigurationError(f"ONNX Runtime cannot load {label}: {error}") from error
            if device == "cuda":
                why = "it has no memory left for the model" if _OUT_OF_MEMORY.search(str(error)) else "it fails"
                raise ConfigurationError(
                    f"device cuda: the GPU cannot be used, {why}; free it or give the pod another, or set the device "
                    f"to auto to run on the CPU: {error}"
                ) from error
            _log.warning("the GPU cannot be used, and the CPU is", reason=str(error))
            self._providers = [_CPU]
            return self._load(source, label, device)

    def pooled(self, ids: Ints, mask: Ints, pooling: Pooling) -> Floats:
        """See `Backend.pooled`. On a GPU what is copied from it are the vectors of the texts alone."""
        if self.device == "cpu":
            return pool(self.hidden_states(ids, mask), mask, pooling)
        if pooling not in self._poolings:
            self._poolings[pooling] = BoundPooling(pooling, self._providers, self._options)
        with _failures(ids):
            binding = self._session.io_binding()
            for name, values in self._given(ids, mask).items():
                binding.bind_cpu_input(name, values)
            binding.bind_output(self._output, self.device)
            self._session.run_with_iobinding(binding)
            return self._poolings[pooling](binding.get_outputs()[0], mask)

    def hidden_states(self, ids: Ints, mask: Ints) -> Floats:
        """The last layer's vectors of all tokens.

        Args:
            ids: token numbers, [texts, tokens], padded on the right.
            mask: 1 for a token and 0 for padding, [texts, tokens].

        Returns:
            [texts, tokens, dimensions]; what stands at padding is of no meaning.

        Raises:
            OutOfMemoryError: when a smaller batch may fit.
            EmbeddingError: when the batch fails otherwise.
        """
        with _failures(ids):
            hidden: Floats = self._session.run([self._output], self._given(ids, mask))[0]
        return hidden

    def _given(self, ids: Ints, mask: Ints) -> dict[str, Ints]:
        given = {"input_ids": ids, "attention_mask": mask}
        if "token_type_ids" in self._inputs:
            given["token_type_ids"] = np.zeros_like(ids)
        return {name: given[name] for name in self._inputs}


@contextmanager
def _failures(ids: Ints) -> Iterator[None]:
    """Give every failure of a batch as one of ours."""
    try:
        yield
    except Exception as error:  # the runtime's exceptions have no common base of their own
        told = f"ONNX Runtime failed on a batch of {ids.shape} tokens: {error}"
        raise (OutOfMemoryError if _OUT_OF_MEMORY.search(told) else EmbeddingError)(told) from error


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
