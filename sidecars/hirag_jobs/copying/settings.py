"""What `hirag-jobs migrate` is told: by flags, which win, and by variables (`HIRAG_JOBS_…`)."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from hirag_jobs.settings import EmbeddingSettings

CollectionName = Annotated[str, StringConstraints(pattern=r"^[A-Z][_0-9A-Za-z]*$", max_length=255)]
TenantName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class MigrateSettings(EmbeddingSettings):
    """Settings of `hirag-jobs migrate`."""

    source: CollectionName = Field(description="collection to read, by its own name: an alias may be moved meanwhile")
    target: CollectionName = Field(description="collection to write, which must exist; nothing else should write to it")
    tenant: tuple[TenantName, ...] = Field((), description="tenant to copy, repeatable; by default all of the source")
    vectors: Literal["copy", "embed"] = Field("copy", description="take vectors over, or have new ones made")
    since: datetime | None = Field(
        None,
        description="when the target was made, RFC 3339: what changed before is as new there; by default what may be "
        "older on the target is found by a walk and carried again",
    )
    share: str = Field(
        "1/1", pattern=r"^\d{1,4}/\d{1,4}$", description="which part of all ids: 2/4 is the second of four"
    )
    verify: bool = Field(True, description="compare both sides at the end")
    follow: bool = Field(
        False, description="go on carrying what changes, and seal the copy when a freeze is noted in HiragMigrations"
    )
    rate: int = Field(0, ge=0, description="the most objects a second; 0 is as fast as it goes")
    lanes: int = Field(3, ge=1, le=16, description="pages that are written, or embedded, at once")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        number, of = self.shares
        if not 1 <= number <= of:
            raise ValueError("share must be a number from 1 on and how many there are, such as 2/4")
        if self.since is not None and self.since.tzinfo is None:
            raise ValueError("since must say its time zone, such as 2026-01-31T12:00:00Z")
        return self

    @property
    def shares(self) -> tuple[int, int]:
        """Which share this is, from 1 on, and of how many."""
        number, of = self.share.split("/")
        return int(number), int(of)
