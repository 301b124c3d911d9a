"""What the operator and those who copy say to each other, in the collection HiragMigrations of Weaviate itself.

`sidecars/hirag_jobs/copying/notes.py` is the other side of it; a contract test reads what each writes with the other's
eyes. A note outlives whoever wrote it, so after any crash the next look knows what was meant.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from hirag_operator.plan.moves import Holder

Json = Mapping[str, Any]

NOTES: Final = "HiragMigrations"
SCHEMA: Final[Json] = {
    "class": NOTES,
    "description": "How far migrations are: notes between hirag-operator and its jobs",
    "vectorizer": "none",
    "vectorIndexType": "flat",
    "properties": [
        {
            "name": name,
            "dataType": ["text"],
            "indexFilterable": False,
            "indexSearchable": False,
            "tokenization": "field",
        }
        for name in ("about", "said")
    ],
}


@dataclass(frozen=True)
class Freeze:
    """What the operator notes of a holder that is filled, or was.

    Args:
        source: From where it is filled; empty where nothing is known of it.
        since_ms: Where it held all that the source did at some time already: that time, by the server's clock, in
            milliseconds since 1970. 0: it begins empty.
        freezing: Whether the source is about to be frozen.
        announced: The freeze that those who copy are to get ready for.
        token: The freeze that is on; empty: none.
        budget_ms: How long removing what was deleted meanwhile may take before the swap.
        over: Whether the alias was moved.
        shares: How many shares are to seal it.
        auto: What the source did with its tenants of its own accord before it was frozen, in order and with commas:
            activation, creation. Empty: nothing, or it has none.
        plan: By which plan it was begun to be filled; empty: going back from one that is not wanted.
        at: When this was noted, by the server's clock; not part of the note.
    """

    source: str = ""
    since_ms: int = 0
    freezing: bool = False
    announced: str = ""
    token: str = ""
    budget_ms: int = 0
    over: bool = False
    shares: int = 0
    auto: str = ""
    at: int = 0
    plan: str = ""

    @property
    def begun(self) -> bool:
        """Return whether a freeze is announced, or on."""
        return self.freezing or bool(self.token)

    def to_wire(self) -> dict[str, Any]:
        """Return what is kept."""
        return {name: value for name, value in asdict(self).items() if name != "at"}


@dataclass(frozen=True)
class Checked:
    """What a copy's comparison with its source came to, and the recall of its index; `queue` vectors wait for it.

    `golden` is the recall over `questions` of the user's own.
    """

    equal: int = 0
    unlike: int = 0
    checksum: str = ""
    named: tuple[str, ...] = ()
    recall: float | None = None
    k: int = 0
    queries: int = 0
    golden: float | None = None
    questions: int = 0
    queue: int = 0
    searched: str = ""


@dataclass(frozen=True)
class Told:
    """What a share of a copy says of itself.

    Args:
        phase: copying, checking or following.
        done: Objects that are on the target.
        total: Objects to carry, where known.
        rate: Objects written a second.
        tenants: Tenants of this share, where the copy has tenants of its own.
        tenants_done: Of those, how many were carried and compared.
        checked: The comparison, once it was made.
        ready: The announced freeze that it is ready for.
        sealed: The freeze after which both sides hold the same.
        sealed_at: When that was told, by the server's clock, in milliseconds since 1970.
        missed: Deletions that were found only after that freeze began.
        left: Of those, how many had to wait until the alias was moved.
        left_ms: For how long after the seal those were there still, in milliseconds; 0: they are, or there were none.
        late: Writes that reached the source only after the seal, and were carried all the same.
        error: Why its last run ended, where that was a failure.
        at: When this was told, by the server's clock, in milliseconds since 1970.
    """

    phase: str = "copying"
    done: int = 0
    total: int | None = None
    rate: float = 0.0
    tenants: int = 0
    tenants_done: int = 0
    checked: Checked | None = None
    ready: str = ""
    sealed: str = ""
    sealed_at: int = 0
    missed: int = 0
    left: int = 0
    left_ms: int = 0
    late: int = 0
    error: str = ""
    at: int = 0


@dataclass(frozen=True)
class Survey:
    """What a sample of a source says of what a migration of it would take.

    Args:
        source: What was looked at.
        vectors: Whether vectors would be copied, or made anew.
        tenants: Of how many tenants the sample is; 0: the source is one part.
        each: Objects that such a tenant holds, on average.
        tokens: Of the text of an object that is embedded, on average, by cl100k_base or as near as was possible.
        bytes: Of an object's properties, on average.
        read_per_second: Objects that were read a second.
        per_second: Objects that can be carried a second; 0: that could not be found out.
        basis: By what that is known, or why not.
        error: Why there is no result; empty: there is one.
        at: When this was told, by the server's clock, in milliseconds since 1970.
    """

    source: str = ""
    vectors: str = ""
    tenants: int = 0
    each: float = 0.0
    tokens: float = 0.0
    bytes: float = 0.0
    read_per_second: float = 0.0
    per_second: float = 0.0
    basis: str = ""
    error: str = ""
    at: int = 0


def freeze_about(target: Holder) -> str:
    """Return what the note of a freeze is about."""
    return f"freeze of {target}"


def share_about(target: Holder, share: int, of: int) -> str:
    """Return what the note of a share is about; shares count from 1."""
    return f"share {share}/{of} of {target}"


def survey_about(target: Holder) -> str:
    """Return what the note of a survey is about: where the data is to go, whose name says how."""
    return f"survey for {target}"


def identity(about: str) -> UUID:
    """Return the id of the object that a note is."""
    return uuid5(NAMESPACE_URL, f"hirag.dev/{about}")


def read_freeze(said: Json, at: int) -> Freeze:
    """Read a note of a freeze; what is not understood counts as not said."""
    return Freeze(**_known(said, Freeze), at=at)


def read_told(said: Json, at: int) -> Told:
    """Read what a share says."""
    known = _known(said, Told)
    checked = said.get("checked")
    if isinstance(checked, Mapping):
        found = _known(checked, Checked)
        known["checked"] = Checked(**{**found, "named": tuple(str(one) for one in found.get("named") or ())})
    return Told(**known, at=at)


def read_survey(said: Json, at: int) -> Survey:
    """Read what a survey says."""
    return Survey(**_known(said, Survey), at=at)


def _known(said: Json, kind: type[Freeze | Told | Checked | Survey]) -> dict[str, Any]:
    """Return what is said of fields that we know; None, of those that cannot be without a value, counts as not said."""
    optional = {"total", "recall", "golden", "checked"}
    known = {field.name for field in fields(kind)} - {"at"}
    return {name: value for name, value in said.items() if name in known and (value is not None or name in optional)}
