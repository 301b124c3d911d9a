"""What a ContextCollection comes to: the steps for each level, and one verdict over all of them.

Each level is decided by a chain of small questions, the first answer winning: does its alias lead to data of its own,
would a new revision be needed, can what differs change in place. Weaviate is the truth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.collection.absence import led_astray, lost, without_alias
from hirag_operator.plan.collection.adoption import adopting
from hirag_operator.plan.collection.byhand import after_another_hand, changed_by_hand
from hirag_operator.plan.collection.changes import SchemaChanges, schema_changes
from hirag_operator.plan.collection.levelplan import LevelPlan, Pending, Stance
from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.made import Made
from hirag_operator.plan.collection.migration.course import Course, Stage
from hirag_operator.plan.collection.owntenants import tenants_meanwhile, tenants_not_carried
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.stamp import Stamp, read_stamp
from hirag_operator.plan.collection.tenants import tenant_steps
from hirag_operator.plan.steps import (
    AddProperty,
    SchemaStep,
    SetTenantStates,
    UpdateCollection,
)
from hirag_operator.plan.vectors import agrees
from hirag_operator.plan.verdict import State, Verdict, ready, stalled, working

Json = Mapping[str, Any]

AT_ONCE: Final = Stance()
NOTHING: Final[Mapping[str, Made]] = {}


def plan_level(wanted: WantedLevel, seen: SeenLevel, stance: Stance = AT_ONCE) -> LevelPlan:
    """Return the steps that bring a level to its wanted state, or the problem that a person must solve."""
    if (adoption := adopting(wanted, seen)) is not None:
        return adoption
    if seen.target is None:
        return without_alias(wanted, seen, stance)
    return _behind_alias(wanted, seen, seen.target, stance)


def _behind_alias(wanted: WantedLevel, seen: SeenLevel, target: str, stance: Stance) -> LevelPlan:
    if seen.live is None:
        what = f"alias {wanted.place.alias} points at collection {target}, which is gone"
        return lost(wanted, seen, what, stance)
    stamp = read_stamp(seen.live)
    if stamp is None or not wanted.owns(stamp):
        return led_astray(wanted, seen, stance)
    if stamp.of_pool and wanted.tenant_of_pool not in (seen.tenants or {}):
        return lost(wanted, seen, f"tenant {wanted.tenant_of_pool} of {target} is gone", stance)
    changes = schema_changes(wanted.schema, seen.live)
    if (pending := pending_of(wanted, seen.live, stamp, changes)) is not None:
        return _to_migrate(wanted, seen, pending, stance)
    return _in_place(wanted, seen, str(seen.live["class"]), changes, stance)


def judge(plans: Sequence[LevelPlan], left_behind: Mapping[str, Made] = NOTHING) -> Verdict:
    """Return the verdict over all levels: the gravest problem, else what remains to be done, else ready.

    `left_behind` are levels that were made and are no longer declared: their data stays.
    """
    problems = [plan.problem for plan in plans if plan.problem is not None]
    if problems:
        messages = [*(problem.message for problem in problems), *_also_stopped(plans)]
        return stalled(problems[0].reason, " ".join(messages))
    remaining = [str(step) for plan in plans for step in plan.steps]
    if remaining:
        return working(Reason.RECONCILING, f"{len(remaining)} steps remain, the next: {remaining[0]}.")
    if (moving := _on_course(plans)) is not None:
        return moving
    reached = f"Reached through {', '.join(str(plan.wanted.place) for plan in plans)}."
    kept = [told for plan in plans if plan.course is not None and (told := _kept(plan.course))]
    return ready(" ".join([reached, *kept, *(_left(level, made) for level, made in sorted(left_behind.items()))]))


def _also_stopped(plans: Sequence[LevelPlan]) -> list[str]:
    """Return what waits for a person in migrations that go on beside a problem of the same level."""
    courses = [plan.course for plan in plans if plan.problem is not None and plan.course is not None]
    return [one.verdict.message for one in courses if one.verdict is not None and one.verdict.state is State.STALLED]


def _on_course(plans: Sequence[LevelPlan]) -> Verdict | None:
    """Return what migrations say about the object: first what waits for a person, then what goes on by itself."""
    verdicts = [
        working(
            Reason.MIGRATING, f"{plan.wanted.level} is to be carried into a new revision, to change {plan.pending}."
        )
        for plan in plans
        if plan.pending is not None and plan.course is None
    ]
    verdicts += [plan.course.verdict for plan in plans if plan.course is not None and plan.course.verdict is not None]
    if not verdicts:
        return None
    stopped = [one for one in verdicts if one.state is State.STALLED]
    halted = [one for one in stopped if one.reason is not Reason.ROLLED_BACK]  # which is what was asked for
    going_on = [one for one in verdicts if one not in stopped]
    gravest = [*halted, *going_on, *stopped][0]
    return replace(gravest, message=" ".join(dict.fromkeys(one.message for one in verdicts)))


def _kept(course: Course) -> str:
    """Return what is said of the previous revision while it is kept."""
    match course.stage:
        case Stage.SOAKING:
            return f"{course.source} is kept read-only for the soak: take the change back to return to it."
        case Stage.KEPT:
            return f"{course.source} is kept read-only, as spec.migration.keepPrevious says."
        case _:
            return ""


def _left(level: str, made: Made) -> str:
    return (
        f"{level} is no longer declared; its data stays in {made.collection} until this object is deleted with "
        f"deletionPolicy Delete."
    )


def pending_of(wanted: WantedLevel, live: Json, stamp: Stamp, changes: SchemaChanges) -> Pending | None:
    """Return what only another revision could change; None when all that differs can change in place.

    Of a level that is to be as before a plan, that is all that the plan has changed.
    """
    name = str(live["class"])
    if (undone := wanted.rolled_back) is not None:
        back = (f"plan {undone.plan} undone", *undone.changes)
        return Pending(back, undone.change_class) if name != wanted.collection else None
    vectors = _other_vectors(wanted, stamp)
    if stamp.of_pool != wanted.place.shared:
        change = "placement (Shared → Dedicated)" if stamp.of_pool else "placement (Dedicated → Shared)"
        return Pending((*vectors, change), "embed" if vectors else "build")
    rebuild = [*vectors, *changes.build]
    if stamp.of_pool and name != wanted.collection:
        rebuild += _shared_with_others(changes)
        rebuild = rebuild or [f"the HNSWIndexPolicy of the pool ({name} → {wanted.collection})"]
    return Pending(tuple(rebuild), "embed" if vectors or changes.embed else "build") if rebuild else None


def _other_vectors(wanted: WantedLevel, stamp: Stamp) -> list[str]:
    if stamp.fingerprint != wanted.stamp.fingerprint:
        return [f"embedding fingerprint ({stamp.fingerprint} → {wanted.stamp.fingerprint})"]
    if stamp.sketch and wanted.stamp.sketch and not agrees(stamp.sketch, wanted.stamp.sketch):
        return ["the vectors that the model gives (other ones under the same name)"]
    return []


def _shared_with_others(changes: SchemaChanges) -> list[str]:
    """Return the changes that a collection of its own would take in place, and a pool cannot: neighbours share them."""
    return [*changes.hot_paths, *(f"properties[{prop['name']}] (added)" for prop in changes.added)]


def _to_migrate(wanted: WantedLevel, seen: SeenLevel, pending: Pending, stance: Stance) -> LevelPlan:
    """Return the plan of a level that needs a new revision; a migration that cannot be is told with the way out."""
    steps, held = tenants_meanwhile(wanted, seen)
    plan = LevelPlan(wanted, seen, tuple(steps), problem=held)
    if steps and changed_by_hand(wanted, seen):
        plan = after_another_hand(wanted, seen, steps, (), held, stance)
    plan = replace(plan, pending=pending)
    why = _cannot_migrate(wanted, seen)
    return plan if why is None else not_migrated(plan, why)


def not_migrated(plan: LevelPlan, why: str) -> LevelPlan:
    """Return the plan of a level that needs a new revision and cannot have one, for a reason with the way out."""
    message = (
        f"{plan.wanted.level} keeps serving from {plan.seen.target}: a new revision would be needed to change "
        f"{plan.pending}, and {why}."
    )
    return replace(plan, problem=stalled(Reason.MIGRATION_REQUIRED, message))


def _cannot_migrate(wanted: WantedLevel, seen: SeenLevel) -> str | None:
    if (why := tenants_not_carried(wanted, seen)) is not None:
        return why
    if wanted.collection == seen.target:
        return (
            "its vectors come from a model that answers others under the same name; restore the model, or declare the "
            "new one as an EmbeddingModel of another revision or name"
        )
    if not wanted.schema["invertedIndexConfig"].get("indexTimestamps"):
        return "data is followed by its update times; set spec.invertedIndex.indexTimestamps to true"
    return None


def _in_place(wanted: WantedLevel, seen: SeenLevel, name: str, changes: SchemaChanges, stance: Stance) -> LevelPlan:
    steps: list[SchemaStep] = []
    if changes.hot:  # first: it carries the list of properties as it was seen, which must still be all there is
        steps.append(UpdateCollection(name, changes.hot, changes.hot_paths))
    steps += [AddProperty(name, prop) for prop in changes.added]
    held: Verdict | None = None
    postponed = False
    if wanted.place.tenant is not None:
        steps += _own_tenant(name, wanted.place.tenant, seen)
    else:
        of_tenants, held = tenant_steps(name, wanted.tenants, seen.tenants or {}, wanted.tenancy)
        at_once = [one for one in of_tenants if not (stance.carrying and isinstance(one, SetTenantStates))]
        postponed = len(at_once) < len(of_tenants)
        steps += at_once
    plan = LevelPlan(wanted, seen, tuple(steps), problem=held)
    if steps and changed_by_hand(wanted, seen):
        plan = after_another_hand(wanted, seen, steps, changes.hot_paths, held, stance)
    return replace(plan, postponed=postponed)


def _own_tenant(pool: str, tenant: str, seen: SeenLevel) -> list[SchemaStep]:
    """Return the step that wakes the level's tenant: an index that is declared is in use."""
    awake = (seen.tenants or {}).get(tenant) in {"HOT", "ACTIVE", "UNFREEZING"}
    return [] if awake else [SetTenantStates(pool, {tenant: "ACTIVE"})]
