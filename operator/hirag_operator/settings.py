"""The operator's settings: one class, read once in `main`, passed on as values."""

import socket
import uuid
from pathlib import Path
from typing import Annotated, Final

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from hirag_operator.api.quantities import PATTERN as QUANTITY

_LABEL = r"[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?"
_QUANTITY = r"^[0-9]+(\.[0-9]+)?([numkMGTPE]|[KMGTPE]i|[eE][-+]?[0-9]+)?$"  # as Kubernetes has them

ForeignPattern = Annotated[str, Field(max_length=255, pattern=r"^[A-Z*][_0-9A-Za-z*]*$")]
Quantities = dict[str, Annotated[str, Field(pattern=_QUANTITY)]]
JOBS_RESOURCES: Final[dict[str, dict[str, str]]] = {
    "requests": {"cpu": "100m", "memory": "256Mi"},
    "limits": {"memory": "1Gi"},
}


class SecretKey(BaseModel):
    """A key of a Secret in the namespace of the Jobs."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$", description="Name of the Secret.")
    key: str = Field(pattern=r"^[-._a-zA-Z0-9]{1,253}$", description="Key in it.")


class Capacity(BaseModel):
    """What a Weaviate may use for data, over all of its nodes: it does not tell itself."""

    model_config = ConfigDict(extra="forbid")

    memory: Annotated[str, Field(pattern=QUANTITY)] | None = Field(
        default=None, description="Memory of vector indexes; about half of what its containers may use."
    )
    disk: Annotated[str, Field(pattern=QUANTITY)] | None = Field(
        default=None, description="Disk; nine tenths of its volumes, for beyond that Weaviate takes no writes."
    )


class WeaviateConnection(BaseModel):
    """A Weaviate server that ContextCollections may name in `spec.weaviate.connection`."""

    model_config = ConfigDict(extra="forbid")

    http_url: AnyHttpUrl = Field(description="Base URL of the REST API, e.g. http://weaviate.data.svc:80.")
    grpc_address: str = Field(
        default="",
        pattern=r"^([^:/\s]+:\d{1,5})?$",
        description="host:port of the gRPC API; handed to jobs, not used by the operator itself.",
    )
    api_key_file: Path | None = Field(default=None, description="File with the API key, mounted from a Secret.")
    api_key_secret: SecretKey | None = Field(
        default=None,
        description="Secret with the same key, in the namespace of the Jobs that carry data; they mount it as a file.",
    )
    adoptable: dict[Annotated[str, Field(pattern=rf"^{_LABEL}$")], list[ForeignPattern]] = Field(
        default_factory=dict,
        description="Collections that the operator did not make and that a namespace may adopt: patterns of their "
        'names by namespace, `*` for any characters, e.g. {"team-a": ["Legacy*"]}. None by default.',
    )
    timeout_seconds: float = Field(default=10.0, gt=0, le=300, description="Longest wait for one whole answer.")
    capacity: Capacity = Field(
        default_factory=Capacity,
        description="What it may use for data; a migration that has no room in it does not begin.",
    )

    def api_key(self) -> str | None:
        """Read the key anew, so that a rotated Secret is taken up without a restart."""
        return None if self.api_key_file is None else self.api_key_file.read_text().strip()


class Settings(BaseSettings):
    """Environment of the operator process; every variable starts with HIRAG_OPERATOR_."""

    model_config = SettingsConfigDict(env_prefix="HIRAG_OPERATOR_", extra="forbid")

    instance: str = Field(
        default="default",
        pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        description="Name that is stamped on everything in Weaviate; differs between operators sharing a server.",
    )
    weaviate: dict[str, WeaviateConnection] = Field(
        default_factory=dict,
        description='Connections by name, as JSON: {"default": {"http_url": "http://weaviate:80"}}.',
    )
    namespaces: Annotated[list[str], Field(description="Namespaces to watch, as JSON; empty: the whole cluster.")] = []
    embedder_image: str = Field(
        default="hirag-embedder:latest", description="Image of the embedding server where a model names none."
    )
    jobs_image: str = Field(default="hirag-jobs:latest", description="Image of all Jobs.")
    jobs_namespace: str = Field(
        default="",
        pattern=rf"^({_LABEL})?$",
        description="Namespace in which Jobs that carry data run; no tenant's, for they hold Weaviate's keys. Empty: "
        "none can be run, and changes that need one are refused.",
    )
    jobs_resources: dict[Annotated[str, Field(pattern="^(requests|limits)$")], Quantities] = Field(
        default=JOBS_RESOURCES,
        description="What the container of such a Job asks for, as JSON, as a pod's spec has it.",
    )
    jobs_pull_secrets: list[str] = Field(
        default=[], description="Secrets of that namespace that the Jobs' image is pulled with, by name, as JSON."
    )
    migrations: int = Field(default=2, ge=1, le=32, description="Levels that are migrated side by side.")
    service_url: str = Field(
        default="http://{name}.{namespace}.svc:{port}",
        pattern=r"^https?://",
        description="How the operator and Weaviate reach a model's Service; {name}, {namespace}, {port} are filled in.",
    )
    resync_seconds: float = Field(default=300.0, ge=1, le=86_400, description="Every object is looked at this often.")
    pulse_seconds: float = Field(
        default=5.0, ge=0.1, le=300, description="Every Weaviate is asked this often whether it answers."
    )
    workers: int = Field(default=8, ge=1, le=64, description="Objects reconciled side by side.")
    host: str = Field(default="0.0.0.0", description="Where /healthz, /readyz and /metrics listen.")  # noqa: S104  a pod's probes come from outside of it
    port: int = Field(default=8080, ge=0, le=65_535, description="Port of /healthz, /readyz and /metrics.")
    loop_stale_seconds: float = Field(
        default=60.0, ge=5, description="Liveness fails when the event loop has not turned for this long."
    )
    attempt_stale_seconds: float = Field(
        default=1800.0, ge=60, description="Liveness fails when a worker has been at one object for this long."
    )
    watch_stale_seconds: float = Field(
        default=900.0,
        ge=600,
        description="Liveness fails when a watch has heard nothing of the API server for this long; a bookmark is due "
        "every minute, a listing of our own kinds every five.",
    )
    lease_namespace: str = Field(
        default="",
        pattern=rf"^({_LABEL})?$",
        description="Namespace of the Lease by which replicas agree who acts; empty: exactly one process runs.",
    )
    lease_name: str = Field(
        default="", pattern=rf"^({_LABEL})?$", description="Name of that Lease; empty: hirag-operator-<instance>."
    )
    identity: str = Field(
        default="",
        max_length=200,
        pattern=r"^[\x21-\x7e]*$",
        description="This process in that Lease; unlike any other.",
    )
    lease_seconds: int = Field(
        default=10, ge=2, le=300, description="Another process acts so long after the last word of one that died."
    )
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @field_validator("service_url")
    @classmethod
    def _fills_in(cls, template: str) -> str:
        """Refuse a template that could not be filled in when a model needs it."""
        try:
            template.format(name="model", namespace="team", port=1)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("only {name}, {namespace} and {port} can be filled in") from error
        return template

    def lease(self) -> str:
        """Return the name of the Lease."""
        return self.lease_name or f"hirag-operator-{self.instance}"

    def name(self) -> str:
        """Return what this process is called: by default the host, and something that no other process has."""
        return self.identity or f"{socket.gethostname()}_{uuid.uuid4().hex[:12]}"
