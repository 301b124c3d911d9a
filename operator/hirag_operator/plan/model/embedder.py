"""Rendering what serves an EmbeddingModel: ServiceAccount, Deployment, Service and what stands around them."""

from typing import Any

from hirag_operator.api import EmbeddingModel
from hirag_operator.api.embedding_serving import DEFAULT_REPLICAS
from hirag_operator.plan.children.owned import Owner
from hirag_operator.plan.model.availability import autoscaler, disruption_budget
from hirag_operator.plan.model.embedderpod import pod_template
from hirag_operator.plan.model.embedderprocess import PORT
from hirag_operator.plan.model.gpuprofiles import Choice
from hirag_operator.plan.model.modelcache import claim, has_one_writer
from hirag_operator.plan.names import workload_name

Json = dict[str, Any]

KINDS = (
    "ServiceAccount",
    "Deployment",
    "Service",
    "PodDisruptionBudget",
    "HorizontalPodAutoscaler",
    "PersistentVolumeClaim",
)


def embedder_name(model: EmbeddingModel) -> str:
    """Return the name of the Deployment, the Service and what stands around them."""
    return workload_name(model.metadata.name, "embedder")


def embedder_objects(model: EmbeddingModel, owner: Owner, default_image: str, choice: Choice) -> list[Json]:
    """Return the manifests that serve a model from `spec.source`, under the chosen GPU profile.

    None for an external provider. All are of `KINDS`, in the order in which they are applied.
    """
    if model.spec.source is None:
        return []
    name, cache = embedder_name(model), model.spec.effective_serving.model_cache
    return [
        _service_account(owner, name),
        _deployment(model, owner, default_image, choice),
        _service(owner, name),
        *disruption_budget(model, owner, name),
        *autoscaler(model, owner, name),
        # Last: a change of it that the API server refuses leaves the rest as wanted.
        *([] if cache is None else [claim(model, cache, owner)]),
    ]


def _service_account(owner: Owner, name: str) -> Json:
    """Return an account without rights: what somebody binds to the namespace's default one does not reach the pods."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": owner.metadata(name),
        "automountServiceAccountToken": False,
    }


def _deployment(model: EmbeddingModel, owner: Owner, default_image: str, choice: Choice) -> Json:
    serving = model.spec.effective_serving
    name = embedder_name(model)
    metadata = owner.metadata(name)
    if choice.deployment_annotations:
        metadata["annotations"] = choice.deployment_annotations
    spec: Json = {
        "selector": {"matchLabels": owner.labels},
        "progressDeadlineSeconds": serving.startup_deadline_seconds,
        "strategy": _strategy(model),
        "template": pod_template(model, owner, name, serving.image or default_image, choice),
    }
    if serving.autoscaling is None:  # an autoscaler owns the replicas where there is one
        spec["replicas"] = DEFAULT_REPLICAS if serving.replicas is None else serving.replicas
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


def _strategy(model: EmbeddingModel) -> Json:
    if has_one_writer(model):
        return {"type": "Recreate"}  # a new pod on another node would wait for ever for the volume of the old one
    return {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}


def _service(owner: Owner, name: str) -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": owner.metadata(name),
        "spec": {
            "selector": owner.labels,
            "ports": [{"name": "http", "port": PORT, "targetPort": "http", "protocol": "TCP"}],
        },
    }
