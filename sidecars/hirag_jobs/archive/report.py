"""What an export or an import did: for a program as JSON, for a person as a few lines."""

import sys
from pathlib import Path

from pydantic import BaseModel, Field, computed_field

from hirag_jobs.archive.errors import disk


class ArchiveReport(BaseModel):
    """What both tell."""

    folder: str
    alias: str | None
    collection: str
    server_version: str
    fingerprint: str | None
    complete: bool = Field(default=False, description="whether all was done, and the counts agree")
    objects: int = Field(default=0, description="in the archive; of an import, in what was asked for of it")
    parts: int = 0
    tenants: int | None = Field(default=None, description="how many; null without tenants")
    woken: int = Field(default=0, description="tenants that were woken for it, and put back")
    bytes: int = Field(default=0, description="of the parts, compressed")
    moved: int = Field(default=0, description="objects that this run read and wrote, or compared")
    seconds: float = 0.0
    warnings: list[str] = []

    @computed_field(description="objects that this run moved, a second")  # type: ignore[prop-decorator]
    @property
    def objects_per_second(self) -> float:
        """How fast it was."""
        return round(self.moved / self.seconds, 1) if self.seconds else 0.0

    def lines(self) -> list[str]:
        """The report for a person."""
        of = "" if self.tenants is None else f" of {self.tenants} tenants"
        return [
            f"{self.folder}: {self.objects} objects{of} in {self.parts} parts, {self.bytes} bytes",
            *self._done(),
            f"{self.seconds:.1f} s in all, {self.objects_per_second} objects a second",
            *(f"warning: {warning}" for warning in self.warnings),
        ]

    def _done(self) -> list[str]:
        return []

    def publish(self, file: Path | None) -> None:
        """Tells a person, and writes it to a file where one is named."""
        print("\n".join(self.lines()), file=sys.stderr)  # noqa: T201  it is what a person at a terminal reads
        if file is not None:
            with disk("written", file):
                file.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")


class ExportReport(ArchiveReport):
    """One run of an export."""

    taken_up: int = Field(default=0, description="objects that earlier runs had archived")

    def _done(self) -> list[str]:
        if not self.complete:
            return ["not finished: run it again to go on"]
        return [f"exported {self.moved} objects of {self.collection}; {self.taken_up} were there from before"]


class ImportReport(ArchiveReport):
    """One run of an import."""

    archived_collection: str
    created: list[str] = Field(default=[], description="tenants that were made")
    new: int = Field(default=0, description="objects that the collection did not have")
    replaced: int = Field(default=0, description="objects that it had otherwise")
    unchanged: int = Field(default=0, description="objects that it had as they are in the archive")
    miscounted: list[str] = Field(default=[], description="where Aggregate counts otherwise than was written")

    def _done(self) -> list[str]:
        return [
            f"imported into {self.collection}: {self.new} new, {self.replaced} replaced, {self.unchanged} as they were",
            *([] if self.complete or self.miscounted else ["not finished: run it again to go on"]),
            *(f"counted wrongly: {said}" for said in self.miscounted),
        ]
