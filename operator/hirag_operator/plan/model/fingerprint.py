"""The embedding fingerprint: what decides which vector a text gets.

Vectors of two fingerprints never meet in one collection. It has a declared part and the identity of what truly answers:
the checksums of weights and tokenizer where the server tells them, so that the same files from the hub, a volume or an
image share one fingerprint, and other files behind the same path have another. A change of replicas, of a GPU or of an
address leaves it alone and rebuilds nothing.
"""

from collections.abc import Mapping
from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.plan.digest import digest
from hirag_operator.plan.model.description import Description
from hirag_operator.plan.vectors import VERSION

FINGERPRINT_LENGTH = 26  # 130 bits
COMPOSITION = "sorted-values-joined-by-space/1"  # how a text is put together from an object's properties

Identity = Mapping[str, Any]


def fingerprint(model: EmbeddingModel, identity: Identity) -> str:
    """Return the fingerprint (26 characters, base 32) of a model that answers as `identity`."""
    return digest({**_settings(model), "identity": identity}, FINGERPRINT_LENGTH)


def identity(model: EmbeddingModel, description: Description | None) -> Identity:
    """Return the identity of what answers: by its files where it names them, else by the provider's name for it."""
    named = description.identity if description else None
    if named is not None:
        return named
    if model.spec.external is None:
        raise ValueError("spec.source: the embedder of a served model names its files")
    return {"model": model.spec.external.model}


def declaration(model: EmbeddingModel) -> str:
    """Return a digest of all that a user declares about the vectors: the settings, and where the model comes from.

    While it stays, the vectors must stay; when it changes, its author wants others. The address of a provider is not in
    it: it is no promise of other vectors. The version of the probe is: what another one answered tells nothing.
    """
    spec = model.spec
    origin = spec.source.to_wire() if spec.source else {"model": spec.external.model if spec.external else ""}
    return digest(
        {
            **_settings(model),
            "instructions": [spec.instructions.query, spec.instructions.passage],
            "precision": spec.effective_runtime.precision,
            "origin": origin,
            "described": describes_itself(model),
            "probe": VERSION,
        },
        FINGERPRINT_LENGTH,
    )


def describes_itself(model: EmbeddingModel) -> bool:
    """Return whether the server answers at its root too (`/meta`, `/vectors`), as this project's embedder does."""
    return model.spec.external is None or model.spec.external.vectorizer != "none"


def _settings(model: EmbeddingModel) -> dict[str, Any]:
    spec = model.spec
    return {
        "dimensions": spec.dimensions,
        "maxTokens": spec.max_tokens,
        "pooling": spec.pooling,
        "normalize": spec.normalize,
        "composition": COMPOSITION,
    }
