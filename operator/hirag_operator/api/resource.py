"""What makes a model a Kubernetes kind: its names, printer columns, scale subresource."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, Field

from hirag_operator.api.group import API_VERSION, CATEGORY
from hirag_operator.api.metadata import ObjectMeta
from hirag_operator.api.model import ApiModel
from hirag_operator.api.rules import Rule


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `kubectl get`; priority 1 shows with `-o wide` only."""

    name: str
    json_path: str
    type: str = "string"
    description: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Where the scale subresource reads and writes replicas."""

    spec_replicas: str
    status_replicas: str
    label_selector: str


@dataclass(frozen=True, slots=True)
class Resource:
    """Names of a kind in the API, and how `kubectl` shows it."""

    kind: str
    plural: str
    singular: str
    short_names: tuple[str, ...]
    columns: tuple[Column, ...]
    scale: ScalePaths | None = None
    selectable_fields: tuple[str, ...] = ()
    categories: tuple[str, ...] = (CATEGORY,)


class KubernetesObject(ApiModel):
    """An object of one of the kinds of this group."""

    model_config = ConfigDict(extra="ignore")

    resource: ClassVar[Resource]

    api_version: str = Field(default=API_VERSION, pattern=f"^{API_VERSION}$")
    kind: str
    metadata: ObjectMeta

    @classmethod
    def from_wire(cls, body: dict[str, Any]) -> Self:
        """The object from the API server's JSON; a pydantic ValidationError names each wrong field by its path."""
        return cls.model_validate(body)


_DNS_LABEL = "^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"

DNS_LABEL_NAME = Rule(
    f"self.metadata.name.matches('{_DNS_LABEL}')",
    lambda it: re.fullmatch(_DNS_LABEL, it.metadata.name) is not None,
    "metadata.name must be a DNS label: at most 63 lower-case letters, digits and '-', beginning with a letter and "
    "ending with a letter or digit; it becomes part of the names of what the operator makes",
)
