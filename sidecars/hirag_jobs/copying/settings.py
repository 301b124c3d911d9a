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
    into_tenant: TenantName | None = Field(
        None, description="tenant of the target to write to, where it is called otherwise or the source has none"
    )
    vectors: Literal["copy", "embed"] = Field("copy", description="take vectors over, or have new ones made")
    since: datetime | None = Field(
        None,
        description="when the target was made, RFC 3339: what changed before is as new there; by default what may be "
        "older on the target is found by a walk and carried again",
    )
    share: str = Field(
        "1/1", pattern=r"^\d{1,4}/\d{1,4}$", description="which part of all ids: 2/4 is the second of four"
    )
    shares: int | None = Field(None, ge=1, le=9999, description="how many shares there are, in place of --share")
    index: int | None = Field(None, ge=0, description="which of --shares this is, from 0: the index of an Indexed Job")
    verify: bool = Field(True, description="compare both sides at the end; with --follow, before a freeze is heeded")
    follow: bool = Field(
        False, description="go on carrying what changes, and seal the copy when a freeze is noted in HiragMigrations"
    )
    sample: int = Field(
        0, ge=0, le=10_000, description="with --follow: queries for the recall of the target's index; 0 measures none"
    )
    question: tuple[Annotated[str, StringConstraints(min_length=1, max_length=2048)], ...] = Field(
        (), max_length=100, description="with --sample: a question of one's own to measure by as well; repeatable"
    )
    k: int = Field(10, ge=1, le=1000, description="nearest neighbours that such a query should find")
    rate: int = Field(0, ge=0, description="the most objects a second; 0 is as fast as it goes")
    search_slowdown: float = Field(
        0.0,
        ge=0,
        le=1000,
        description="how many times longer searches of the source may take meanwhile, above 1; 0 is as fast as it goes",
    )
    lanes: int = Field(3, ge=1, le=16, description="pages that are written, or embedded, at once")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.shares is not None or self.index is not None:
            self._require_index()
        number, of = self.portion
        if not 1 <= number <= of:
            raise ValueError("share must be a number from 1 on and how many there are, such as 2/4")
        if self.since is not None and self.since.tzinfo is None:
            raise ValueError("since must say its time zone, such as 2026-01-31T12:00:00Z")
        if self.into_tenant is not None and len(self.tenant) > 1:
            raise ValueError("into-tenant takes one tenant at most: name a single one by tenant")
        if self.sample and not (self.follow and self.verify):
            raise ValueError("sample is measured behind the comparison of --follow: give --follow, without --no-verify")
        if self.question and not self.sample:
            raise ValueError("question is asked beside a sample: give --sample")
        return self

    def _require_index(self) -> None:
        if "share" in self.model_fields_set:
            raise ValueError("share and shares with index are two ways to say one thing: give one of them")
        if self.shares is None or self.index is None:
            raise ValueError("shares and index belong together: --shares 4 --index 1 is the second of four")
        if self.index >= self.shares:
            raise ValueError(f"index must be below shares, {self.shares}: it counts from 0")

    @property
    def portion(self) -> tuple[int, int]:
        """Which share this is, from 1 on, and of how many."""
        if self.shares is not None and self.index is not None:
            return self.index + 1, self.shares
        number, of = self.share.split("/")
        return int(number), int(of)

    @property
    def share_name(self) -> str:
        """The share as reports and notes name it, such as 2/4."""
        number, of = self.portion
        return f"{number}/{of}"
