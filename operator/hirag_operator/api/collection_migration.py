"""How a change that needs a new revision of the data is carried through."""

from typing import Annotated, Literal

from pydantic import Field

from hirag_operator.api.durations import Duration
from hirag_operator.api.model import SpecModel
from hirag_operator.api.text import Matches

FreezeDuration = Annotated[
    str,
    Field(min_length=2, max_length=3, examples=["2s"]),
    Matches("^([1-9]|[1-5][0-9]|60)s$", "must be 1s to 60s"),
]
GoldenQuery = Annotated[str, Field(min_length=1, max_length=256)]  # a hundred fit into one variable of a pod


class Verification(SpecModel):
    """What must hold of the new revision before it takes over."""

    min_recall: float = Field(
        default=0.95,
        ge=0,
        le=1,
        description="Least recall of the index against brute force on the same vectors, as a fraction.",
    )
    sample_size: int = Field(default=100, ge=1, le=10_000, description="Queries and objects that are compared.")
    golden_queries: Annotated[list[GoldenQuery], Field(max_length=100)] | None = Field(
        default=None,
        description="Questions of your own by which the recall of the new index is measured too, embedded by the "
        "model; minRecall holds for them as well.",
    )


class Migration(SpecModel):
    """How a change that needs a new revision of the data is carried through."""

    approval: Literal["Auto", "Manual"] = Field(
        default="Auto",
        description="Auto: migrations begin by themselves; Manual: each waits until approvedPlan names it.",
    )
    approved_plan: str | None = Field(
        default=None,
        max_length=128,
        description="With approval Manual, the status.migration.plan that may begin; the annotation hirag.dev/approve "
        "says the same.",
    )
    verify_: Verification = Field(
        default_factory=Verification,
        alias="verify",
        description="What must hold of the new revision before it takes over.",
    )
    max_freeze: FreezeDuration = Field(
        default="2s",
        description="How long writes may be refused at the swap, 1s to 60s; a freeze that would take longer is given "
        "up and tried again.",
    )
    search_slowdown: float = Field(
        default=0,
        ge=0,
        le=1000,
        description="How many times longer searches may take while data is carried, by their 95th percentile; the Job "
        "measures it and writes less at once. 0: as fast as it goes.",
    )
    objects_per_second: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Most objects that are carried a second, of each level, until all that there were are; what is "
        "written meanwhile is not held back. 0: no limit.",
    )
    soak: Duration = Field(
        default="10m",
        description="How long the previous revision is kept read-only after the swap; 0s removes it at once.",
    )
    keep_previous: bool = Field(
        default=False, description="Whether the previous revision is kept after the soak, until this is false again."
    )
