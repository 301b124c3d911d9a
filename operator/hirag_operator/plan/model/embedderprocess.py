"""The embedder's process as its pod starts it: its environment and the name that it serves a model under."""

from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.plan.digest import digest

PORT = 8080
CACHE_DIR = "/var/cache/hirag"
_REVISION_LENGTH = 16  # of base 32: 80 bits


def embedder_environment(model: EmbeddingModel, model_dir: str) -> dict[str, str]:
    """Return the environment of the embedder's process, as its Settings read it."""
    spec, runtime = model.spec, model.spec.effective_runtime
    values: dict[str, Any] = {
        "MODEL_DIR": model_dir,
        "MODEL_NAME": served_name(model),
        "MODEL_REVISION": served_revision(model),
        "DIMENSIONS": spec.dimensions,
        "MAX_TOKENS": spec.max_tokens,
        "POOLING": spec.pooling,
        "NORMALIZE": str(spec.normalize).lower(),
        "QUERY_INSTRUCTION": spec.instructions.query,
        "PASSAGE_INSTRUCTION": spec.instructions.passage,
        "BACKEND": runtime.backend,
        "PRECISION": runtime.precision,
        "DEVICE": runtime.device,
        "PRESET": runtime.preset,
        "CACHE_DIR": CACHE_DIR,
        "HOST": "0.0.0.0",  # noqa: S104  the Service reaches the pod from outside of it
        "PORT": PORT,
    }
    if runtime.batching is not None and runtime.batching.max_tokens is not None:
        values["BATCH_TOKENS"] = runtime.batching.max_tokens
    return {f"HIRAG_EMBEDDER_{name}": str(value) for name, value in values.items() if value != ""}


def served_name(model: EmbeddingModel) -> str:
    """Return the model's name in requests: the provider's, the repository's, or the object's own."""
    if model.spec.external is not None:
        return model.spec.external.model
    source = model.spec.source
    return source.hugging_face.repo if source and source.hugging_face else model.metadata.name


def served_revision(model: EmbeddingModel) -> str:
    """Return what the embedder is to tell as its revision: the commit on the hub, else a digest of where the files are.

    By it a pod that still serves an earlier source is told from those that serve the present one.
    """
    source = model.spec.source
    if source is None:
        return ""
    return source.hugging_face.revision if source.hugging_face else digest(source.to_wire(), _REVISION_LENGTH)
