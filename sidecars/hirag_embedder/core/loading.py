"""From a declared model to one that computes, or to the reason why not."""

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

import structlog

from hirag_embedder.core.cpu import available_cpus
from hirag_embedder.core.engine import Engine
from hirag_embedder.core.export.exporter import export, exported
from hirag_embedder.core.folder import ModelFolder
from hirag_embedder.core.onnx_runtime import OnnxRuntime, known_devices
from hirag_embedder.core.spec import ModelSpec, RuntimeSpec
from hirag_embedder.core.tokenization import TextTokenizer
from hirag_kit.errors import ConfigurationError
from hirag_kit.wire import EmbedderMeta, Instructions

_PRECISIONS = ("fp32", "fp16")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class LoadedModel:
    """A model that has proved itself with a probe.

    Args:
        meta: what it is, as clients are told.
        engine: computes its vectors.
    """

    meta: EmbedderMeta
    engine: Engine


def check_runtime(runtime: RuntimeSpec) -> None:
    """Refuses what this build cannot do, before anything is loaded.

    Raises:
        ConfigurationError: naming what is available instead.
    """
    if runtime.precision not in _PRECISIONS:
        raise ConfigurationError(f"precision {runtime.precision} is not available; available: {', '.join(_PRECISIONS)}")
    if runtime.device not in known_devices():
        raise ConfigurationError(
            f"device {runtime.device} is not available in this build; available: {', '.join(known_devices())}"
        )


def load(spec: ModelSpec, runtime: RuntimeSpec) -> LoadedModel:
    """Loads a model and proves it by a probe. Takes seconds: reads, checks and exports the weights.

    Raises:
        ConfigurationError: when the folder does not hold what was declared, or the runtime cannot do what was asked.
        EmbeddingError: when the probe's vector is wrong.
    """
    check_runtime(runtime)
    folder = ModelFolder(spec.folder)
    max_tokens = _max_tokens(spec, folder)
    pooling = spec.pooling or folder.pooling or "mean"
    instructions = Instructions(query=spec.query_instruction, passage=spec.passage_instruction)
    threads = runtime.threads or available_cpus()
    backend = OnnxRuntime(
        _onnx(folder, runtime), threads=threads, memory_arena=runtime.memory_arena, device=runtime.device
    )
    tokenizer = TextTokenizer(
        folder, max_tokens, {"query": spec.query_instruction, "passage": spec.passage_instruction}
    )
    batch_tokens = runtime.batch_tokens if backend.device == "cpu" else runtime.gpu_batch_tokens
    engine = Engine(tokenizer, backend, pooling, spec.normalize, batch_tokens)
    dimensions = engine.probe()
    if spec.dimensions is not None and spec.dimensions != dimensions:
        raise ConfigurationError(
            f"{spec.dimensions} dimensions are declared, and the model's vectors have {dimensions}"
        )
    meta = EmbedderMeta(
        model=spec.name,
        revision=spec.revision,
        dimensions=dimensions,
        max_tokens=max_tokens,
        pooling=pooling,
        normalize=spec.normalize,
        precision=runtime.precision,
        instructions=instructions,
        tokenizer=folder.tokenizer_sha256,
        weights=folder.weights_sha256,
        backend=backend.name,
        device=backend.device,
        version=importlib.metadata.version("hirag-operator"),
    )
    _log.info("model loaded", threads=threads, batch_tokens=batch_tokens, **meta.model_dump())
    return LoadedModel(meta, engine)


def _onnx(folder: ModelFolder, runtime: RuntimeSpec) -> Path | bytes:
    if folder.onnx is not None:
        if runtime.precision != "fp32":
            raise ConfigurationError(
                f"precision {runtime.precision} cannot be had of {folder.onnx}, which is served as it is: "
                "leave the precision at fp32, or give model.safetensors in its place"
            )
        return folder.onnx
    if runtime.cache_dir is None:
        return export(folder, runtime.precision)
    return exported(folder, runtime.cache_dir, runtime.precision)


def _max_tokens(spec: ModelSpec, folder: ModelFolder) -> int:
    limit, declared = folder.max_positions, spec.max_tokens or folder.max_tokens
    if declared is None:
        raise ConfigurationError(f"{folder.path} does not tell how many tokens the model takes: declare max tokens")
    if limit is not None and declared > limit:
        raise ConfigurationError(f"{declared} tokens are declared, and the model has positions for {limit} only")
    return declared
