"""What the one who freezes a collection and those who copy it say to each other, kept in Weaviate itself.

A note is an object of the collection HiragMigrations, so it outlives whoever wrote it, and a job needs no access to
Kubernetes. There are two kinds, each with an id that follows from what it is about:

- of a target, by the one who freezes: the freeze that is on, and how long it may take;
- of a share of a target, by the job that copies it: how far it is, and which freeze it has sealed.
"""

from typing import TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, Field
from weaviate.proto.v1 import batch_pb2

from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import fetch
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


class Freeze(BaseModel):
    """What the one who swaps wants of those who copy; without a token no freeze is on."""

    token: str = Field(default="", description="of the freeze: since before it was given the source takes no writes")
    budget_ms: int = Field(default=0, description="how long removing what was missed may take before the swap")
    over: bool = Field(default=False, description="whether the alias was moved, so that nothing is left to follow")
    at: int = Field(default=0, exclude=True, description="when it was told: ms since 1970 by the server's clock")


class Told(BaseModel):
    """How far a share is."""

    carried: int = Field(default=0, description="objects written by this run")
    total: int | None = Field(default=None, description="objects to carry")
    caught_up_to: int = Field(default=0, description="ms since 1970 by the server's clock: all written before is there")
    sealed: str = Field(default="", description="the freeze after which both sides hold the same")
    missed: int = Field(default=0, description="deletions that were found only after that freeze began")
    left: int = Field(default=0, description="of those, how many had to wait until the alias was moved")
    late: int = Field(default=0, description="writes and deletions that reached the source only after the seal")
    at: int = Field(default=0, exclude=True, description="when it was told: ms since 1970 by the server's clock")


class Known(BaseModel):
    """What the last pass in front of a seal found changed: id in hexadecimal → when, in milliseconds since 1970.

    What else changed shortly before the seal came late. Without it a late insert cannot be told from what a client has
    deleted on the target since.
    """

    changed: dict[str, int] = {}


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
        return self._read(f"freeze of {target}", Freeze)

    def freeze(self, target: Part, freeze: Freeze) -> None:
        """Tells those who copy into a target that its source is frozen, or that they are done."""
        self._write(f"freeze of {target}", freeze)

    def told(self, target: Part, share: str) -> Told | None:
        """How far a share is; None where nobody said so."""
        return self._read(f"share {share} of {target}", Told)

    def tell(self, target: Part, share: str, told: Told) -> None:
        """Says how far a share is."""
        self._write(f"share {share} of {target}", told)

    def known(self, target: Part, share: str) -> Known | None:
        """What was found changed by the last pass in front of the seal; None where there is no seal."""
        return self._read(f"known to share {share} of {target}", Known)

    def know(self, target: Part, share: str, known: Known) -> None:
        """Keeps what the last pass found changed."""
        self._write(f"known to share {share} of {target}", known)

    def _read(self, about: str, kind: type[Said]) -> Said | None:
        found = fetch(self._channel, Part(NOTES), [_identity(about).int])
        if not found:
            return None
        said = kind.model_validate_json(found[0].properties.non_ref_props.fields["said"].text_value)
        if isinstance(said, Freeze | Told):
            said.at = found[0].metadata.last_update_time_unix
        return said

    def _write(self, about: str, said: BaseModel) -> None:
        one = batch_pb2.BatchObject(uuid=str(_identity(about)), collection=NOTES)
        one.properties.non_ref_properties.update({"about": about, "said": said.model_dump_json()})
        write(self._channel, [one])


def _identity(about: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"hirag.dev/{about}")
