"""Writing objects into a part, and removing some: nothing that Weaviate refuses is passed over."""

from collections.abc import Sequence
from uuid import UUID

from weaviate.proto.v1 import batch_delete_pb2, batch_pb2

from hirag_jobs.connection import PASSING, attempts
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.filters import both, updated_before, with_ids
from hirag_jobs.objects.part import Part
from hirag_kit.errors import VectorStoreError

IDS_PER_DELETION = 1_000


class ObjectsRefusedError(VectorStoreError):
    """Weaviate refuses objects for good: a copy without them would not be one."""

    retryable = False


def write(channel: ObjectChannel, objects: Sequence[batch_pb2.BatchObject]) -> int:
    """Writes objects, replacing those of the same id; what is refused for the moment is tried again.

    Returns:
        How many were written: all.

    Raises:
        ObjectsRefusedError: some can never be written.
        VectorStoreError: some were refused however often they were tried.
    """
    waiting = list(objects)
    for attempt in attempts():
        with attempt:
            reply = channel.write(batch_pb2.BatchObjectsRequest(objects=waiting))
            refused = {error.index: error.error for error in reply.errors}
            for_good = {at: said for at, said in refused.items() if not PASSING.search(said)}
            if for_good:
                at, said = next(iter(for_good.items()))
                raise ObjectsRefusedError(f"{len(for_good)} objects were refused, {waiting[at].uuid} first: {said}")
            waiting = [waiting[at] for at in refused]
            if waiting:
                channel.stumbled()
                raise VectorStoreError(f"{len(waiting)} objects were not taken: {next(iter(refused.values()))}")
    return len(objects)


def remove(channel: ObjectChannel, part: Part, ids: Sequence[int], before: int | None = None) -> int:
    """Removes objects by their ids, a thousand at a time; returns how many were there.

    Args:
        channel: to the Weaviate of the part.
        part: from where.
        ids: which.
        before: leaves those that were written at this moment or later; milliseconds since 1970, server's clock.

    Raises:
        VectorStoreError: some were not removed however often it was tried.
    """
    chunks = (ids[start : start + IDS_PER_DELETION] for start in range(0, len(ids), IDS_PER_DELETION))
    return sum(_remove(channel, part, chunk, before) for chunk in chunks)


def _remove(channel: ObjectChannel, part: Part, ids: Sequence[int], before: int | None) -> int:
    chosen = with_ids(ids) if before is None else both(with_ids(ids), updated_before(before))
    request = batch_delete_pb2.BatchDeleteRequest(collection=part.collection, filters=chosen)
    if part.tenant is not None:
        request.tenant = part.tenant
    removed = 0
    for attempt in attempts():
        with attempt:
            reply = channel.delete(request)
            removed += reply.successful
            if reply.failed:
                first = UUID(int=ids[0])
                raise VectorStoreError(f"{reply.failed} objects of {part}, {first} among them, were not removed")
    return removed
