"""What an index must achieve: recall, latency, memory."""

from pydantic import Field

from hirag_operator.api.model import SpecModel
from hirag_operator.api.quantities import Quantity


class RecallObjective(SpecModel):
    """Part of the true nearest neighbours that searches must find."""

    target: float = Field(ge=0.5, le=1, description="Least recall@k, as a fraction.")
    k: int = Field(default=10, ge=1, le=1000, description="Neighbours that are compared.")
    sample_size: int = Field(default=100, ge=10, le=10_000, description="Queries that are measured.")


class LatencyObjective(SpecModel):
    """How fast searches must be."""

    p95_milliseconds: int = Field(
        ge=1, le=60_000, description="Most milliseconds that 95 of 100 searches may take, on the server."
    )


class MemoryObjective(SpecModel):
    """How much memory the index may take."""

    limit: Quantity = Field(
        description="Most memory of one level's vectors and graph, in bytes; reported before it hurts."
    )


class Objectives(SpecModel):
    """What the index must achieve; measured on live data and reported, never assumed."""

    recall: RecallObjective | None = Field(default=None, description="Part of the true neighbours to be found.")
    latency: LatencyObjective | None = Field(default=None, description="How fast searches must be.")
    memory: MemoryObjective | None = Field(default=None, description="How much memory the index may take.")
