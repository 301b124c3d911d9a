"""The shape of an explanation."""

from typing import Any, ClassVar

from pydantic import Field

from hirag_operator.plugin.reports import Part, Report


class ChangeReport(Part):
    """What it takes to change a field of an object that exists."""

    class_: str = Field(alias="class", description="hot, build, embed or forbidden: the most that a change can take.")
    shared: str = Field(default="", description="The class under placement Shared, where that is another.")
    meaning: str = Field(description="What the class means.")
    note: str = Field(default="", description="When it takes less, or what else there is to know.")
    of: str = Field(description="The row of the table that speaks for the field: its own path, or a section's.")


class FieldBelow(Part):
    """A field below the one explained."""

    name: str = Field(description="Its name.")
    type: str = Field(description="Its type.")
    class_: str = Field(default="", alias="class", description="Its change class; `by field` where they differ below.")
    required: bool = Field(default=False, description="Whether it must be given.")
    description: str = Field(default="", description="What it is.")


class FieldReport(Report):
    """What a field is, and what it takes to change it."""

    title: ClassVar[str] = "Field"

    kind: str = Field(description="The kind.")
    path: str = Field(description="The path, e.g. spec.levels.longTerm; empty for the kind itself.")
    type: str = Field(description="Its type.")
    default: Any = Field(default=None, description="Its default; absent where there is none.")
    required: bool = Field(default=False, description="Whether it must be given.")
    bounds: str = Field(default="", description="Bounds of its value.")
    values: list[str] = Field(default_factory=list, description="The values that it takes, where they are few.")
    description: str = Field(default="", description="What it is.")
    rules: list[str] = Field(default_factory=list, description="What the API server refuses it for.")
    change: ChangeReport | None = Field(
        default=None, description="What it takes to change it; absent in status, and where the fields below differ."
    )
    unacted: str = Field(default="", description="Why this release does not act on it; empty where it does.")
    fields: list[FieldBelow] = Field(default_factory=list, description="The fields below it.")


class WordReport(Report):
    """What a condition's type or reason means."""

    title: ClassVar[str] = "Word"

    word: str = Field(description="The word.")
    role: str = Field(description="condition or reason.")
    meaning: str = Field(description="What it means.")
    remedy: str = Field(default="", description="What to do; empty where nothing needs doing.")
