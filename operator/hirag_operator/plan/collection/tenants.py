"""The tenants of a multi-tenant level: which are wanted, and what brings Weaviate's to that.

A tenant that goes takes its data along, so removal is asked for explicitly and has a guard rail: when more would go at
once than is allowed, which is how a wrong selector or a lost list looks, none goes and a person is asked.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from hirag_operator.api.collection_layout import MultiTenancy
from hirag_operator.api.conditions import Reason
from hirag_operator.api.group import GROUP
from hirag_operator.plan.references import selects
from hirag_operator.plan.steps import CreateTenants, DeleteTenants, SchemaStep, SetTenantStates
from hirag_operator.plan.verdict import Verdict, stalled

Json = Mapping[str, Any]
Tenants = Mapping[str, str]  # name → state

TENANTS_OF: Final = f"{GROUP}/tenants-of"  # label of a namespace: the namespace whose collections may list it

_WRITTEN: Final = {"Active": "ACTIVE", "Inactive": "INACTIVE", "Offloaded": "OFFLOADED"}
_READ: Final = {"HOT": "ACTIVE", "COLD": "INACTIVE", "FROZEN": "OFFLOADED"}  # Weaviate reads and writes different words
# On the way to or from object storage: asking again would not hasten it.
MOVING: Final = frozenset({"FREEZING", "UNFREEZING", "OFFLOADING", "ONLOADING"})
_NAMED: Final = 3  # tenants that a message names


def wanted_tenants(tenancy: MultiTenancy, home: str, namespaces: Iterable[Json]) -> dict[str, str]:
    """Return the tenants that a collection of namespace `home` is to have, each with its state as Weaviate writes it.

    `namespaces` are Kubernetes Namespaces. One is a tenant when it is selected and agrees: its existence is not for
    other namespaces to find out. A declared tenant has its declared state.
    """
    if not tenancy.enabled:
        return {}
    wanted: dict[str, str] = {}
    if tenancy.tenants_from is not None:
        state = _WRITTEN[tenancy.tenants_from.state]
        selector = tenancy.tenants_from.namespace_selector
        for namespace in namespaces:
            name, labels = namespace["metadata"]["name"], namespace["metadata"].get("labels") or {}
            if _agrees(name, labels, home) and selects(selector, labels):
                wanted[name] = state
    return wanted | {tenant.name: _WRITTEN[tenant.state] for tenant in tenancy.tenants or []}


def named_twice(tenancy: MultiTenancy) -> list[str]:
    """Return the names that are declared more than once, which the API server does not see in an atomic list."""
    counts = Counter(tenant.name for tenant in tenancy.tenants or [])
    return sorted(name for name, count in counts.items() if count > 1)


def tenant_steps(
    collection: str, wanted: Tenants, seen: Tenants, tenancy: MultiTenancy
) -> tuple[list[SchemaStep], Verdict | None]:
    """Return what brings the tenants of physical collection `collection` from `seen` to `wanted`, and what is held.

    `seen` has the states as Weaviate reads them. While a removal is held nothing is removed, and tenants are created
    only as long as the share that would go stays above the limit: the rail must not give way by growth.
    """
    present = {name: _READ.get(state, state) for name, state in seen.items()}
    missing = {name: state for name, state in wanted.items() if name not in present}
    changed = {
        name: state
        for name, state in wanted.items()
        if name in present and _differs(state, present[name], wakes=tenancy.auto_activation)
    }
    gone = sorted(present.keys() - wanted.keys()) if tenancy.removal.policy == "Delete" else []
    limit = tenancy.removal.max_percent
    held = _too_many(len(gone), len(present), limit)
    waits = held and bool(missing) and not _too_many(len(gone), len(present) + len(missing), limit)
    steps: list[SchemaStep] = []
    if missing and not waits:
        steps.append(CreateTenants(collection, _at_first(missing)))
    if changed:
        steps.append(SetTenantStates(collection, changed))
    if gone and not held:
        steps.append(DeleteTenants(collection, tuple(gone)))
    return steps, _held(collection, gone, len(present), len(missing) if waits else 0, limit) if held else None


def tenants_differ(steps: Iterable[SchemaStep]) -> list[str]:
    """Return in words what those steps would change that are about tenants."""
    told: list[str] = []
    for step in steps:
        match step:
            case CreateTenants(_, tenants):
                told.append(f"tenants ({len(tenants)} missing)")
            case SetTenantStates(_, tenants):
                told.append(f"tenants ({len(tenants)} in another state)")
            case DeleteTenants(_, names):
                told.append(f"tenants ({len(names)} neither declared nor selected)")
    return told


def tenant_counts(wanted: Tenants, seen: Tenants) -> dict[str, int]:
    """Return how many tenants there are, for status: by state, on the way to another, and of nobody's declaration."""
    states = [_READ.get(state, state) for state in seen.values()]
    return {
        "active": states.count("ACTIVE"),
        "inactive": states.count("INACTIVE"),
        "offloaded": states.count("OFFLOADED"),
        "moving": sum(state in MOVING for state in states),
        "undeclared": len(seen.keys() - wanted.keys()),
    }


def _agrees(namespace: str, labels: Mapping[str, str], home: str) -> bool:
    return namespace == home or labels.get(TENANTS_OF) == home


def _differs(wanted: str, present: str, *, wakes: bool) -> bool:
    """Return whether a state is to be changed.

    With automatic activation the server has woken a tenant because it is used. Putting it to sleep again would make
    its next user wait, and then the operator and the server would undo each other's work for ever.
    """
    if present in MOVING or (wakes and present == "ACTIVE"):
        return False
    return wanted != present


def _too_many(gone: int, present: int, max_percent: int) -> bool:
    """Return whether `gone` of `present` tenants are too many to remove at once; a single one is, if it is the last."""
    return gone * 100 > present * max_percent and (gone > 1 or present == 1)


def _at_first(tenants: Tenants) -> dict[str, str]:
    """Return the states to create tenants in: the server offloads only a tenant that it has."""
    return {name: "INACTIVE" if state == "OFFLOADED" else state for name, state in tenants.items()}


def _held(collection: str, gone: list[str], present: int, waiting: int, limit: int) -> Verdict:
    first = ", ".join(gone[:_NAMED]) + (", …" if len(gone) > _NAMED else "")
    wait = f" {waiting} new ones wait, for they would make the share look smaller." if waiting else ""
    return stalled(
        Reason.TENANT_REMOVAL_HELD,
        f"{len(gone)} of {present} tenants of {collection} are neither declared nor selected ({first}); "
        f"spec.multiTenancy.removal.maxPercent is {limit}, so none is removed.{wait} Take the change back, "
        f"or raise maxPercent to {-(-len(gone) * 100 // present)}.",
    )
