"""How the embedder is deployed: replicas, resources, placement."""

from typing import Annotated, Literal

from pydantic import Field

from hirag_operator.api.lists import MapList
from hirag_operator.api.model import SpecModel
from hirag_operator.api.pods import (
    Affinity,
    GpuProfile,
    NodeSelector,
    PodAnnotations,
    PodLabels,
    PullSecrets,
    ResourceRequirements,
    Tolerations,
    own_keys,
)
from hirag_operator.api.quantities import Quantity, to_number
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
        description="Average CPU use aimed at, in per cent of the requested CPU; the pods need "
        "serving.resources.requests.cpu (or a LimitRange that sets it) to be measured against.",
    )

    rules = (
        Rule(
            "self.minReplicas <= self.maxReplicas",
            lambda it: it.min_replicas <= it.max_replicas,
            "autoscaling.minReplicas must not exceed autoscaling.maxReplicas",
            "minReplicas",
        ),
    )


class ModelCache(SpecModel):
    """A PersistentVolumeClaim that keeps downloaded and exported models over restarts of the pods."""

    size: Quantity = Field(description="Size of the claim; it may grow where the storage class allows it.")
    storage_class_name: ObjectName | None = Field(
        default=None, description="Storage class of the claim, fixed once it exists; the cluster's default when absent."
    )
    access_mode: Literal["ReadWriteOnce", "ReadWriteMany"] = Field(
        default="ReadWriteOnce",
        description="ReadWriteOnce serves one replica, and a new version of the pod starts only after the old one has "
        "ended; ReadWriteMany serves any number. Fixed once the claim exists.",
    )

    rules = (
        Rule(
            "quantity(string(self.size)).isGreaterThan(quantity('0'))",
            lambda it: to_number(it.size) > 0,
            "modelCache.size must be more than 0; write for example 10Gi",
            "size",
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
    image_pull_secrets: PullSecrets | None = Field(
        default=None, description="Secrets with the credentials of the registries of image and of source.image."
    )
    resources: ResourceRequirements | None = Field(default=None, description="Compute resources of each replica.")
    model_cache: ModelCache | None = Field(
        default=None,
        description="Keeps models over restarts. Without it each pod downloads and exports anew. The claim outlives "
        "this section (take it away with kubectl delete pvc) and goes with the EmbeddingModel.",
    )
    gpu_profiles: Annotated[list[GpuProfile], Field(max_length=8), MapList(("name",))] | None = Field(
        default=None,
        description="Ways to run the model, best first: while no pod of one can be scheduled, the next is tried. "
        "A change of the list begins again with the first.",
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
    pod_labels: PodLabels | None = Field(
        default=None, description="Labels added to the pods, for what finds pods by them: cost reports, meshes, quotas."
    )
    pod_annotations: PodAnnotations | None = Field(
        default=None, description="Annotations added to the pods, for what reads them: scrapers, meshes, injectors."
    )
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
        Rule(
            "!has(self.modelCache) || self.modelCache.accessMode == 'ReadWriteMany'"
            " || ((!has(self.replicas) || self.replicas <= 1)"
            " && (!has(self.autoscaling) || self.autoscaling.maxReplicas <= 1))",
            lambda it: it.model_cache is None or it.model_cache.access_mode == "ReadWriteMany" or it.most_replicas <= 1,
            "serving.modelCache with accessMode ReadWriteOnce serves one replica; set accessMode: ReadWriteMany with a "
            "storage class that offers it, or keep to one replica",
            "modelCache",
        ),
        own_keys("podLabels"),
        own_keys("podAnnotations"),
    )

    @property
    def most_replicas(self) -> int:
        """The most replicas that this section may come to."""
        if self.autoscaling is not None:
            return self.autoscaling.max_replicas
        return DEFAULT_REPLICAS if self.replicas is None else self.replicas
