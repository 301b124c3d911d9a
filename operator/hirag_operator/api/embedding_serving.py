"""How the embedder is deployed: replicas, resources, placement."""

from typing import Annotated

from pydantic import Field

from hirag_operator.api.lists import MapList
from hirag_operator.api.model import SpecModel
from hirag_operator.api.pods import (
    Affinity,
    GpuProfile,
    NodeSelector,
    ResourceRequirements,
    Tolerations,
)
from hirag_operator.api.references import ObjectName
from hirag_operator.api.rules import Rule

DEFAULT_REPLICAS = 1


class Autoscaling(SpecModel):
    """A HorizontalPodAutoscaler that owns the replicas."""

    min_replicas: int = Field(default=1, ge=1, le=1000, description="Fewest replicas.")
    max_replicas: int = Field(ge=1, le=1000, description="Most replicas.")
    target_cpu_utilization_percentage: int = Field(
        default=80,
        ge=1,
        le=1000,
        alias="targetCPUUtilizationPercentage",
        description="Average CPU use aimed at, in per cent of the requested CPU.",
    )

    rules = (
        Rule(
            "self.minReplicas <= self.maxReplicas",
            lambda it: it.min_replicas <= it.max_replicas,
            "autoscaling.minReplicas must not exceed autoscaling.maxReplicas",
            "minReplicas",
        ),
    )


class Serving(SpecModel):
    """The Deployment and Service that serve the model."""

    replicas: int | None = Field(
        default=None,
        ge=0,
        le=1000,
        description=(
            "Replicas; 1 when neither replicas nor autoscaling is given. Set it to use kubectl scale or an autoscaler "
            "of your own on this object's scale subresource."
        ),
    )
    autoscaling: Autoscaling | None = Field(
        default=None, description="Lets a HorizontalPodAutoscaler choose the replicas; in place of replicas."
    )
    image: str | None = Field(
        default=None,
        min_length=1,
        max_length=1024,
        pattern=r"^[a-zA-Z0-9][-a-zA-Z0-9._:/@]*$",
        description="Container image of the embedder; the operator's own release when absent.",
    )
    resources: ResourceRequirements | None = Field(default=None, description="Compute resources of each replica.")
    gpu_profiles: Annotated[list[GpuProfile], Field(max_length=8), MapList(("name",))] | None = Field(
        default=None,
        description="Ways to get a GPU, tried in order: when pods of one cannot be scheduled, the next is used.",
    )
    node_selector: NodeSelector | None = Field(default=None, description="Labels that a node must have.")
    tolerations: Tolerations | None = Field(default=None, description="Node taints that the pods tolerate.")
    affinity: Affinity | None = Field(default=None, description="Affinity of the pods, as in a PodSpec.")
    scheduler_name: str | None = Field(
        default=None,
        min_length=1,
        max_length=253,
        description="Scheduler of the pods; the cluster's default when absent.",
    )
    runtime_class_name: ObjectName | None = Field(default=None, description="RuntimeClass of the pods.")
    priority_class_name: ObjectName | None = Field(default=None, description="PriorityClass of the pods.")
    startup_deadline_seconds: int = Field(
        default=600,
        ge=10,
        le=86_400,
        description="Seconds within which a new pod must be ready, model download included; then Ready says why not.",
    )

    rules = (
        Rule(
            "!(has(self.replicas) && has(self.autoscaling))",
            lambda it: it.replicas is None or it.autoscaling is None,
            "serving.replicas and serving.autoscaling exclude each other; remove replicas to let autoscaling choose",
            "replicas",
        ),
    )
