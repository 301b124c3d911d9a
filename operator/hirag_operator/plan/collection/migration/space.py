"""Whether a second revision has room beside all that a Weaviate holds: what is there, what is promised, what is asked.

Weaviate tells neither its free disk nor its free memory. So what there is has to be declared with the connection, and
what is taken is estimated, in the same way for what is there and for what is to come.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

from hirag_operator.plan.collection.indexmemory import compressed_bytes, memory_bytes
from hirag_operator.plan.quantity import in_bytes

Json = Mapping[str, Any]

TAKES: Final = "hirag.dev/migration-takes"  # annotation of a Job: what the holder that it fills will take, and where
_LINK_BYTES: Final = 10  # of a neighbour in a graph, on disk (https://docs.weaviate.io/weaviate/concepts/resources)
_FLOAT: Final = 4


@dataclass(frozen=True)
class Space:
    """Memory of vector indexes, and disk, in bytes."""

    memory: int = 0
    disk: int = 0

    def __add__(self, other: "Space") -> "Space":
        return Space(self.memory + other.memory, self.disk + other.disk)

    def part(self, share: float) -> "Space":
        """Return a part of it."""
        return Space(round(self.memory * share), round(self.disk * share))


NOTHING: Final = Space()


@dataclass(frozen=True)
class Capacity:
    """What a Weaviate may use for data, as declared with its connection, in bytes; None: nobody said."""

    memory: int | None = None
    disk: int | None = None

    @property
    def declared(self) -> bool:
        """Return whether anything is said."""
        return self.memory is not None or self.disk is not None


@dataclass(frozen=True)
class Index:
    """A vector index: its type and vectorIndexConfig, and how long its vectors are."""

    kind: str
    settings: Json
    dimensions: int


@dataclass(frozen=True)
class Stored:
    """What a collection holds.

    Args:
        name: The collection's.
        objects: How many, over all replicas.
        object_bytes: How long one is on average, without vectors.
        indexes: Of each of its vectors.
        shards: How many there are, tenants too.
    """

    name: str
    objects: int
    object_bytes: float
    indexes: tuple[Index, ...]
    shards: int = 1

    @property
    def space(self) -> Space:
        """Return what it takes: vectors are on disk whole, beside what a quantizer made of them."""
        return reduce(
            Space.__add__, map(self._of_index, self.indexes), Space(disk=round(self.objects * self.object_bytes))
        )

    def _of_index(self, index: Index) -> Space:
        settings = index.settings
        inner = settings.get("hnsw") or settings
        links = 0 if index.kind == "flat" else _LINK_BYTES * int(inner.get("maxConnections") or 0)
        whole = _FLOAT * index.dimensions
        again = compressed_bytes(inner, index.dimensions)
        each = whole + links + (again if again != whole else 0)
        memory = memory_bytes(index.kind, settings, self.objects, index.dimensions, max(self.shards, 1))
        return Space(memory, self.objects * each)


@dataclass(frozen=True)
class Promise:
    """What a Job that runs will still take of a Weaviate, by the name of its connection."""

    connection: str
    space: Space

    def to_annotation(self) -> str:
        """Return it as the annotation `TAKES` of the Job."""
        return json.dumps({"connection": self.connection, "memory": self.space.memory, "disk": self.space.disk})


def promised(job: Json) -> Promise | None:
    """Return what a Job was made for; None where it does not say."""
    try:
        said = json.loads((job["metadata"].get("annotations") or {})[TAKES])
        return Promise(str(said["connection"]), Space(int(said["memory"]), int(said["disk"])))
    except (KeyError, TypeError, ValueError):
        return None


def shortage(capacity: Capacity, taken: Space, running: Iterable[Space], asked: Space) -> str:
    """Return in words what is missing for `asked`, and by what that is known; empty where it has room.

    `taken` is what the server holds, `running` what each migration that runs will still take. What takes nothing has
    room everywhere.
    """
    coming = reduce(Space.__add__, running, NOTHING)
    missing = [
        _missing(what, most, of_taken, of_coming, of_asked)
        for what, most, of_taken, of_coming, of_asked in (
            ("memory", capacity.memory, taken.memory, coming.memory, asked.memory),
            ("disk", capacity.disk, taken.disk, coming.disk, asked.disk),
        )
        if most is not None and of_asked > 0 and of_taken + of_coming + of_asked > most
    ]
    return " and ".join(missing)


def room_left(capacity: Capacity, taken: Space, running: Iterable[Space]) -> Capacity:
    """Return what is left of what was declared."""
    coming = reduce(Space.__add__, running, taken)
    return Capacity(
        None if capacity.memory is None else max(0, capacity.memory - coming.memory),
        None if capacity.disk is None else max(0, capacity.disk - coming.disk),
    )


def _missing(what: str, most: int, taken: int, coming: int, asked: int) -> str:
    going_on = f", migrations that run will take {in_bytes(coming)}" if coming else ""
    return (
        f"about {in_bytes(asked)} of {what} are needed and {in_bytes(max(0, most - taken - coming))} are left: "
        f"{in_bytes(most)} are declared, what is stored takes about {in_bytes(taken)}{going_on}"
    )
