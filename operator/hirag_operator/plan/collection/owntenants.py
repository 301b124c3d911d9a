"""A level with tenants of its own and a new revision: what cannot be carried into it, and what goes on meanwhile."""

from collections.abc import Iterable, Mapping
from typing import Final

from hirag_operator.plan.collection.levels import WantedLevel
from hirag_operator.plan.collection.schemas import has_tenants
from hirag_operator.plan.collection.seenlevel import SeenLevel
from hirag_operator.plan.collection.stamp import read_stamp
from hirag_operator.plan.collection.tenants import MOVING, tenant_steps
from hirag_operator.plan.steps import CreateTenants, DeleteTenants, SchemaStep, SetTenantStates
from hirag_operator.plan.verdict import Verdict

_STORED: Final = frozenset({"FROZEN", "OFFLOADED"})  # in object storage
_NAMED: Final = 3  # tenants that a message names


def keeps_tenants(wanted: WantedLevel) -> bool:
    """Return whether a level is declared with tenants of its own."""
    return not wanted.place.shared and has_tenants(wanted.schema)


def tenants_not_carried(wanted: WantedLevel, seen: SeenLevel) -> str | None:
    """Return why tenants stand in the way of a new revision, with the way out; None where they do not."""
    had, has, pooled = _kept_tenants(seen), keeps_tenants(wanted), _of_pool(seen)
    if (had or has) and pooled != wanted.place.shared:
        return (
            "tenants of its own are carried neither into a pool nor out of one; set spec.placement back to "
            f"{'Shared' if pooled else 'Dedicated'}, or make a new object and ingest into it"
        )
    if had != has:
        return (
            "multi-tenancy is not switched where there is data; set spec.multiTenancy.enabled back to "
            f"{'true' if had else 'false'}, or make a new object and ingest into it"
        )
    stored = sorted(name for name, state in (seen.tenants or {}).items() if state in _STORED | MOVING) if had else []
    if stored:
        named = ", ".join(stored[:_NAMED]) + (", …" if len(stored) > _NAMED else "")
        return (
            f"tenants in object storage, or on their way to or from it, are not carried ({len(stored)}: {named}); "
            "bring them back (state Active or Inactive), or remove them"
        )
    return None


def tenants_meanwhile(wanted: WantedLevel, seen: SeenLevel) -> tuple[list[SchemaStep], Verdict | None]:
    """Return what is done about tenants of a level that waits for a new revision, and what is held.

    They are made and removed as declared. Their states wait for the new revision, for a Job wakes them and puts them
    back; but those that are to come back from object storage do, for without that there is none.
    """
    if not (keeps_tenants(wanted) and _kept_tenants(seen)):  # those of a pool, or given up by mistake, are not touched
        return [], None
    tenants = seen.tenants or {}
    steps, held = tenant_steps(str((seen.live or {})["class"]), wanted.tenants, tenants, wanted.tenancy)
    return list(_without_states(steps, tenants)), held


def _without_states(steps: Iterable[SchemaStep], seen: Mapping[str, str]) -> Iterable[SchemaStep]:
    for step in steps:
        match step:
            case CreateTenants() | DeleteTenants():
                yield step
            case SetTenantStates(collection, tenants):
                back = {name: state for name, state in tenants.items() if seen[name] in _STORED}
                if back:
                    yield SetTenantStates(collection, back)


def _kept_tenants(seen: SeenLevel) -> bool:
    return not _of_pool(seen) and has_tenants(seen.live or {})


def _of_pool(seen: SeenLevel) -> bool:
    stamp = read_stamp(seen.live or {})
    return stamp is not None and stamp.of_pool
