"""Judging a live probe: do the vectors that came back, and the server's own words, fit what the model declares?"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.conditions import Reason
from hirag_operator.plan.model.description import Description
from hirag_operator.plan.model.embedderprocess import served_revision
from hirag_operator.plan.model.fingerprint import describes_itself
from hirag_operator.plan.vectors import sketch

# Diverse, so that models differ on them: a question, a statement, other scripts, code. Changing one, or their order,
# takes a new version of the sketches (see `plan/vectors.py`).
PROBE_QUERY = "Which service owns the index?"
PROBE_PASSAGES = (
    "The operator proves a model before it trusts it.",
    "Größere Übersichten: 向量は意味を運ぶ; Слова значат.",
    "SELECT count(*) FROM orders WHERE total > 1000.50 AND state = 'open';",
)
PROBE_TEXTS = (PROBE_QUERY, *PROBE_PASSAGES)

NORM_TOLERANCE = 1e-3
NORMS = (1.2e-38, 3.4e38)  # what floats of 32 bits, as Weaviate keeps, tell from zero and from infinity
SAME_COSINE = 0.99999  # above it two vectors of different texts differ by noise alone

Vector = tuple[float, ...]


@dataclass(frozen=True)
class Probed:
    """What came back: a vector for each of PROBE_TEXTS, and the server's own description where it has one."""

    vectors: tuple[Vector, ...]
    description: Description | None = None

    @property
    def dimensions(self) -> tuple[int, ...]:
        """Return the length of each vector, in numbers."""
        return tuple(map(len, self.vectors))

    @cached_property
    def norms(self) -> tuple[float, ...]:
        """Return the Euclidean norm of each vector."""
        return tuple(math.hypot(*vector) for vector in self.vectors)

    @cached_property
    def sketch(self) -> str:
        """Return the sketch of vectors that are no longer complained of."""
        return sketch(self.vectors)


@dataclass(frozen=True)
class Complaint:
    """What stands against a model, with the remedy; `passes` when waiting may help."""

    reason: Reason
    message: str
    passes: bool = False


def complaint(model: EmbeddingModel, probed: Probed) -> Complaint | None:
    """Return what contradicts the declaration; None when all is as declared."""
    spec = model.spec
    wrong = next((count for count in probed.dimensions if count != spec.dimensions), None)
    if wrong is not None:
        return Complaint(
            Reason.DIMENSIONS_MISMATCH,
            f"spec.dimensions is {spec.dimensions}, but the model answers {wrong} dimensions; set spec.dimensions to "
            f"{wrong} or name the model that was meant",
        )
    if (unusable := _unusable(probed)) is not None:
        return Complaint(Reason.VECTORS_UNUSABLE, unusable)
    if spec.source and spec.normalize and any(abs(norm - 1) > NORM_TOLERANCE for norm in probed.norms):
        words = "spec.normalize is true, but the vectors' norms are not 1; is another server answering at this address?"
        return Complaint(Reason.DECLARATION_MISMATCH, words)
    return _mismatch(model, probed.description or Description()) if describes_itself(model) else None


def _unusable(probed: Probed) -> str | None:
    if not all(NORMS[0] < norm < NORMS[1] for norm in probed.norms):
        return "the model answers vectors that are zero or not finite; its weights or precision are broken"
    first, others = probed.vectors[0], probed.vectors[1:]
    if len(first) > 1 and all(_cosine(first, other) > SAME_COSINE for other in others):
        return "the model answers the same vector to different texts; its weights, tokenizer or pooling are broken"
    return None


def _cosine(one: Vector, other: Vector) -> float:
    product = sum(left * right for left, right in zip(one, other, strict=True))
    return product / math.hypot(*one) / math.hypot(*other)


def _mismatch(model: EmbeddingModel, said: Description) -> Complaint | None:
    for name, declared, told in _claims(model, said):
        if told is not None and told != declared:
            message = f"spec.{name} is {declared!r}, but the server says {told!r}; {_remedy(model, told)}"
            # The pods of our own are started as the spec says: one that says otherwise is about to go.
            return Complaint(Reason.DECLARATION_MISMATCH, message, passes=model.spec.source is not None)
    if model.spec.source and said.identity is None:
        message = "the server's /meta names no checksums of weights and tokenizer; serve the model with this embedder"
        return Complaint(Reason.DECLARATION_MISMATCH, message)
    return None


def _remedy(model: EmbeddingModel, told: Any) -> str:
    if model.spec.external:
        return f"set it to {told!r}, or correct spec.external.url"
    return "is a pod of an earlier version, or another server, answering at this address?"


def _claims(model: EmbeddingModel, said: Description) -> Iterator[tuple[str, Any, Any]]:
    """Yield field, declared value and the server's; what the server leaves out is no contradiction."""
    spec = model.spec
    if spec.source is not None:
        yield "source", served_revision(model), said.revision
    yield "dimensions", spec.dimensions, said.dimensions
    yield "maxTokens", spec.max_tokens, said.max_tokens
    yield "pooling", spec.pooling, said.pooling
    yield "normalize", spec.normalize, said.normalize
    if spec.source is None:
        return  # precision and instructions of a provider are its own; the fingerprint takes them from its words
    yield "runtime.precision", spec.effective_runtime.precision, said.precision
    if said.instructions is not None:
        yield "instructions.query", spec.instructions.query, said.instructions.query
        yield "instructions.passage", spec.instructions.passage, said.instructions.passage
