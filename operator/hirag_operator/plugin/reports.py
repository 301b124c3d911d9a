"""What every report shares: data on the wire as the API's own, named and numbered, so that programs can rely on it."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Part(BaseModel):
    """A part of a report: camelCase on the wire, snake_case in Python, frozen."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, frozen=True)


class Report(Part):
    """What a command came to. `-o json` prints it; `title` and `version` say which shape it has."""

    title: ClassVar[str]
    version: ClassVar[int] = 1

    def to_wire(self) -> dict[str, Any]:
        """The report as JSON: camelCase names, absent fields left out."""
        return {
            "report": self.title,
            "version": self.version,
            **self.model_dump(mode="json", by_alias=True, exclude_none=True),
        }
