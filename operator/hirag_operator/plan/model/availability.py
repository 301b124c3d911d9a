"""What keeps an embedder available: replicas over nodes and zones, a disruption budget, an autoscaler."""

from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.embedding_serving import Autoscaling
from hirag_operator.plan.children.owned import Owner

Json = dict[str, Any]

_SPREAD_OVER = ("kubernetes.io/hostname", "topology.kubernetes.io/zone")


def spread(owner: Owner) -> list[Json]:
    """Return constraints that spread pods of one version over nodes and zones as far as that is possible.

    They are the same for any number of replicas, so that scaling never makes a new version of the pods.
    """
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": owner.labels},
            "matchLabelKeys": ["pod-template-hash"],
        }
        for key in _SPREAD_OVER
    ]


def disruption_budget(model: EmbeddingModel, owner: Owner, name: str) -> list[Json]:
    """Return the budget by which a drained node takes one replica at a time; none for a single replica.

    A budget over one replica would only stop every drain. Pods that are not ready are evicted freely: they serve
    nobody, and counting them would let a crash loop hold a node for ever.
    """
    if model.spec.effective_serving.most_replicas <= 1:
        return []
    spec = {
        "maxUnavailable": 1,
        "selector": {"matchLabels": owner.labels},
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return [{"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": owner.metadata(name), "spec": spec}]


def autoscaler(model: EmbeddingModel, owner: Owner, name: str) -> list[Json]:
    """Return the HorizontalPodAutoscaler of the Deployment `name` where one is asked for."""
    autoscaling = model.spec.effective_serving.autoscaling
    return [] if autoscaling is None else [_autoscaler(autoscaling, owner, name)]


def _autoscaler(autoscaling: Autoscaling, owner: Owner, name: str) -> Json:
    target = {"type": "Utilization", "averageUtilization": autoscaling.target_cpu_utilization_percentage}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": owner.metadata(name),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "minReplicas": autoscaling.min_replicas,
            "maxReplicas": autoscaling.max_replicas,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        },
    }
