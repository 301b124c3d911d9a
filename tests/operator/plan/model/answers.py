"""What embedding servers answer to a probe, by the way in which a test differs from a model that is in order."""

import math
import random
from typing import Any, Final

from hirag_operator.plan.model.description import Description
from hirag_operator.plan.model.probe import PROBE_TEXTS, Probed, Vector
from tests.operator.plan.objects import HUB

WEIGHTS: Final = "a" * 64
TOKENIZER: Final = "b" * 64
META: Final[dict[str, Any]] = {
    "model": HUB["huggingFace"]["repo"],
    "revision": HUB["huggingFace"]["revision"],
    "dimensions": 384,
    "max_tokens": 256,
    "pooling": "mean",
    "normalize": True,
    "precision": "fp32",
    "instructions": {"query": "", "passage": ""},
    "tokenizer": TOKENIZER,
    "weights": WEIGHTS,
    "backend": "onnxruntime",
}


def vector(text: int, dimensions: int = 384, *, model: int = 0, length: float = 1.0) -> Vector:
    """The vector of a text by a model, both by number: as unlike to others as chance makes it."""
    drawn = random.Random(f"{model} {text}")  # noqa: S311  not for secrets
    raw = [drawn.gauss(0, 1) for _ in range(dimensions)]
    scale = length / math.hypot(*raw)
    return tuple(number * scale for number in raw)


def vectors(dimensions: int = 384, *, model: int = 0, length: float = 1.0) -> tuple[Vector, ...]:
    """A vector for each probe text."""
    return tuple(vector(text, dimensions, model=model, length=length) for text in range(len(PROBE_TEXTS)))


def probed(dimensions: int = 384, *, model: int = 0, length: float = 1.0, **said: Any) -> Probed:
    """What our own embedder answers, with `said` laid over its description; None leaves a word out."""
    meta = {key: value for key, value in {**META, "dimensions": dimensions, **said}.items() if value is not None}
    return Probed(vectors(dimensions, model=model, length=length), Description.model_validate(meta))


def provided(dimensions: int = 384, *, model: int = 0, length: float = 1.0) -> Probed:
    """What a provider answers that tells nothing of itself."""
    return Probed(vectors(dimensions, model=model, length=length))
