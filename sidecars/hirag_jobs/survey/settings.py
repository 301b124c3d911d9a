"""What `hirag-jobs survey` is told: by flags, which win, and by variables (`HIRAG_JOBS_…`)."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hirag_jobs.copying.settings import CollectionName, TenantName
from hirag_jobs.settings import EmbeddingSettings

HolderName = Annotated[str, StringConstraints(pattern=r"^[A-Z][_0-9A-Za-z]*(/[A-Za-z0-9_-]{1,64})?$", max_length=320)]


class SurveySettings(EmbeddingSettings):
    """Settings of `hirag-jobs survey`."""

    source: CollectionName = Field(description="collection to look at, by its own name")
    tenant: tuple[TenantName, ...] = Field(
        (), max_length=1, description="tenant to look at; by default some of those that are awake"
    )
    target: HolderName | None = Field(
        None, description="where it is to go: a note for this name is written into HiragMigrations; by default none is"
    )
    vectors: Literal["copy", "embed"] = Field("copy", description="whether vectors would be taken over, or made anew")
    ef_construction: int = Field(0, ge=0, le=100_000, description="of the index to be built; 0: it is no graph")
    pace: bool = Field(True, description="try how fast objects can be carried, and not only count tokens and bytes")
    sample: int = Field(384, ge=1, le=10_000, description="objects that are looked at")
    lanes: int = Field(3, ge=1, le=16, description="texts are embedded in so many requests at once, as a copy would")
