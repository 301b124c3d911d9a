"""What a ContextCollection comes to: the steps for each level, and one verdict over all of them.

Each level is decided by a chain of small questions, the first answer winning: whose is what stands at its address, is
it complete, can what differs change in place. Weaviate is the truth; nothing is remembered from one look to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hirag_operator.api.conditions import Reason
from hirag_operator.plan.changes import schema_changes
from hirag_operator.plan.levels import WantedLevel
from hirag_operator.plan.stamp import read_stamp
from hirag_operator.plan.steps import (
    AddProperty,
    CreateAlias,
    CreateCollection,
    CreateTenants,
    SetTenantStates,
    UpdateCollection,
    WeaviateStep,
)
from hirag_operator.plan.verdict import Verdict, ready, stalled, working

Json = Mapping[str, Any]

READ_STATES = {"HOT": "ACTIVE", "COLD": "INACTIVE", "FROZEN": "OFFLOADED"}  # Weaviate reads and writes different words
MOVING_STATES = {"FREEZING", "UNFREEZING"}  # on the way to or from object storage; asking again would not hasten it


@dataclass(frozen=True)
class SeenLevel:
    """What stands at a level's address in Weaviate.

    `target`: what the alias points at; `live`: its schema (None: gone). `spares`: schemas of collections that a
    missing alias could point at: the wanted one, or any with our stamp. `clash`: a plain collection has the alias's
    name. `tenants`: name → state, where the live collection has tenants. `count`: objects, where it could be told.
    """

    target: str | None = None
    live: Json | None = None
    spares: tuple[Json, ...] = ()
    clash: bool = False
    tenants: Mapping[str, str] | None = None
    count: int | None = None


@dataclass(frozen=True)
class LevelPlan:
    """Steps for a level, or the problem that stands in their way."""

    wanted: WantedLevel
    seen: SeenLevel
    steps: tuple[WeaviateStep, ...] = ()
    problem: Verdict | None = None


def plan_level(wanted: WantedLevel, seen: SeenLevel) -> LevelPlan:
    """Return the steps that bring a level to its wanted state, or the problem that a person must solve."""
    if seen.clash:
        return _problem(wanted, seen, Reason.CONFLICT, _taken(wanted, "a collection of that very name exists"))
    if seen.target is None:
        return _without_alias(wanted, seen)
    if seen.live is None:
        return _problem(wanted, seen, Reason.COLLECTION_MISSING, _missing(wanted, seen.target))
    stamp = read_stamp(seen.live)
    if stamp is None:
        why = f"it points at collection {seen.target}, which this operator did not make"
        return _problem(wanted, seen, Reason.CONFLICT, _taken(wanted, why))
    if stamp.owner != wanted.stamp.owner:
        return _problem(wanted, seen, Reason.CONFLICT, _taken(wanted, f"it belongs to {stamp}"))
    return _with_collection(wanted, seen, seen.live, stamp.fingerprint)


def judge(plans: Sequence[LevelPlan]) -> Verdict:
    """Return the verdict over all levels: the gravest problem, else what remains to be done, else ready."""
    problems = [plan.problem for plan in plans if plan.problem is not None]
    if problems:
        return stalled(problems[0].reason, " ".join(problem.message for problem in problems))
    remaining = [str(step) for plan in plans for step in plan.steps]
    if remaining:
        return working(Reason.RECONCILING, f"{len(remaining)} steps remain, the next: {remaining[0]}.")
    aliases = ", ".join(plan.wanted.place.alias for plan in plans)
    return ready(f"Reached through {aliases}.")


def _without_alias(wanted: WantedLevel, seen: SeenLevel) -> LevelPlan:
    alias = wanted.place.alias
    ours = [spare for spare in seen.spares if (s := read_stamp(spare)) and s.owner == wanted.stamp.owner]
    foreign = [str(spare["class"]) for spare in seen.spares if spare not in ours]
    if foreign:
        why = f"collection {foreign[0]} exists and this operator did not make it for this object"
        return _problem(wanted, seen, Reason.CONFLICT, f"{why}; remove it, or rename this ContextCollection")
    if len(ours) > 1:
        names = ", ".join(str(spare["class"]) for spare in ours)
        return _problem(
            wanted,
            seen,
            Reason.REVISION_AMBIGUOUS,
            f"alias {alias} is gone and {names} could stand behind it; point the alias at the right one",
        )
    if ours:
        # Left by a crash between two steps, by a retained object of this name, or by an alias removed by hand.
        return LevelPlan(wanted, seen, (CreateAlias(alias, str(ours[0]["class"])),))
    made = str(wanted.schema["class"])
    tenants = (CreateTenants(made, _at_first(wanted.tenants)),) if wanted.tenants else ()
    return LevelPlan(wanted, seen, (CreateCollection(wanted.schema), *tenants, CreateAlias(alias, made)))


def _with_collection(wanted: WantedLevel, seen: SeenLevel, live: Json, fingerprint: str) -> LevelPlan:
    changes = schema_changes(wanted.schema, live)
    rebuild = list(changes.build)
    if fingerprint != wanted.stamp.fingerprint:
        rebuild.insert(0, f"embedding fingerprint ({fingerprint} → {wanted.stamp.fingerprint})")
    if rebuild:
        message = (
            f"{wanted.level} keeps serving from {live['class']}: a new revision would be needed to change "
            f"{'; '.join(rebuild)}. This release does not migrate yet; take the change back, or make a new object"
        )
        return _problem(wanted, seen, Reason.MIGRATION_REQUIRED, message)
    name = str(live["class"])
    steps: list[WeaviateStep] = []
    if changes.hot:  # first: it carries the list of properties as it was seen, which must still be all there is
        steps.append(UpdateCollection(name, changes.hot, changes.hot_paths))
    steps += [AddProperty(name, prop) for prop in changes.added]
    return LevelPlan(wanted, seen, (*steps, *_tenant_steps(wanted, seen, name)))


def _tenant_steps(wanted: WantedLevel, seen: SeenLevel, name: str) -> list[WeaviateStep]:
    """Return steps for declared tenants; tenants that nobody declared are left alone."""
    present = {tenant: READ_STATES.get(state, state) for tenant, state in (seen.tenants or {}).items()}
    missing = {tenant: state for tenant, state in wanted.tenants.items() if tenant not in present}
    changed = {
        tenant: state
        for tenant, state in wanted.tenants.items()
        if present.get(tenant, state) not in {state, *MOVING_STATES}
    }
    steps: list[WeaviateStep] = []
    if missing:
        steps.append(CreateTenants(name, _at_first(missing)))
    if changed:
        steps.append(SetTenantStates(name, changed))
    return steps


def _at_first(tenants: Mapping[str, str]) -> dict[str, str]:
    """Return the states to create tenants in: the server offloads only a tenant that it has."""
    return {tenant: "INACTIVE" if state == "OFFLOADED" else state for tenant, state in tenants.items()}


def _problem(wanted: WantedLevel, seen: SeenLevel, reason: Reason, message: str) -> LevelPlan:
    return LevelPlan(wanted, seen, problem=stalled(reason, f"{message}."))


def _taken(wanted: WantedLevel, why: str) -> str:
    return f"Alias {wanted.place.alias} is taken: {why}; free the name in Weaviate, or rename this ContextCollection"


def _missing(wanted: WantedLevel, target: str) -> str:
    return (
        f"Alias {wanted.place.alias} points at collection {target}, which is gone; restore it from a backup, "
        f"or delete the alias to have an empty one made"
    )
