"""The part of Kubernetes' ObjectMeta that the operator reads."""

from datetime import datetime

from pydantic import ConfigDict, Field

from hirag_operator.api.model import ApiModel


class ObjectMeta(ApiModel):
    """Metadata of an object; fields that the operator does not read are ignored."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(description="Name of the object, unique by kind in its namespace.")
    namespace: str = Field(default="default", description="Namespace of the object.")
    uid: str = Field(default="", description="Identity of this very object; a re-created one has another.")
    generation: int = Field(default=0, description="Counts changes of the spec.")
    resource_version: str | None = Field(default=None, description="Version for optimistic concurrency; opaque.")
    creation_timestamp: datetime | None = Field(default=None, description="When the object was created.")
    deletion_timestamp: datetime | None = Field(
        default=None, description="When deletion was asked for; set while finalizers hold the object."
    )
    finalizers: list[str] = Field(default_factory=list, description="Who must let go before the object disappears.")
    labels: dict[str, str] = Field(default_factory=dict, description="Labels of the object.")
    annotations: dict[str, str] = Field(default_factory=dict, description="Annotations of the object.")
