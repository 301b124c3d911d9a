"""Quantization: compressed vectors in memory, with Weaviate's own names, defaults and bounds.

Source: weaviate v1.35, entities/vectorindex/hnsw/{pq,bq,sq,rq}_config.go and flat/config.go.
"""

from typing import Final, Literal

from pydantic import Field

from hirag_operator.api.index_settings import MAX_INT32
from hirag_operator.api.model import SpecModel
from hirag_operator.api.rules import Rule

QuantizationType = Literal["none", "pq", "bq", "sq", "rq"]

_RESCORE: Final = "Candidates compared again by their full vectors"
_CACHE: Final = "Keeps compressed vectors in memory; only with the flat and dynamic index."


class ProductQuantizerEncoder(SpecModel):
    """How segments are encoded."""

    type: Literal["kmeans", "tile"] = Field(default="kmeans", description="Kind of encoder.")
    distribution: Literal["log-normal", "normal"] = Field(
        default="log-normal", description="Distribution that the tile encoder assumes."
    )


class ProductQuantization(SpecModel):
    """PQ: segments of the vector become one byte each, trained on the data."""

    segments: int = Field(
        default=0,
        ge=0,
        le=65_535,
        description="Segments of a vector; must divide the model's dimensions. 0 lets Weaviate choose.",
    )
    centroids: int = Field(default=256, ge=2, le=256, description="Centroids of each segment.")
    training_limit: int = Field(
        default=100_000, ge=1, le=MAX_INT32, description="Objects of a shard that the quantizer is trained on."
    )
    encoder: ProductQuantizerEncoder = Field(
        default_factory=ProductQuantizerEncoder, description="How segments are encoded."
    )


class BinaryQuantization(SpecModel):
    """BQ: one bit for each dimension; for models of many dimensions."""

    rescore_limit: int | None = Field(
        default=None,
        ge=-1,
        le=MAX_INT32,
        description=f"{_RESCORE}; Weaviate chooses when absent or -1. Only with the flat and dynamic index.",
    )
    cache: bool = Field(default=False, description=_CACHE)


class ScalarQuantization(SpecModel):
    """SQ: one byte for each dimension, trained on the data."""

    training_limit: int = Field(
        default=100_000, ge=1, le=MAX_INT32, description="Objects of a shard that the quantizer is trained on."
    )
    rescore_limit: int = Field(default=20, ge=-1, le=MAX_INT32, description=f"{_RESCORE}.")


class RotationalQuantization(SpecModel):
    """RQ: a random rotation, then 8 bits or 1 for each dimension; needs no training."""

    bits: Literal[1, 8] = Field(default=8, description="Bits for each dimension.")
    rescore_limit: int | None = Field(
        default=None,
        ge=-1,
        le=MAX_INT32,
        description=f"{_RESCORE}; when absent 20 with 8 bits, 512 with 1 bit, and Weaviate's choice on the flat index.",
    )
    cache: bool = Field(default=False, description=_CACHE)


def _only_with(quantizer: str) -> Rule:
    return Rule(
        f"!has(self.{quantizer}) || self.type == '{quantizer}'",
        lambda it: getattr(it, quantizer) is None or it.type == quantizer,
        f"quantization.{quantizer} goes with quantization.type {quantizer}; set the type, or remove the section",
        quantizer,
    )


class Quantization(SpecModel):
    """Which quantizer compresses the vectors, and its settings."""

    type: QuantizationType = Field(
        default="none",
        description="The quantizer; none also overrides a default quantization of the server. "
        "Once data is compressed, a change rebuilds the index.",
    )
    pq: ProductQuantization | None = Field(default=None, description="Settings of product quantization.")
    bq: BinaryQuantization | None = Field(default=None, description="Settings of binary quantization.")
    sq: ScalarQuantization | None = Field(default=None, description="Settings of scalar quantization.")
    rq: RotationalQuantization | None = Field(default=None, description="Settings of rotational quantization.")

    rules = tuple(_only_with(quantizer) for quantizer in ("pq", "bq", "sq", "rq"))

    @property
    def effective_pq(self) -> ProductQuantization:
        """The section, or its defaults where it is left out."""
        return self.pq or ProductQuantization()

    @property
    def effective_bq(self) -> BinaryQuantization:
        """The section, or its defaults where it is left out."""
        return self.bq or BinaryQuantization()

    @property
    def effective_sq(self) -> ScalarQuantization:
        """The section, or its defaults where it is left out."""
        return self.sq or ScalarQuantization()

    @property
    def effective_rq(self) -> RotationalQuantization:
        """The section, or its defaults where it is left out."""
        return self.rq or RotationalQuantization()
