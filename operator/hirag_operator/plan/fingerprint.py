"""The embedding fingerprint: what decides which vector a text gets.

Vectors of two fingerprints never meet in one collection. Everything that moves a vector is in it and nothing else: a
change of replicas, of a GPU or of a Service's address leaves it alone and rebuilds nothing.
"""

from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.plan.digest import digest

FINGERPRINT_LENGTH = 26  # 130 bits
COMPOSITION = "sorted-values-joined-by-space/1"  # how a text is put together from an object's properties


def fingerprint(model: EmbeddingModel) -> str:
    """Return the fingerprint (26 characters, base 32) of the vectors that a model is declared to give."""
    spec = model.spec
    return digest(
        {
            "model": _identity(model),
            "dimensions": spec.dimensions,
            "maxTokens": spec.max_tokens,
            "pooling": spec.pooling,
            "normalize": spec.normalize,
            "instructions": [spec.instructions.query, spec.instructions.passage],
            "precision": spec.runtime.precision if spec.runtime else "fp32",
            "composition": COMPOSITION,
        },
        FINGERPRINT_LENGTH,
    )


def _identity(model: EmbeddingModel) -> dict[str, Any]:
    """Return where the weights and the tokenizer come from: for an external provider, its name for the model.

    The provider's URL is left out: the same model behind another address gives the same vectors.
    """
    if model.spec.external is not None:
        return {"external": model.spec.external.model}
    if model.spec.source is None:
        raise ValueError("spec: a model has a source or an external provider")
    return model.spec.source.model_dump(by_alias=True, exclude_none=True, mode="json")
