"""What a migration did: for a program as JSON, for a person as a few lines."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field, computed_field

from hirag_jobs.copying.comparison import Compared

NAMED = 20
"""The most ids that are named of each way in which two sides differ."""


class PartReport(BaseModel):
    """A collection without tenants, or one tenant."""

    tenant: str | None
    carried: int = Field(default=0, description="objects written by the first pass of this run")
    caught_up: int = Field(default=0, description="objects written because they changed meanwhile")
    removed: int = Field(default=0, description="objects removed because the source has them no more")
    equal: int | None = Field(default=None, description="objects that both sides hold alike; absent if not compared")
    checksum: str | None = Field(default=None, description="of those, whatever their order")
    differing: list[UUID] = Field(default=[], description="the first objects with another content on the other side")
    missing: list[UUID] = Field(default=[], description="the first objects that the source has alone")
    extra: list[UUID] = Field(default=[], description="the first objects that the target has alone")
    unlike: int = Field(default=0, description="how many objects are not alike, whichever way")

    @property
    def written(self) -> int:
        """Objects written, however often."""
        return self.carried + self.caught_up

    def take(self, found: Compared) -> None:
        """Notes what a comparison found."""
        self.equal, self.checksum = found.equal, found.checksum
        self.removed += found.removed
        self.unlike = len(found.unlike)
        for how in ("differing", "missing", "extra"):
            setattr(self, how, [UUID(int=one) for one in getattr(found, how)[:NAMED]])


class MigrationReport(BaseModel):
    """One run of `hirag-jobs migrate`."""

    source: str
    target: str
    vectors: Literal["copy", "embed"]
    share: str
    finished: bool = Field(default=False, description="whether all parts were carried")
    seconds: float = 0.0
    parts: list[PartReport] = []

    @computed_field(description="objects written, in all")  # type: ignore[prop-decorator]
    @property
    def written(self) -> int:
        """Objects written, however often."""
        return sum(part.written for part in self.parts)

    @property
    def carried(self) -> int:
        """Objects written by the first pass over each part."""
        return sum(part.carried for part in self.parts)

    @property
    def agrees(self) -> bool:
        """Whether all was carried and nothing differed where it was compared."""
        return self.finished and not any(part.unlike for part in self.parts)

    def lines(self) -> list[str]:
        """The report for a person."""
        unlike = [part for part in self.parts if part.unlike]
        compared = sum(part.equal or 0 for part in self.parts)
        return [
            f"{self.source} → {self.target}, {len(self.parts)} parts, share {self.share}",
            f"{self.written} objects written, {sum(part.removed for part in self.parts)} removed",
            *([f"{compared} objects are alike on both sides"] if compared else []),
            *(
                f"{part.tenant or self.source}: {part.unlike} objects are not alike: {len(part.differing)} differ, "
                f"{len(part.missing)} are missing, {len(part.extra)} too many are named in the report"
                for part in unlike
            ),
            f"{self.seconds:.1f} s in all",
        ]
