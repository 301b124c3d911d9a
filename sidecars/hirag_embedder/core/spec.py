"""What a model must be, as declared by whoever serves it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Pooling = Literal["mean", "cls", "lastToken"]
Precision = Literal["fp32", "fp16", "int8"]
Device = Literal["auto", "cpu", "cuda"]
BackendName = Literal["onnxruntime"]


@dataclass(frozen=True)
class ModelSpec:
    """A model to serve. `None` means: as the model's folder says.

    Args:
        folder: a Hugging Face model folder: config.json, tokenizer.json, and model.safetensors or model.onnx.
        name: the name that requests use.
        revision: the pinned revision of the source, for the record.
        dimensions: length of a vector; a model with another length is refused.
        max_tokens: longer texts are cut to this many tokens, special tokens included.
        pooling: how token vectors become one vector.
        normalize: whether vectors are scaled to length 1.
        query_instruction: put before the text of a query, as it is.
        passage_instruction: put before the text of a passage, as it is.
    """

    folder: Path
    name: str
    revision: str = ""
    dimensions: int | None = None
    max_tokens: int | None = None
    pooling: Pooling | None = None
    normalize: bool = True
    query_instruction: str = ""
    passage_instruction: str = ""


@dataclass(frozen=True)
class RuntimeSpec:
    """How a model is run; nothing here may change a vector beyond rounding, but `precision`.

    Args:
        backend: the engine.
        precision: number format of weights and arithmetic.
        device: where it runs; auto takes the best that is available.
        threads: threads of one inference; 0 takes the CPU quota.
        batch_tokens: padded tokens of one batch, at most, where it runs on a CPU.
        gpu_batch_tokens: likewise on a GPU.
        turn_batches: batches that are planned at one time, over all waiting requests.
        memory_arena: keep memory between batches: faster, but the peak stays allocated.
        cache_dir: where exported ONNX files are kept; None exports anew at each start, in memory.
    """

    backend: BackendName = "onnxruntime"
    precision: Precision = "fp32"
    device: Device = "auto"
    threads: int = 0
    batch_tokens: int = 1024
    gpu_batch_tokens: int = 8192
    turn_batches: int = 4
    memory_arena: bool = True
    cache_dir: Path | None = None
