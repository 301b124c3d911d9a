"""Judging a live probe: do the vectors that came back fit what the model declares?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hirag_operator.api import EmbeddingModel

PROBE_TEXTS = ("Which service owns the index?", "The operator proves a model before it trusts it.")
NORM_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Probed:
    """What came back: length and Euclidean norm of each vector, and the server's own description where it has one."""

    dimensions: tuple[int, ...]
    norms: tuple[float, ...]
    meta: Mapping[str, Any] = field(default_factory=dict)


def complaint(model: EmbeddingModel, probed: Probed) -> str | None:
    """Return what contradicts the declaration, with the remedy; None when all is as declared."""
    spec = model.spec
    wrong = [count for count in probed.dimensions if count != spec.dimensions]
    if wrong:
        return (
            f"spec.dimensions is {spec.dimensions}, but the model answers {wrong[0]} dimensions; "
            f"set spec.dimensions to {wrong[0]} or name the model that was meant"
        )
    if not all(0 < norm < float("inf") for norm in probed.norms):
        return "the model answers vectors that are zero or not finite; its weights or precision are broken"
    if model.spec.source and spec.normalize and any(abs(norm - 1) > NORM_TOLERANCE for norm in probed.norms):
        return "spec.normalize is true, but the vectors' norms are not 1; is another server answering at this address?"
    return _meta_complaint(model, probed.meta)


def _meta_complaint(model: EmbeddingModel, meta: Mapping[str, Any]) -> str | None:
    """Compare the server's own description where it gives one; an absent field is no contradiction."""
    declared = {"pooling": model.spec.pooling, "normalize": model.spec.normalize, "max_tokens": model.spec.max_tokens}
    for name, value in declared.items():
        if name in meta and meta[name] != value:
            return f"the server says {name} {meta[name]!r}, but spec says {value!r}; make the two agree"
    return None
