"""The shape of what going back comes to."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from hirag_operator.plugin.reports import Part, Report


class LevelReport(Part):
    """What becomes of a level."""

    level: str = Field(description="Which.")
    becomes: Literal["returns", "aborts", "stays"] = Field(
        description="returns: the previous revision serves it again; aborts: what was begun goes, what serves stays; "
        "stays: the plan has not moved it."
    )
    source: str = Field(description="What serves now: a collection, or pool/tenant.")
    target: str = Field(description="What is to serve.")
    previous_until: datetime | None = Field(default=None, description="Until when the previous revision is kept.")


class RollbackReport(Report):
    """What going back comes to."""

    title: ClassVar[str] = "Rollback"

    namespace: str = Field(description="Of the ContextCollection.")
    name: str = Field(description="Of the ContextCollection.")
    plan: str = Field(description="The plan that is not wanted.")
    outcome: Literal["possible", "asked", "done"] = Field(
        description="possible: nothing was written; asked: the operator has been told; done: what served before serves."
    )
    levels: list[LevelReport] = Field(description="What becomes of each level.")
