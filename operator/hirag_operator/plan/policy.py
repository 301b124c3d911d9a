"""What an HNSWIndexPolicy comes to: which levels use it, and whether their indexes are as it says."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from hirag_operator.api import ContextCollection, HNSWIndexPolicy, Reason
from hirag_operator.api.hnswindexpolicy import MAX_BINDINGS
from hirag_operator.plan.unacted import honored, unacted_fields
from hirag_operator.plan.verdict import Verdict, conditions, ready

Json = dict[str, Any]


def bindings(policy: HNSWIndexPolicy, collections: Iterable[ContextCollection]) -> list[Json]:
    """Return the levels that use the policy, in a stable order, each with the state that its collection reports."""
    found = [
        {
            "namespace": collection.metadata.namespace,
            "name": collection.metadata.name,
            "level": level,
            "state": _state(collection, level),
        }
        for collection in collections
        for level, declared in collection.spec.levels.stored().items()
        if (reference := declared.index_policy_ref) is not None
        and reference.name == policy.metadata.name
        and (reference.namespace or collection.metadata.namespace) == policy.metadata.namespace
    ]
    return sorted(found, key=lambda one: (one["namespace"], one["name"], one["level"]))


def judge(found: list[Json]) -> Verdict:
    """Return the verdict: a policy that is well-formed is ready, whether or not anybody uses it."""
    pending = [one for one in found if one["state"] == "PendingRebuild"]
    if pending:
        first = pending[0]
        where = f"{first['namespace']}/{first['name']} {first['level']}"
        return ready(f"{len(pending)} of {len(found)} levels have an earlier index or none yet, the first: {where}.")
    return ready(f"Levels that use it: {len(found)}, all indexed as it says." if found else "No level uses it yet.")


def status(policy: HNSWIndexPolicy, found: list[Json], now: datetime, previous: Json) -> Json:
    """Return the whole status of a policy."""
    generation = policy.metadata.generation
    aspects = [honored(unacted_fields(policy.spec.to_wire(), "HNSWIndexPolicy"))]
    return {
        "observedGeneration": generation,
        "bindings": found[:MAX_BINDINGS],
        "bindingCount": len(found),
        "conditions": conditions(judge(found), aspects, previous.get("conditions", []), generation, now),
    }


def _state(collection: ContextCollection, level: str) -> str:
    """Read the state off the collection's own report: it has looked at Weaviate, the policy has not."""
    status_ = collection.status
    refused = any(c.reason in {Reason.MIGRATION_REQUIRED, Reason.MIGRATING} for c in status_.conditions)
    address = status_.address.get(level)
    built = address is not None and address.collection is not None
    return "Compliant" if built and not refused else "PendingRebuild"
