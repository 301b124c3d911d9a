"""What an HNSWIndexPolicy comes to: which levels use it, and whether their indexes are as it says.

A policy does not look at Weaviate. It goes by what collections report of themselves, and takes a report only for what
it speaks of: the present spec of the collection, and the index settings that the policy has now.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from hirag_operator.api import HNSWIndexPolicy, Reason
from hirag_operator.api.collection_levels import STORED_LEVELS
from hirag_operator.api.conditions import ConditionType
from hirag_operator.api.hnswindexpolicy import BINDING_PENDING_LIMIT, MAX_BINDINGS
from hirag_operator.plan.collection.vectorindex import index_digest, vector_index
from hirag_operator.plan.dig import dig
from hirag_operator.plan.unacted import honored, unacted_fields
from hirag_operator.plan.verdict import Aspect, Verdict, conditions, ready

Json = Mapping[str, Any]

COMPLIANT: Final = "Compliant"
PENDING_REBUILD: Final = "PendingRebuild"
REBUILDING: Final = "Rebuilding"
WAITING: Final = "Waiting"

_NAMED: Final = 3  # levels that a message names
_OF_AN_INDEX: Final = "vectorIndex"  # how paths of a schema begin that follow from a policy

_MEASURED: Final = ("recall", "p95Milliseconds", "ef", "memoryBytes", "queries", "measuredAt")
_MET: Final = frozenset({Reason.OBJECTIVES_MET, Reason.MEMORY_NEAR_LIMIT, Reason.NOTHING_TO_MEASURE})
_GRAVITY: Final = (  # of reasons why objectives are not met
    Reason.REBUILD_PROPOSED,
    Reason.OBJECTIVES_MISSED,
    Reason.MEASUREMENT_FAILED,
    Reason.TUNING,
    Reason.NOT_MEASURED,
)


@dataclass(frozen=True)
class Users:
    """The levels that use a policy, by namespace, name and level, and how many refer to it that may not."""

    bindings: tuple[Json, ...] = ()
    refused: int = 0

    def of(self, state: str) -> list[Json]:
        """Return the levels in a state."""
        return [one for one in self.bindings if one["state"] == state]


def users(policy: HNSWIndexPolicy, collections: Iterable[Json], admitted: Callable[[str], bool]) -> Users:
    """Return the levels that use the policy, out of ContextCollections as JSON.

    They stay JSON, for there may be thousands, of which few use this policy. `admitted` tells of a namespace whether
    it may use the policy; levels of others are counted and not named.
    """
    settings = index_digest(*vector_index(policy.spec))
    found: list[Json] = []
    refused = 0
    for body in collections:
        levels = list(levels_using(body, policy.metadata.namespace, policy.metadata.name))
        if levels and not admitted(body["metadata"]["namespace"]):
            refused += len(levels)
        else:
            found += [_binding(body, level, settings) for level in levels]
    return Users(tuple(sorted(found, key=_place)), refused)


def judge(found: Users) -> Verdict:
    """Return the verdict: a policy that is well-formed is ready, whoever uses it and however far they are."""
    refused = f" {found.refused} of namespaces that it does not admit refer to it in vain." if found.refused else ""
    return ready(f"{compliance(found).message}{refused}")


def compliance(found: Users) -> Aspect:
    """Return the condition Compliant: whether all levels that use the policy have their index as it says."""
    total, agree = len(found.bindings), len(found.of(COMPLIANT))
    rebuild, waiting = [*found.of(PENDING_REBUILD), *found.of(REBUILDING)], found.of(WAITING)
    if not total:
        return Aspect(ConditionType.COMPLIANT, True, Reason.NOT_BOUND, "No level uses it.")
    parts = [f"{agree} of {total} levels that use it are indexed as it says."]
    if rebuild:
        parts.append(f"{len(rebuild)} need a new revision: {_some(rebuild)}.")
    if waiting:
        parts.append(f"{len(waiting)} have not taken it up: {_some(waiting)}.")
    reason = Reason.REBUILD_PENDING if rebuild else Reason.NOT_TAKEN_UP if waiting else Reason.BOUND
    return Aspect(ConditionType.COMPLIANT, agree == total, reason, " ".join(parts))


def status(policy: HNSWIndexPolicy, found: Users, now: datetime, previous: Json) -> dict[str, Any]:
    """Return the whole status of a policy."""
    generation = policy.metadata.generation
    aspects = [
        compliance(found),
        honored(unacted_fields(policy.spec.to_wire(), "HNSWIndexPolicy")),
        *objectives_met(policy, found),
    ]
    return {
        "observedGeneration": generation,
        "bindings": _shown(found.bindings),
        "bindingCount": len(found.bindings),
        "compliantCount": len(found.of(COMPLIANT)),
        "conditions": conditions(judge(found), aspects, previous.get("conditions", []), generation, now),
    }


def levels_using(body: Json, namespace: str, name: str) -> Iterator[str]:
    """Yield the levels of a collection whose reference leads to the policy; tolerant, for the spec may be invalid."""
    declared = dig(body, "spec", "levels")
    for level in STORED_LEVELS:
        reference = dig(declared, level, "indexPolicyRef")
        home = dig(reference, "namespace") or body["metadata"]["namespace"]
        if dig(reference, "name") == name and home == namespace:
            yield level


def _binding(body: Json, level: str, settings: str) -> Json:
    metadata = body["metadata"]
    return {
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "level": level,
        **_state(body, level, settings),
        **_measured(body, level),
    }


def _measured(body: Json, level: str) -> Json:
    """Return what a level's index achieves, as its collection reports it."""
    found = dig(body, "status", "measurements", level) or {}
    told = {name: found[name] for name in _MEASURED if name in found}
    return {**told, **({"objectives": found["state"]} if "state" in found else {})}


def objectives_met(policy: HNSWIndexPolicy, found: Users) -> tuple[Aspect, ...]:
    """Return the condition ObjectivesMet over all levels that use the policy; none where it has no objectives."""
    if policy.spec.objectives is None:
        return ()
    if not found.bindings:
        return (Aspect(ConditionType.OBJECTIVES_MET, True, Reason.NOT_BOUND, "No level uses it."),)
    missing: dict[str, list[Json]] = {}
    for one in found.bindings:
        reason = one.get("objectives", Reason.NOT_MEASURED.value)
        if reason not in _MET:
            missing.setdefault(reason, []).append(one)
    total = len(found.bindings)
    parts = [f"{total - sum(map(len, missing.values()))} of {total} levels that use it meet its objectives."]
    parts += [f"{reason.value}: {_named(missing[reason])}." for reason in _GRAVITY if reason in missing]
    first = next((reason for reason in _GRAVITY if reason in missing), Reason.OBJECTIVES_MET)
    near = [one for one in found.bindings if one.get("objectives") == Reason.MEMORY_NEAR_LIMIT]
    if near:
        parts.append(f"{len(near)} are near objectives.memory.limit: {_named(near)}.")
        first = Reason.MEMORY_NEAR_LIMIT if not missing else first
    return (Aspect(ConditionType.OBJECTIVES_MET, not missing, first, " ".join(parts)),)


def _named(bindings: Sequence[Json]) -> str:
    names = [f"{one['namespace']}/{one['name']} {one['level']}" for one in bindings[:_NAMED]]
    return ", ".join([*names, *(["…"] if len(bindings) > _NAMED else [])])


def _state(body: Json, level: str, settings: str) -> Json:
    """Return where a level stands, read off its collection's report if that speaks of the present settings."""
    address = dig(body, "status", "address", level) or {}
    current = dig(body, "status", "observedGeneration") == body["metadata"].get("generation")
    reasons = {one["type"]: one["reason"] for one in dig(body, "status", "conditions") or []}
    if not current or address.get("indexSettings") != settings or "collection" not in address:
        return {"state": WAITING, "pending": reasons.get("Ready", "not looked at yet")}
    if "pending" not in address:
        return {"state": COMPLIANT}
    state = REBUILDING if reasons.get("Ready") == Reason.MIGRATING else PENDING_REBUILD
    change = {"changeClass": address["changeClass"]} if "changeClass" in address else {}
    return {"state": state, "pending": _of_the_index(address["pending"]), **change}


def _of_the_index(pending: str) -> str:
    """Return the part of what is pending that the policy has to do with: the rest is its collection's own business."""
    parts = pending.split("; ")
    index = [part for part in parts if part.startswith(_OF_AN_INDEX)]
    if len(index) < len(parts):
        index.append("other settings of the collection")
    return "; ".join(index)[:BINDING_PENDING_LIMIT]


def _shown(bindings: Sequence[Json]) -> list[Json]:
    """Return the bindings that status has room for: of too many, first those that are not as the policy says."""
    if len(bindings) <= MAX_BINDINGS:
        return list(bindings)
    first = sorted(bindings, key=lambda one: one["state"] == COMPLIANT)
    return sorted(first[:MAX_BINDINGS], key=_place)


def _place(binding: Json) -> tuple[str, str, str]:
    return binding["namespace"], binding["name"], binding["level"]


def _some(bindings: Sequence[Json]) -> str:
    named = [f"{one['namespace']}/{one['name']} {one['level']} ({': '.join(_why(one))})" for one in bindings[:_NAMED]]
    return ", ".join([*named, *(["…"] if len(bindings) > _NAMED else [])])


def _why(binding: Json) -> Iterator[str]:
    if "changeClass" in binding:
        yield binding["changeClass"]
    yield binding["pending"]
