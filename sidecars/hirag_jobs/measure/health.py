"""What Weaviate itself says of an index: whether all vectors are in it yet, and whether they are compressed."""

import time

from pydantic import BaseModel, Field

from hirag_jobs.measure.subject import Subject
from hirag_jobs.objects.part import Part
from hirag_jobs.rest import Rest
from hirag_kit.errors import ConfigurationError, DeadlineError

_PAUSE_SECONDS = 1.0


class ShardHealth(BaseModel):
    """One shard on one node."""

    node: str
    shard: str
    status: str = Field(description="READY, INDEXING or READONLY, as vectorIndexingStatus")
    queue: int = Field(description="vectors that wait to be indexed, as vectorQueueLength")
    compressed: bool = Field(description="whether the quantizer is at work")
    loaded: bool


class Health(BaseModel):
    """All shards."""

    queue: int = Field(description="vectors that wait to be indexed; while there are some, recall says little")
    compressed: bool = Field(description="whether the quantizer is at work in every shard")
    shards: list[ShardHealth]


def await_indexed(rest: Rest, subject: Subject, seconds: float) -> Health:
    """Looks until no vectors wait to be indexed, or once where no time is given.

    Args:
        rest: to the server.
        subject: what is measured; the queue is that of its shards, all their vectors together.
        seconds: the longest wait.

    Raises:
        DeadlineError: vectors still wait when the time is over.
        ConfigurationError: the key may not look, or the collection is gone.
        VectorStoreError: Weaviate was not reached.
    """
    end = time.monotonic() + seconds
    while True:
        health = look(rest, subject)
        if health.queue == 0 or seconds == 0:
            return health
        if time.monotonic() >= end:
            raise DeadlineError(f"{subject.part}: {health.queue} vectors still wait to be indexed after {seconds:g} s")
        time.sleep(min(_PAUSE_SECONDS, max(0.0, end - time.monotonic())))


def queue_of(rest: Rest, part: Part) -> int:
    """How many vectors of a collection, or of a tenant, wait to be indexed."""
    return _look(rest, part).queue


def look(rest: Rest, subject: Subject) -> Health:
    """What `GET /v1/nodes/{class}?output=verbose` says of the collection, or of the tenant."""
    return _look(rest, subject.part)


def _look(rest: Rest, part: Part) -> Health:
    nodes = rest.nodes(part.collection)
    if nodes is None:
        raise ConfigurationError(f"collection {part.collection} is gone")
    shards = [
        ShardHealth(
            node=node["name"],
            shard=shard["name"],
            status=shard["vectorIndexingStatus"],
            queue=shard["vectorQueueLength"],
            compressed=shard["compressed"],
            loaded=shard["loaded"],
        )
        for node in nodes
        for shard in node.get("shards") or ()
        if part.tenant is None or shard["name"] == part.tenant
    ]
    return Health(
        queue=sum(shard.queue for shard in shards),
        compressed=bool(shards) and all(shard.compressed for shard in shards),
        shards=shards,
    )
