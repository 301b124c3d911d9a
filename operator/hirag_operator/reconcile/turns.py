"""Whether a level may begin to be migrated: whose turn it is where a shared object changed, and if there is room."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from hirag_operator.api.rollout import Canary
from hirag_operator.plan.children.owned import selector
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.migration.canary import Member, goes_first, waits_for
from hirag_operator.plan.collection.migration.job import LABELS
from hirag_operator.plan.collection.migration.jobstate import carries, fills, is_held, is_running
from hirag_operator.plan.collection.vectorindex import index_digest
from hirag_operator.reconcile.canaries import Uses, by_model, by_policy, members, same_index, same_vectors
from hirag_operator.reconcile.road import Road

Json = Mapping[str, Any]


def has_room(road: Road) -> bool:
    """Return whether fewer Jobs carry data than may: one that follows, perhaps for days, costs next to nothing."""
    running = [job for job in running_copies(road) if not is_held(job)]
    most = road.services.migrations
    return len(running) < most or sum(not _follows(road, job) for job in running) < most


def running_copies(road: Road) -> list[Json]:
    """Return the Jobs that carry data, of all collections."""
    return [job for job in road.all_of("Job", selector(LABELS)) if carries(job) and is_running(job)]


def running_surveys(road: Road) -> int:
    """Return how many surveys are made, of all collections."""
    return sum(is_running(job) and not carries(job) for job in road.all_of("Job", selector(LABELS)))


def _follows(road: Road, job: Json) -> bool:
    told = road.server.told(*fills(job))
    return bool(told) and all(one.phase == "following" for one in told)


def first(road: Road, plan: LevelPlan) -> str | None:
    """Return in words which collection a level waits for; None where it waits for none.

    One of another namespace is not named: that it exists is none of this one's business.
    """
    home = road.collection.metadata
    for one in _firsts(road, plan):
        if (other := waits_for(one, home.namespace, home.name)) is not None:
            return other.whose if other.namespace == home.namespace else "a collection of another namespace"
    return None


def _firsts(road: Road, plan: LevelPlan) -> Iterator[Member | None]:
    """Yield which level goes first, for each shared object whose change a level is to be carried for."""
    pending, wanted = plan.pending, plan.wanted
    if pending is None:
        return
    indexing, model = road.references.policies[wanted.level], road.references.model
    if indexing.policy and any(change.startswith("vectorIndex") for change in pending.changes):
        settings = index_digest(wanted.schema["vectorIndexType"], wanted.schema["vectorIndexConfig"])
        done = partial(same_index, wanted)
        yield _first(road, by_policy(indexing.policy), done, indexing.spec.rollout.canary, (indexing.policy, settings))
    if pending.vectors == "embed":
        reference = f"{model.metadata.namespace}/{model.metadata.name}"
        done = partial(same_vectors, wanted)
        yield _first(road, by_model(reference), done, model.spec.rollout.canary, (reference, wanted.stamp.fingerprint))


def _first(
    road: Road, uses: Uses, done: "partial[bool]", named: Canary | None, change: tuple[str, str]
) -> Member | None:
    def look() -> Member | None:
        found = members(road.services.collections(), road.server, uses, done)
        return goes_first(found, None if named is None else (named.namespace, named.name))

    return road.services.canaries.first((road.collection.spec.weaviate.connection, *change), look)
