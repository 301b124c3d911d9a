"""By what rules a level is carried, read off its object and the operator's settings."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from hirag_operator.api.durations import to_timedelta
from hirag_operator.plan.collection.levelplan import LevelPlan
from hirag_operator.plan.collection.migration.course import Terms
from hirag_operator.plan.collection.migration.job import Cargo, render_job
from hirag_operator.plan.moves import Holder
from hirag_operator.reconcile.outlook import Need
from hirag_operator.reconcile.road import Road

Json = Mapping[str, Any]

NOTHING_NEEDED: Final = Need()


def terms_of(
    road: Road,
    plan: LevelPlan,
    *,
    room: bool,
    objects: int | None = None,
    tenants: int = 0,
    takes: Need = NOTHING_NEEDED,
) -> Terms:
    """Return the terms of a level: `objects` and `tenants` are what its source has; the rest is as of `Terms`."""
    migration, verify = road.collection.spec.migration, road.collection.spec.migration.verify_
    owned = road.owned(plan.wanted.level)

    def job(source: Holder, into: Holder, since_ms: int) -> Json:
        vectors = plan.pending.vectors if plan.pending is not None else "copy"
        cargo = Cargo(
            source,
            into,
            vectors,
            objects,
            since_ms,
            verify.sample_size,
            migration.search_slowdown,
            migration.objects_per_second,
            tenants=tenants,
            questions=tuple(verify.golden_queries or ()),
            nonce=uuid4().hex,
            takes=takes.to_annotation(road),
        )
        return render_job(owned, road.means, cargo)

    return Terms(
        level=plan.wanted.level,
        alias=plan.wanted.place.alias,
        approved=road.approved,
        plan=road.plan,
        room=room,
        first=None,
        min_recall=verify.min_recall,
        max_freeze=to_timedelta(migration.max_freeze),
        soak=to_timedelta(migration.soak),
        keep_previous=migration.keep_previous,
        generation=road.collection.metadata.generation,
        now_ms=int(road.services.now().timestamp() * 1000),
        token=uuid4().hex,
        jobs_namespace=road.means.namespace,
        making=(),
        job=job,
        rate=migration.objects_per_second,
        shortage=takes.lacks,
    )
