"""What an index must achieve: recall, latency, memory; how often that is measured, and what may be tuned for it."""

from pydantic import Field

from hirag_operator.api.durations import LongDuration
from hirag_operator.api.index_settings import MAX_INT32
from hirag_operator.api.model import SpecModel
from hirag_operator.api.quantities import Quantity
from hirag_operator.api.rules import Rule


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
        description="Most memory of one level's vectors and graph, in bytes, by an estimate; told from 80 % of it on."
    )


class EfBounds(SpecModel):
    """Between which values ef is looked for."""

    min: int = Field(ge=1, le=MAX_INT32, description="Least ef, in candidates.")
    max: int = Field(
        ge=1, le=MAX_INT32, description="Most ef, in candidates; what searches begin with, and where none is enough."
    )

    rules = (
        Rule(
            "self.min <= self.max",
            lambda it: it.min <= it.max,
            "objectives.tuning.ef.min must not exceed objectives.tuning.ef.max",
            "min",
        ),
    )


class Tuning(SpecModel):
    """What the operator may change by itself, in place, to meet the objectives."""

    ef: EfBounds = Field(
        description="The smallest ef within these bounds is found and kept that meets recall.target, for each level "
        "of a collection of its own. A level of a pool is searched with max."
    )


class Objectives(SpecModel):
    """What the index must achieve; measured on live data and reported, never assumed."""

    recall: RecallObjective | None = Field(default=None, description="Part of the true neighbours to be found.")
    latency: LatencyObjective | None = Field(default=None, description="How fast searches must be.")
    memory: MemoryObjective | None = Field(default=None, description="How much memory the index may take.")
    interval: LongDuration = Field(
        default="1d",
        description="How long a measurement counts, such as 7d or 12h. What changed the index, or halved or doubled "
        "its objects, is measured without waiting for that.",
    )
    tuning: Tuning | None = Field(
        default=None, description="What may be changed to meet them; left out, they are measured and reported alone."
    )

    rules = (
        Rule(
            "!has(self.tuning) || has(self.recall)",
            lambda it: it.tuning is None or it.recall is not None,
            "objectives.tuning needs objectives.recall: ef is found by the recall that it gives",
            "tuning",
        ),
    )

    @property
    def effective_recall(self) -> RecallObjective:
        """How recall is measured, whether it is an objective or not."""
        return self.recall or RecallObjective(target=0.5)
