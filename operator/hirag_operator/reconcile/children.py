"""Keeping the Kubernetes objects that one of ours owns as they are wanted."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hirag_operator.plan.children.owned import ChildrenPlan, Owner, plan_children
from hirag_operator.reconcile.progress import carry_out
from hirag_operator.reconcile.services import Services

Json = Mapping[str, Any]


def keep_children(
    services: Services,
    body: Json,
    owner: Owner,
    wanted: Sequence[Json],
    kinds: Iterable[str],
    *,
    drift_policy: str = "Enforce",
) -> ChildrenPlan:
    """Bring the children of `kinds` to what is wanted, undoing changes by hand unless `drift_policy` is Warn.

    Returns:
        The plan, which names what stands in the way and what was left changed.
    """
    plan = plan_children(owner, wanted, _observe(services, owner, wanted, kinds), drift_policy)
    carry_out(services, body, services.kubernetes.apply, plan.steps)
    return plan


def _observe(services: Services, owner: Owner, wanted: Sequence[Json], kinds: Iterable[str]) -> list[dict[str, Any]]:
    """Return what carries the owner's labels, and whatever else stands under a wanted name."""
    found = [item for kind in kinds for item in services.kubernetes.all_of(kind, owner.namespace, owner.selector)]
    known = {(item["kind"], item["metadata"]["name"]) for item in found}
    for manifest in wanted:
        key = (manifest["kind"], manifest["metadata"]["name"])
        if key not in known:
            stranger = services.kubernetes.get(key[0], owner.namespace, key[1])
            found += [] if stranger is None else [stranger]
    return found
