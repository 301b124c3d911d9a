"""What a survey comes to."""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, Field


class Survey(BaseModel):
    """Means and rates of a sample; `operator/hirag_operator/plan/collection/migration/notes.py` reads it."""

    source: str = Field(description="what was looked at: the collection, or the collection and /tenant")
    vectors: Literal["copy", "embed"] = Field(description="whether vectors would be copied, or made anew")
    tenants: int = Field(default=0, description="of how many tenants the sample is; 0: the source is one part")
    each: float = Field(default=0.0, description="objects that such a tenant holds, on average")
    tokens: float = Field(default=0.0, description="of the text of an object that is embedded, on average")
    counter: str = Field(default="", description="what counted them: cl100k_base, or words as an estimate")
    bytes: float = Field(default=0.0, description="of an object's properties, on average")
    sampled: int = Field(default=0, description="objects that were looked at")
    read_per_second: float = Field(default=0.0, description="objects that were read a second")
    per_second: float = Field(default=0.0, description="objects that can be carried a second; 0: not known")
    basis: str = Field(default="", description="by what that is known, or why not; empty: it was not tried")
    error: str = Field(default="", description="why there is no result; empty: there is one")

    def lines(self) -> Iterator[str]:
        """The same for a person."""
        yield f"{self.source}: {self.sampled} objects looked at"
        yield f"an object has {self.tokens:.0f} tokens ({self.counter}) and {self.bytes:.0f} bytes of properties"
        carried = f"carried {self.per_second:.0f}/s ({self.basis})" if self.basis else "carrying not tried"
        yield f"read {self.read_per_second:.0f}/s, {carried}"
