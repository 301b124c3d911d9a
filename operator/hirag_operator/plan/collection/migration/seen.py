"""What is seen of a migration: the holders of a level's data, what is noted of them, and the Jobs that fill them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from hirag_operator.plan.collection.migration.notes import Freeze, Told
from hirag_operator.plan.moves import Holder

Json = Mapping[str, Any]


@dataclass(frozen=True)
class SeenJob:
    """A Job that fills a holder.

    Args:
        name: Its name, in the namespace of Jobs.
        state: Whether it goes on.
        shares: In how many parts it copies.
        generation: Of the ContextCollection, when it was made.
        pods: How many of its pods have not ended.
        deleted: Whether it is gone, and its pods alone are left.
        held: Whether it is suspended, for its object was paused.
        rate: The most objects a second that it was made for; 0: as many as it can.
        message: Why it failed, or is held up.
        uid: Its own, by which nothing else is taken for it.
        key_in: The Secret with the key of a provider that its pods mount; empty: none.
        provider: For what it was made to use that key: model, Secret and address.
    """

    name: str
    state: Literal["Running", "Complete", "Failed"] = "Running"
    shares: int = 1
    generation: int = 0
    pods: int = 0
    deleted: bool = False
    held: bool = False
    rate: int = 0
    message: str = ""
    uid: str = ""
    key_in: str = ""
    provider: str = ""


UNKNOWN: Final = Freeze()


@dataclass(frozen=True)
class SeenHolder:
    """A holder of a level's data, or what is known of one that is not there.

    Args:
        holder: Which.
        exists: Whether it is there.
        frozen: Whether none of its shards takes writes, and none can be woken or made by a write.
        count: Its objects, where they could be counted.
        note: What is noted of it.
        told: What each share of the Job that fills it tells; nothing yet of one that has not spoken since the operator
            last did.
        job: That Job.
        auto: What it does with tenants of its own accord, as `Freeze.auto` says it.
        tenants: How many it has of its own, whatever their states; None: it is a tenant, or keeps none.
    """

    holder: Holder
    exists: bool = True
    frozen: bool = False
    count: int | None = None
    note: Freeze = UNKNOWN
    told: tuple[Told, ...] = ()
    job: SeenJob | None = None
    auto: str = ""
    tenants: int | None = None

    @property
    def sealed(self) -> bool:
        """Return whether all shares have sealed the freeze that is on."""
        return bool(self.note.token and self.told) and all(one.sealed == self.note.token for one in self.told)

    @property
    def heard(self) -> bool:
        """Return whether every share has spoken since the operator last did: it is alive, by the server's clock."""
        return bool(self.told) and all(one.at for one in self.told)

    @property
    def has_place(self) -> bool:
        """Return whether its Job is one of those that carry data, of which there may be so many; a held one is not."""
        return self.job is not None and not self.job.held

    def filled_from(self, other: Holder) -> bool:
        """Return whether it is being filled from another, and was not swapped for it yet."""
        return self.note.source == str(other) and not self.note.over


@dataclass(frozen=True)
class SeenMigration:
    """What is seen of a level's migration.

    Args:
        serving: The holder that its alias leads to.
        wanted: The holder of its declaration, there or not; the serving one where they are the same.
        others: All further holders of its data.
    """

    serving: SeenHolder
    wanted: SeenHolder
    others: tuple[SeenHolder, ...] = ()

    @property
    def pending(self) -> bool:
        """Return whether the level is to be served by another holder."""
        return self.serving.holder != self.wanted.holder

    @property
    def beside(self) -> tuple[SeenHolder, ...]:
        """Return all holders that are there, but for the serving one."""
        wanted = (self.wanted,) if self.pending and self.wanted.exists else ()
        return (*wanted, *self.others)

    @property
    def previous(self) -> SeenHolder | None:
        """Return the holder that the serving one is filled from, or was swapped for."""
        return next((one for one in self.beside if str(one.holder) == self.serving.note.source), None)
