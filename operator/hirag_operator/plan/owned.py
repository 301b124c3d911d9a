"""Objects that the operator owns in Kubernetes: how they are marked, and the steps that keep them as wanted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hirag_operator.api.group import API_VERSION
from hirag_operator.plan.digest import digest
from hirag_operator.plan.drift import drift
from hirag_operator.plan.replicas import handover
from hirag_operator.plan.steps import ApplyChild, DeleteChild, KubernetesStep

Json = Mapping[str, Any]

FIELD_MANAGER = "hirag-operator"
MANAGED_BY = {"app.kubernetes.io/managed-by": FIELD_MANAGER}
APPLIED = "hirag.dev/applied"  # annotation of children: the digest of what was last applied
OWNER_LABELS = {"EmbeddingModel": "hirag.dev/embedding-model", "ContextCollection": "hirag.dev/context-collection"}


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


@dataclass(frozen=True)
class ChildrenPlan:
    """Steps towards the wanted children; `taken` names those whose place a foreign object holds."""

    steps: tuple[KubernetesStep, ...]
    taken: tuple[str, ...] = ()


def plan_children(owner: Owner, wanted: Iterable[Json], live: Iterable[Json]) -> ChildrenPlan:
    """Compare wanted children with the live objects of their kinds and names, and with what else the owner has.

    A foreign object of a wanted name is never taken over; an owned one that is no longer wanted is deleted.
    """
    present = {(item["kind"], item["metadata"]["name"]): item for item in live}
    steps: list[KubernetesStep] = []
    taken: list[str] = []
    for manifest in map(marked, wanted):
        key = (manifest["kind"], manifest["metadata"]["name"])
        found = present.pop(key, None)
        if found is not None and not owner.owns(found):
            taken.append(f"{key[0]} {owner.namespace}/{key[1]}")
        elif found is None or any(drift(manifest, found)):
            released = handover(manifest, found, FIELD_MANAGER) if found is not None else None
            steps += [step for step in (released, ApplyChild(manifest)) if step is not None]
    leftovers = [key for key, item in present.items() if owner.owns(item)]
    steps += [DeleteChild(kind, owner.namespace, name) for kind, name in leftovers]
    return ChildrenPlan(tuple(steps), tuple(taken))


def marked(manifest: Json) -> dict[str, Any]:
    """Return a manifest with a digest of itself, by which a field that is no longer wanted shows as drift.

    Looking at declared fields alone would never see it go, and only an apply without it takes it away.
    """
    metadata = manifest["metadata"]
    annotations = {**metadata.get("annotations", {}), APPLIED: digest(manifest, 16)}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}
