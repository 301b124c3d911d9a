"""What the one who freezes a collection and those who copy it say to each other, kept in Weaviate itself.

A note is an object of the collection HiragMigrations, so it outlives whoever wrote it, and a job needs no access to
Kubernetes. There are three kinds, each with an id that follows from what it is about:

- of a target, by the one who freezes: the freeze that is on, and how long it may take;
- of a share of a target, by the job that copies it: how far it is, and which freeze it has sealed;
- for a target, by a survey before there is one: what carrying the data there would take.
"""

from collections.abc import Mapping
from typing import Literal, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, Field
from weaviate.proto.v1 import batch_pb2

from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import stored
from hirag_jobs.objects.part import Part
from hirag_jobs.objects.writing import write
from hirag_jobs.rest import Rest

NOTES = "HiragMigrations"
_SCHEMA = {
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

Said = TypeVar("Said", bound=BaseModel)
Phase = Literal["copying", "checking", "following"]


class Freeze(BaseModel):
    """What the one who swaps wants of those who copy; without a token no freeze is on.

    `freezing`, `source`, `since_ms`, `shares`, `auto` and `plan` are the swapper's own memory, should it die: those who
    copy leave them alone.
    """

    freezing: bool = Field(default=False, description="whether the source's shards are about to be set READONLY")
    announced: str = Field(default="", description="the freeze to come, to get ready for; its token is this or another")
    source: str = Field(default="", description="what is frozen: the collection, or the collection and /tenant")
    since_ms: int = Field(
        default=0, description="when the seal was given: what changed on the target before is on the source; ms as `at`"
    )
    token: str = Field(default="", description="of the freeze: since before it was given the source takes no writes")
    budget_ms: int = Field(default=0, description="how long removing what was missed may take before the swap")
    over: bool = Field(default=False, description="whether the alias was moved, so that nothing is left to follow")
    shares: int = Field(default=0, description="how many shares are to seal it, should their job be gone by then")
    auto: str = Field(default="", description="what the source did with tenants of its own accord before the freeze")
    plan: str = Field(default="", description="the plan by which the target was begun to be filled")
    at: int = Field(default=0, exclude=True, description="when it was told: ms since 1970 by the server's clock")


class Checked(BaseModel):
    """What a share's comparison of both sides came to, while it went on following, and the recall of the new index."""

    equal: int = Field(description="objects that were seen alike on both sides")
    unlike: int = Field(description="objects that were not alike however often they were looked at")
    checksum: str = Field(description="of those that were alike, whatever their order: 16 bytes, hexadecimal")
    named: list[str] = Field(default=[], max_length=5, description="the first that were not: id (missing|differing|…)")
    recall: float | None = Field(default=None, description="mean recall@k against exact search; None if not measured")
    k: int = Field(default=0, description="nearest neighbours that a search should find; 0 if not measured")
    queries: int = Field(default=0, description="searches that the recall is of")
    golden: float | None = Field(default=None, description="the same over questions of one's own; None if not asked")
    questions: int = Field(default=0, description="questions that it is of")
    queue: int = Field(default=0, description="vectors that waited to be indexed when it was measured")
    searched: str = Field(default="", description="the type of the index that was searched, or why none was")


class Told(BaseModel):
    """How far a share is."""

    phase: Phase = Field(default="copying", description="following: all is there, and a freeze is heeded")
    rate: float = Field(default=0.0, description="objects written a second while this run copied")
    carried: int = Field(default=0, description="objects written by this run")
    done: int = Field(default=0, description="objects of this share that are on the target, of earlier runs too")
    total: int | None = Field(default=None, description="objects of this share")
    tenants: int = Field(default=0, description="tenants of this share, where it carries tenants")
    tenants_done: int = Field(default=0, description="of those, how many were carried and compared")
    checked: Checked | None = Field(default=None, description="what comparing came to; None before, and if not asked")
    error: str = Field(default="", description="why the last run ended, where that was a failure")
    caught_up_to: int = Field(default=0, description="ms since 1970 by the server's clock: all written before is there")
    ready: str = Field(default="", description="the announced freeze for which all was done that can be done before")
    sealed: str = Field(default="", description="the freeze after which both sides hold the same")
    sealed_at: int = Field(default=0, description="when that was told; 0 where it is this very note that told it")
    missed: int = Field(default=0, description="deletions that were found only after that freeze began")
    left: int = Field(default=0, description="of those, how many had to wait until the alias was moved")
    left_ms: int = Field(
        default=0, description="for how long after the seal those were there: ms; 0 before it is known"
    )
    late: int = Field(default=0, description="writes and deletions that reached the source only after the seal")
    at: int = Field(default=0, exclude=True, description="when it was told: ms since 1970 by the server's clock")


class KnownTenant(BaseModel):
    """What is known of one tenant at the seal."""

    since: int = Field(description="when the last pass over it began: ms since 1970 by the server's clock")
    asleep: int | None = Field(
        default=None, description="its objects, where it slept at the seal; None where it did not"
    )
    changed: dict[str, int] = Field(default={}, description="what that pass found changed, as of Known")


class Known(BaseModel):
    """What the last pass in front of a seal found changed: id in hexadecimal → when, in milliseconds since 1970.

    What else changed shortly before the seal came late. Without it a late insert cannot be told from what a client has
    deleted on the target since.
    """

    changed: dict[str, int] = {}
    tenants: dict[str, KnownTenant] = Field(default={}, description="the same by tenant, where tenants are carried")


def as_hex(changed: Mapping[int, int]) -> dict[str, int]:
    """What a pass found changed, as a note keeps it."""
    return {f"{one:x}": at for one, at in changed.items()}


def from_hex(changed: Mapping[str, int]) -> dict[int, int]:
    """The same as a pass knows it."""
    return {int(one, 16): at for one, at in changed.items()}


class Notes:
    """Reads and writes notes.

    Args:
        rest: to make the collection.
        channel: to the same Weaviate.
    """

    def __init__(self, rest: Rest, channel: ObjectChannel) -> None:
        self._rest, self._channel = rest, channel

    def prepare(self) -> None:
        """Makes the collection of notes where there is none."""
        self._rest.create(_SCHEMA)

    def freeze_of(self, target: Part) -> Freeze | None:
        """The freeze that is on for a target; None where none was ever asked for."""
        return self.read(f"freeze of {target}", Freeze)

    def freeze(self, target: Part, freeze: Freeze) -> None:
        """Tells those who copy into a target that its source is frozen, or that they are done."""
        self.write(f"freeze of {target}", freeze)

    def told(self, target: Part, share: str) -> Told | None:
        """How far a share is; None where nobody said so."""
        told = self.read(f"share {share} of {target}", Told)
        if told is not None and told.sealed and not told.sealed_at:
            told.sealed_at = told.at
        return told

    def tell(self, target: Part, share: str, told: Told) -> None:
        """Says how far a share is."""
        self.write(f"share {share} of {target}", told)

    def known(self, target: Part, share: str) -> Known | None:
        """What was found changed by the last pass in front of the seal; None where there is no seal."""
        return self.read(f"known to share {share} of {target}", Known)

    def know(self, target: Part, share: str, known: Known) -> None:
        """Keeps what the last pass found changed."""
        self.write(f"known to share {share} of {target}", known)

    def survey(self, target: str, found: BaseModel) -> None:
        """Says what carrying something to a target would take; `target` is the collection, or pool/tenant."""
        self.write(f"survey for {target}", found)

    def read(self, about: str, kind: type[Said]) -> Said | None:
        """What a note says; None where there is none."""
        found = stored(self._channel, Part(NOTES), _identity(about).int)
        if found is None:
            return None
        said = kind.model_validate_json(found.properties.non_ref_props.fields["said"].text_value)
        if isinstance(said, Freeze | Told):
            said.at = found.metadata.last_update_time_unix
        return said

    def write(self, about: str, said: BaseModel) -> None:
        """Notes something, in place of what was noted before."""
        one = batch_pb2.BatchObject(uuid=str(_identity(about)), collection=NOTES)
        one.properties.non_ref_properties.update({"about": about, "said": said.model_dump_json()})
        write(self._channel, [one])


def _identity(about: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"hirag.dev/{about}")
