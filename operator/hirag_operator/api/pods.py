"""What users may say about pods: resources, placement and GPU profiles, as Kubernetes itself names them."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field

from hirag_operator.api.lists import MapList
from hirag_operator.api.model import SpecModel
from hirag_operator.api.quantities import Quantity
from hirag_operator.api.references import ObjectName
from hirag_operator.api.rules import Rule

MAX_ENTRIES = 32

ResourceList = Annotated[dict[str, Quantity], Field(max_length=MAX_ENTRIES)]
NodeSelector = Annotated[dict[str, Annotated[str, Field(max_length=63)]], Field(max_length=MAX_ENTRIES)]


class ResourceRequirements(SpecModel):
    """Compute resources of a container."""

    requests: ResourceList | None = Field(
        default=None, description="Resources reserved for the container, by name: cpu (cores), memory (bytes), …"
    )
    limits: ResourceList | None = Field(
        default=None, description="Most that the container may use, by name: cpu (cores), memory (bytes), …"
    )


class Toleration(SpecModel):
    """A node taint that the pod tolerates."""

    key: str | None = Field(default=None, max_length=317, description="Taint key; every key when absent.")
    operator: Literal["Exists", "Equal"] = Field(
        default="Equal", description="Exists matches any value; Equal compares value."
    )
    value: str | None = Field(default=None, max_length=63, description="Taint value; only with operator Equal.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = Field(
        default=None, description="Taint effect; every effect when absent."
    )
    toleration_seconds: int | None = Field(
        default=None, ge=0, description="Seconds that a NoExecute taint is tolerated; for ever when absent."
    )

    rules = (
        Rule(
            "self.operator == 'Equal' || !has(self.value)",
            lambda it: it.operator == "Equal" or it.value is None,
            "tolerations[].value must be left out with operator: Exists",
            "value",
        ),
        Rule(
            "self.operator == 'Exists' || has(self.key)",
            lambda it: it.operator == "Exists" or it.key is not None,
            "tolerations[].key must be given with operator: Equal; use operator: Exists to tolerate every taint",
            "key",
        ),
    )


Tolerations = Annotated[list[Toleration], Field(max_length=MAX_ENTRIES)]


class GpuResource(SpecModel):
    """An extended resource that a device plugin offers."""

    name: str = Field(
        default="nvidia.com/gpu",
        max_length=317,
        pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$",
        description="Name of the extended resource, as the device plugin registers it.",
    )
    count: int = Field(default=1, ge=1, le=16, description="Devices for each replica.")


class GpuProfile(SpecModel):
    """One way to run the model; profiles are tried in order until a pod can be scheduled."""

    name: str = Field(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        description="Name of the profile, shown in status.",
    )
    resource: GpuResource | None = Field(
        default=None,
        description="Devices that each replica asks for; none when absent, so that the model runs on the CPU. "
        "`{}` asks for one nvidia.com/gpu.",
    )
    node_selector: NodeSelector | None = Field(
        default=None, description="Node labels added to serving.nodeSelector under this profile."
    )
    tolerations: Tolerations | None = Field(
        default=None, description="Tolerations added to serving.tolerations under this profile."
    )
    runtime_class_name: ObjectName | None = Field(
        default=None, description="RuntimeClass under this profile, in place of serving.runtimeClassName."
    )
    fallback_after_seconds: int = Field(
        default=120,
        ge=10,
        le=86_400,
        description="Seconds for which no pod of this profile could be scheduled before the next profile is tried; "
        "allow for the time that a node autoscaler takes to add a node.",
    )


class PullSecret(SpecModel):
    """A Secret of the same namespace with the credentials of a registry."""

    name: ObjectName = Field(description="Name of the Secret, of type kubernetes.io/dockerconfigjson.")


PullSecrets = Annotated[list[PullSecret], Field(max_length=8), MapList(("name",))]

OWN_PREFIXES = ("hirag.dev/", "app.kubernetes.io/managed-by")


def own_keys(field: str) -> Rule:
    """Return the rule that labels or annotations in the wire field `field` leave those of the operator alone."""
    attribute = re.sub("[A-Z]", lambda capital: f"_{capital[0].lower()}", field)
    refused = " || ".join(f"key.startsWith('{prefix}')" for prefix in OWN_PREFIXES)
    return Rule(
        f"!has(self.{field}) || !self.{field}.exists(key, {refused})",
        lambda it: not any(key.startswith(OWN_PREFIXES) for key in getattr(it, attribute) or ()),
        f"{field} must not have keys that begin with {' or '.join(OWN_PREFIXES)}, by which the operator finds its pods",
        field,
    )


PodLabels = Annotated[dict[str, Annotated[str, Field(max_length=63)]], Field(max_length=MAX_ENTRIES)]
PodAnnotations = Annotated[dict[str, Annotated[str, Field(max_length=4096)]], Field(max_length=MAX_ENTRIES)]

Affinity = Annotated[dict[str, Any], Field(json_schema_extra={"x-kubernetes-preserve-unknown-fields": True})]
"""A Kubernetes `Affinity`, passed on as it is; the API server validates it when the pod template is applied."""
