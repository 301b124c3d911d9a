"""Objects that the operator owns in Kubernetes: how they are marked, and the steps that keep them as wanted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hirag_operator.api.group import API_VERSION
from hirag_operator.plan.children.claims import KIND as CLAIM
from hirag_operator.plan.children.claims import forbidden_changes, settled
from hirag_operator.plan.children.drift import drift
from hirag_operator.plan.children.replicas import handover
from hirag_operator.plan.digest import digest
from hirag_operator.plan.steps import ApplyChild, CorrectChild, DeleteChild, KubernetesStep

Json = Mapping[str, Any]

FIELD_MANAGER = "hirag-operator"
MANAGED_BY = {"app.kubernetes.io/managed-by": FIELD_MANAGER}
APPLIED = "hirag.dev/applied"  # annotation of children: the digest of what was last applied
# Kinds that hold data, or the record of it: they go with their owner, never because a section was left out. So the
# operator needs no right to delete them, which no role could narrow to those that it made.
KEPT = frozenset({CLAIM, "ConfigMap"})
OWNER_LABELS = {"EmbeddingModel": "hirag.dev/embedding-model", "ContextCollection": "hirag.dev/context-collection"}


def selector(labels: Mapping[str, str]) -> str:
    """Return labels as the selector of a list request."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))


@dataclass(frozen=True)
class Owner:
    """The object of ours that children belong to."""

    kind: str
    namespace: str
    name: str
    uid: str

    @property
    def labels(self) -> dict[str, str]:
        """Return the labels that every child carries; also the selector to find them by."""
        return {**MANAGED_BY, OWNER_LABELS[self.kind]: self.name}

    @property
    def selector(self) -> str:
        """Return the labels as the selector of a list request."""
        return selector(self.labels)

    def metadata(self, name: str, extra_labels: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the metadata of a child: garbage-collected with the owner, found by its labels."""
        reference = {"apiVersion": API_VERSION, "kind": self.kind, "name": self.name, "uid": self.uid}
        return {
            "name": name,
            "namespace": self.namespace,
            "labels": {**self.labels, **(extra_labels or {})},
            "ownerReferences": [{**reference, "controller": True}],
        }

    def owns(self, live: Json) -> bool:
        """Return whether a live object belongs to this very owner, not to a namesake before it."""
        references = live["metadata"].get("ownerReferences") or []
        return any(reference.get("uid") == self.uid for reference in references)

    def inherits(self, live: Json) -> bool:
        """Return whether a live object belonged to a namesake that is gone.

        The garbage collector has not come yet, and leaves it alone once it has its new owner: it removes an object only
        as it saw it.
        """
        labels = live["metadata"].get("labels") or {}
        references = live["metadata"].get("ownerReferences") or []
        namesakes = [r for r in references if (r.get("kind"), r.get("name")) == (self.kind, self.name)]
        return bool(namesakes) and self.labels.items() <= labels.items()


@dataclass(frozen=True)
class ChildrenPlan:
    """Steps towards the wanted children, and what stands in the way of some.

    `taken` names those whose place a foreign object holds; `forbidden` tells of changes that an object cannot take on;
    `drifted` names fields that were changed by hand and are left so, as the drift policy Warn says.
    """

    steps: tuple[KubernetesStep, ...] = ()
    taken: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    drifted: tuple[str, ...] = ()

    def __add__(self, other: "ChildrenPlan") -> "ChildrenPlan":
        return ChildrenPlan(
            self.steps + other.steps,
            self.taken + other.taken,
            self.forbidden + other.forbidden,
            self.drifted + other.drifted,
        )


def plan_children(
    owner: Owner, wanted: Iterable[Json], live: Iterable[Json], drift_policy: str = "Enforce"
) -> ChildrenPlan:
    """Compare wanted children with the live objects of their kinds and names, and with what else the owner has.

    A foreign object of a wanted name is never taken over, unless it belonged to a namesake that is gone; an owned one
    that is no longer wanted is deleted, unless it holds data. `drift_policy` (Enforce or Warn) decides about fields
    that were changed by hand; what is missing is made and what we ourselves want otherwise than before is applied
    either way.
    """
    present = {(item["kind"], item["metadata"]["name"]): item for item in live}
    plan = ChildrenPlan()
    for manifest in map(marked, wanted):
        key = (manifest["kind"], manifest["metadata"]["name"])
        plan += _plan_child(owner, manifest, present.pop(key, None), drift_policy)
    leftovers = [key for key, item in present.items() if owner.owns(item) and key[0] not in KEPT]
    return plan + ChildrenPlan(tuple(DeleteChild(kind, owner.namespace, name) for kind, name in leftovers))


def _plan_child(owner: Owner, manifest: dict[str, Any], live: Json | None, drift_policy: str) -> ChildrenPlan:
    if live is None:
        return ChildrenPlan((ApplyChild(manifest),))
    if not (owner.owns(live) or owner.inherits(live)):
        return ChildrenPlan(taken=(f"{manifest['kind']} {owner.namespace}/{manifest['metadata']['name']}",))
    differences = tuple(drift(manifest, live))
    return _plan_change(manifest, live, differences, drift_policy) if differences else ChildrenPlan()


def _plan_change(manifest: dict[str, Any], live: Json, differences: tuple[str, ...], drift_policy: str) -> ChildrenPlan:
    if forbidden := tuple(forbidden_changes(manifest, live)):
        return ChildrenPlan(forbidden=forbidden)
    if not _changed_by_hand(manifest, live):
        released = handover(manifest, live, FIELD_MANAGER)
        apply = ApplyChild(settled(manifest, live))
        return ChildrenPlan((apply,) if released is None else (released, apply))
    if drift_policy == "Warn":
        whose = f"{manifest['kind']} {manifest['metadata']['name']}"
        return ChildrenPlan(drifted=tuple(f"{path} of {whose}" for path in differences))
    return ChildrenPlan((CorrectChild(settled(manifest, live), differences),))


def _changed_by_hand(manifest: Json, live: Json) -> bool:
    """Return whether a difference is none of our making: what we applied last is what we want now."""
    applied = (live["metadata"].get("annotations") or {}).get(APPLIED)
    return bool(applied == manifest["metadata"]["annotations"][APPLIED])


def marked(manifest: Json) -> dict[str, Any]:
    """Return a manifest with a digest of itself, by which a field that is no longer wanted shows as drift.

    Looking at declared fields alone would never see it go, and only an apply without it takes it away.
    """
    metadata = manifest["metadata"]
    annotations = {**metadata.get("annotations", {}), APPLIED: digest(manifest, 16)}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}
