"""Steps of a migration that are about shards, an alias under a freeze, and notes to those who copy.

Together with those that make and remove collections, tenants and Jobs (`steps.py`) they are all that a migration does.
Each can be run again; what a crash behind one of them leaves is read off notes and shards at the next look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

Json = Mapping[str, Any]


@dataclass(frozen=True, order=True)
class Holder:
    """What holds the data of a level: a physical collection, with all tenants that it has, or one tenant of a pool."""

    collection: str
    tenant: str | None = None

    def __str__(self) -> str:
        return self.collection if self.tenant is None else f"{self.collection}/{self.tenant}"


@dataclass(frozen=True)
class Note:
    """A word to those who copy into `target`, kept in Weaviate; see `plan/collection/migration/notes.py`."""

    reason: ClassVar[str]

    target: Holder
    said: Json


class BeginMigration(Note):
    """Note from where a holder is to be filled; it comes before the holder is made, and tells it from all else."""

    reason = "MigrationBegun"

    def __str__(self) -> str:
        return f"Began to carry {self.said['source']} into {self.target}"


@dataclass(frozen=True)
class AnnounceFreeze(Note):
    """Note that the source is about to take no writes, so that after a crash it is known whose doing that is.

    Those who copy do first what a freeze has no time for. It goes on when every share says that it has, when none has
    said anything for `seconds`, or `longest` seconds later: a freeze for which a share is not ready may have to be
    given up, and nothing worse.
    """

    reason = "FreezeAnnounced"

    shares: int
    seconds: float
    longest: float

    def __str__(self) -> str:
        return f"Announced a moment without writes to {self.said['source']}"


class EndFreeze(Note):
    """Note that a freeze is given up; it comes before writes are allowed again, so that no seal of it counts."""

    reason = "FreezeEnded"

    def __str__(self) -> str:
        return f"Gave up the freeze of {self.said['source']}"


class CompleteSwap(Note):
    """Note that the alias was moved: those who copy end, and the soak begins."""

    reason = "MigrationSwapped"

    def __str__(self) -> str:
        return f"Swapped: {self.target} serves, and {self.said['source']} is kept as it was"


class ClearNote(Note):
    """Forget what was noted of a holder."""

    reason = "NoteCleared"

    def __str__(self) -> str:
        return f"Forgot what was noted of {self.target}"


@dataclass(frozen=True)
class FreezeWrites:
    """Let the shards of a holder take no writes; reads go on. Tenants are neither woken nor made for it any more."""

    reason: ClassVar[str] = "WritesFrozen"

    holder: Holder

    def __str__(self) -> str:
        return f"Froze writes to {self.holder}"


@dataclass(frozen=True)
class AllowWrites:
    """Let the shards of a holder take writes again, and tenants be woken and made as `auto` says (see `Freeze`)."""

    reason: ClassVar[str] = "WritesAllowed"

    holder: Holder
    auto: str = ""

    def __str__(self) -> str:
        return f"Allowed writes to {self.holder}"


@dataclass(frozen=True)
class AwaitSeals(Note):
    """Note the freeze, and wait until every share of the copy says that both sides hold the same.

    Where one does not within `seconds` that is a failure, and the freeze is to be given up.
    """

    reason = "CopySealed"

    shares: int
    seconds: float

    def __str__(self) -> str:
        return f"Had {self.target} sealed: it holds what its source does"


@dataclass(frozen=True)
class SwapAlias:
    """Move an alias from one holder to another, if the first is frozen still: a restart of Weaviate opens shards."""

    reason: ClassVar[str] = "AliasSwapped"

    alias: str
    source: Holder
    target: Holder

    def __str__(self) -> str:
        return f"Moved alias {self.alias} from {self.source.collection} to {self.target.collection}"


@dataclass(frozen=True)
class ForgetMeasurements:
    """Remove what is noted of a level's index: a namesake with other data is to begin anew."""

    reason: ClassVar[str] = "MeasurementsForgotten"

    about: str

    def __str__(self) -> str:
        return f"Forgot {self.about}"


@dataclass(frozen=True)
class OpenAlias:
    """Make the alias of a level that was filled from a collection of others; `frozen`: if that takes no writes still.

    One that is gone takes none.
    """

    reason: ClassVar[str] = "AdoptionServed"

    alias: str
    source: Holder
    target: Holder
    frozen: bool

    def __str__(self) -> str:
        return f"Made alias {self.alias} of {self.target.collection}, which was filled from {self.source}"


MigrationStep = (
    BeginMigration
    | AnnounceFreeze
    | EndFreeze
    | CompleteSwap
    | ClearNote
    | FreezeWrites
    | AllowWrites
    | AwaitSeals
    | SwapAlias
    | ForgetMeasurements
    | OpenAlias
)
