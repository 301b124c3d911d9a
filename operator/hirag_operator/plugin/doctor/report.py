"""The shape of a doctor's report."""

from typing import ClassVar, Literal

from pydantic import Field

from hirag_operator.plugin.reports import Part, Report

Level = Literal["ok", "note", "warning", "wrong"]


class Finding(Part):
    """What one check found."""

    area: str = Field(description="What it is about: API server, CRDs, Permissions, Operator, Objects or Weaviate.")
    level: Level = Field(
        description="ok; note: could not be told, or is worth knowing; warning: works, and should be seen to; "
        "wrong: does not work."
    )
    message: str = Field(description="What was found.")
    remedy: str = Field(default="", description="What to do; empty where nothing needs doing.")


class DoctorReport(Report):
    """All findings, in the order of the checks."""

    title: ClassVar[str] = "Doctor"

    findings: list[Finding] = Field(description="What was found.")

    @property
    def is_well(self) -> bool:
        """Return whether nothing is wrong."""
        return all(finding.level != "wrong" for finding in self.findings)
