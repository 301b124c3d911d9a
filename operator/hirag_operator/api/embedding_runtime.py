"""How the embedder runs a model: backend, precision, batches, cache."""

from typing import Literal

from pydantic import Field

from hirag_operator.api.durations import Duration
from hirag_operator.api.model import SpecModel
from hirag_operator.api.quantities import Quantity


class Batching(SpecModel):
    """Bounds of one batch; the preset chooses what is absent."""

    max_tokens: int | None = Field(
        default=None, ge=1, le=1_048_576, description="Most tokens computed in one batch, padding included."
    )
    max_requests: int | None = Field(default=None, ge=1, le=65_536, description="Most texts computed in one batch.")


class Cache(SpecModel):
    """In-memory cache of embeddings in each replica, keyed by fingerprint and text."""

    max_bytes: Quantity = Field(
        default="256Mi", description="Most memory that the cache uses, in bytes; 0 turns it off."
    )
    ttl: Duration | None = Field(
        default=None, description="Age after which an entry is computed anew; never when absent."
    )


class Runtime(SpecModel):
    """How our embedder runs the model."""

    backend: Literal["onnxruntime"] = Field(default="onnxruntime", description="Inference engine.")
    precision: Literal["fp32", "fp16", "int8"] = Field(
        default="fp32",
        description="Number format of the weights; part of the fingerprint, since it changes the vectors.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        default="auto", description="Where the model runs; auto takes a GPU when the pod has one."
    )
    preset: Literal["balanced", "highThroughput", "lowLatency", "lowMemory"] = Field(
        default="balanced", description="What batches, threads and memory are tuned for."
    )
    batching: Batching | None = Field(default=None, description="Bounds of one batch, over the preset's.")
    cache: Cache | None = Field(default=None, description="Cache of embeddings; the preset decides when absent.")
