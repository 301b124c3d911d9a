"""Bringing the levels of a ContextCollection about in Weaviate."""

import contextlib
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hirag_operator.adapters.weaviate import WeaviateAdapter
from hirag_operator.errors import OperatorError, Refused
from hirag_operator.plan.collection.contextcollection import plan_level
from hirag_operator.plan.collection.levelplan import LevelPlan, Stance
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.made import Made
from hirag_operator.reconcile.outcome import weaviate_verdict
from hirag_operator.reconcile.pools import PoolKey
from hirag_operator.reconcile.progress import carry_out
from hirag_operator.reconcile.references import Obstacle
from hirag_operator.reconcile.report import announce
from hirag_operator.reconcile.services import Services

Json = Mapping[str, Any]

Migrated = Callable[[LevelPlan], LevelPlan]

MOST_PASSES = 5  # looks at Weaviate within one reconcile: what a pass makes, the next sees


@dataclass(frozen=True)
class Ground:
    """Where levels are brought about: for which object, on which server, from which record, by which policies.

    `counted` are the levels whose objects its status tells; `migrated` carries a level further that needs it; `left`
    tells of which levels a Job of a migration is left, which goes last, and whether it runs: after a crash, by it the
    rest is seen to.
    """

    services: Services
    body: Json
    connection: str
    server: WeaviateAdapter
    made: Mapping[str, Made]
    stance: Stance
    counted: Container[str] = ()
    migrated: Migrated = lambda plan: plan
    left: Callable[[], Mapping[str, bool]] = dict

    def look(self, wanted: WantedLevel, *, fresh: bool) -> LevelPlan:
        """Return what a level comes to, by a look that may be a while old or by one of this moment."""
        made = self.made.get(wanted.level)
        stance = replace(self.stance, carrying=self.left().get(wanted.level, False))
        return plan_level(wanted, self.server.observe_level(wanted, made, fresh=fresh), stance)


def converge(ground: Ground, wanted: Sequence[WantedLevel]) -> list[LevelPlan]:
    """Bring every level as far as it goes.

    Raises:
        Obstacle: the server does not answer or does not let us in, which concerns all levels alike.
    """
    try:
        return [_counted(ground, _converge_level(ground, level)) for level in wanted]
    except OperatorError as error:
        raise Obstacle(weaviate_verdict(error)) from error


def _converge_level(ground: Ground, wanted: WantedLevel) -> LevelPlan:
    plan, left = ground.look(wanted, fresh=False), ground.left()
    if plan.at_rest and not left:
        return plan
    pool = ground.services.pools.using(PoolKey(ground.connection, wanted.collection))
    with pool if wanted.place.shared else contextlib.nullcontext():
        plan = _bring_about(ground, wanted)
        return ground.migrated(plan) if plan.may_move and (left or plan.moves) else plan


def _counted(ground: Ground, plan: LevelPlan) -> LevelPlan:
    """Count what rests on disk when nothing is known of it: the one reason to wake a tenant."""
    seen, tenant = plan.seen, plan.wanted.tenant_of_pool
    if seen.count is not None or seen.target is None or tenant not in (seen.tenants or {}):
        return plan
    if plan.wanted.level in ground.counted or (seen.tenants or {})[tenant] != "HOT":
        return plan
    return replace(plan, seen=replace(seen, count=ground.server.count_tenant(seen.target, tenant)))


def _bring_about(ground: Ground, wanted: WantedLevel) -> LevelPlan:
    """Look, plan and apply until nothing remains.

    A refused step is looked at once more, for somebody else may just have made what it was to make (a pool, above
    all); refused again, it is the problem of its level alone.
    """
    refusal: Refused | None = None
    plan = ground.look(wanted, fresh=True)
    for _ in range(MOST_PASSES):
        if not plan.steps:
            break
        tried = plan.steps
        try:
            carry_out(ground.services, ground.body, ground.server.apply, plan.steps)
        except Refused as error:
            if refusal is not None:
                return LevelPlan(wanted, plan.seen, problem=weaviate_verdict(error))
            refusal = error
        else:
            refusal = None
            if plan.news is not None:
                announce(ground.services, ground.body, plan.news.reason.value, plan.news.note, warning=True)
        plan = ground.look(wanted, fresh=refusal is not None)
        if refusal is not None and plan.steps == tried:
            return LevelPlan(wanted, plan.seen, problem=weaviate_verdict(refusal))
    return plan
