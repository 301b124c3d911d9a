"""The kinds that the operator touches, and where they live in the API.

The table is closed: what is not in it, the operator cannot reach, and the chart's RBAC is written from the same list.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Resource:
    """Where a kind lives in the API."""

    api_version: str
    plural: str

    def path(self, namespace: str | None, name: str | None = None, subresource: str | None = None) -> str:
        """Return the URL path of the collection, an object or a subresource."""
        root = "/api/" if "/" not in self.api_version else "/apis/"
        scope = f"/namespaces/{namespace}" if namespace else ""
        return "".join(
            [f"{root}{self.api_version}{scope}/{self.plural}", *(f"/{part}" for part in (name, subresource) if part)]
        )


RESOURCES: Mapping[str, Resource] = {
    "ContextCollection": Resource("hirag.dev/v1alpha1", "contextcollections"),
    "EmbeddingModel": Resource("hirag.dev/v1alpha1", "embeddingmodels"),
    "HNSWIndexPolicy": Resource("hirag.dev/v1alpha1", "hnswindexpolicies"),
    "Deployment": Resource("apps/v1", "deployments"),
    "Service": Resource("v1", "services"),
    "ServiceAccount": Resource("v1", "serviceaccounts"),
    "HorizontalPodAutoscaler": Resource("autoscaling/v2", "horizontalpodautoscalers"),
    "PodDisruptionBudget": Resource("policy/v1", "poddisruptionbudgets"),
    "PersistentVolumeClaim": Resource("v1", "persistentvolumeclaims"),
    "CronJob": Resource("batch/v1", "cronjobs"),
    "Job": Resource("batch/v1", "jobs"),
    "ConfigMap": Resource("v1", "configmaps"),
    "Pod": Resource("v1", "pods"),
    "Secret": Resource("v1", "secrets"),
    "Namespace": Resource("v1", "namespaces"),
    "Event": Resource("events.k8s.io/v1", "events"),
    "Lease": Resource("coordination.k8s.io/v1", "leases"),
}
