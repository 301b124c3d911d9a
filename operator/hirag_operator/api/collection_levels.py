"""The levels of a context hierarchy: immediate in memory, short-term and long-term in Weaviate."""

from typing import Final, Literal

from pydantic import Field

from hirag_operator.api.collection_adoption import AdoptFrom
from hirag_operator.api.durations import Duration, LongDuration
from hirag_operator.api.model import SpecModel
from hirag_operator.api.references import ObjectReference
from hirag_operator.api.rules import Rule

StoredLevel = Literal["shortTerm", "longTerm"]
STORED_LEVELS: Final[tuple[StoredLevel, ...]] = ("shortTerm", "longTerm")


class ImmediateLevel(SpecModel):
    """The newest contexts of each session, in the gateway's memory."""

    max_entries: int = Field(
        default=100, ge=1, le=1_000_000, description="Most contexts of one session; the oldest go first."
    )
    max_tokens: int = Field(
        default=8192, ge=1, le=10_000_000, description="Most tokens of one session; the oldest go first."
    )
    ttl: Duration = Field(default="1h", description="Age after which a context is forgotten.")


class Level(SpecModel):
    """A level that is stored in Weaviate."""

    index_policy_ref: ObjectReference | None = Field(
        default=None, description="The HNSWIndexPolicy of the level; Weaviate's defaults when absent."
    )
    retention: LongDuration | None = Field(
        default=None,
        description="Age after which objects are deleted, such as 30d, 12h or 1d12h, at least 1m; never when absent.",
    )
    adopt_from: AdoptFrom | None = Field(
        default=None,
        description="An existing Weaviate collection that the level is filled from when it is made; none when absent. "
        "Of no effect on a level that is there.",
    )


class Levels(SpecModel):
    """Which levels the collection has; at least one of shortTerm and longTerm."""

    immediate: ImmediateLevel | None = Field(
        default=None, description="The newest contexts of each session, in the gateway's memory."
    )
    short_term: Level | None = Field(default=None, description="Recent contexts, stored in Weaviate.")
    long_term: Level | None = Field(default=None, description="Lasting contexts, stored in Weaviate.")

    rules = (
        Rule(
            "has(self.shortTerm) || has(self.longTerm)",
            lambda it: it.short_term is not None or it.long_term is not None,
            "levels must have at least one of shortTerm and longTerm",
        ),
    )

    def stored(self) -> dict[StoredLevel, Level]:
        """The declared levels that live in Weaviate, by wire name."""
        declared: dict[StoredLevel, Level | None] = {"shortTerm": self.short_term, "longTerm": self.long_term}
        return {name: level for name, level in declared.items() if level is not None}
