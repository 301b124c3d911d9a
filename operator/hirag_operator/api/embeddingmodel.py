"""EmbeddingModel: a model that turns text into vectors, served by the operator or by an existing provider."""

from typing import ClassVar, Literal

from pydantic import Field

from hirag_operator.api.conditions import ConditionedStatus
from hirag_operator.api.embedding_runtime import Runtime
from hirag_operator.api.embedding_serving import Serving
from hirag_operator.api.embedding_source import ExternalProvider, ModelSource
from hirag_operator.api.model import SpecModel
from hirag_operator.api.references import AllowedNamespaces
from hirag_operator.api.resource import DNS_LABEL_NAME, Column, KubernetesObject, Resource, ScalePaths
from hirag_operator.api.rollout import Rollout
from hirag_operator.api.rules import Rule

MAX_DIMENSIONS = 65_535


class Instructions(SpecModel):
    """Texts put before what is embedded, as instruction-tuned models ask for; part of the fingerprint."""

    query: str = Field(default="", max_length=4096, description="Put before every query.")
    passage: str = Field(default="", max_length=4096, description="Put before every stored passage.")


class RateLimit(SpecModel):
    """What callers of this project may ask of the model, in all."""

    requests_per_minute: int | None = Field(
        default=None, ge=1, le=10_000_000, description="Requests in a minute; unlimited when absent."
    )
    tokens_per_minute: int | None = Field(
        default=None, ge=1, le=10_000_000_000, description="Tokens in a minute; unlimited when absent."
    )


class EmbeddingModelSpec(SpecModel):
    """The model, what it is declared to return, and how it is served."""

    source: ModelSource | None = Field(
        default=None, description="Where the model's files come from; served by the operator. In place of external."
    )
    external: ExternalProvider | None = Field(
        default=None, description="An existing OpenAI-compatible provider, in place of source, serving and runtime."
    )
    dimensions: int = Field(
        ge=1, le=MAX_DIMENSIONS, description="Length of the vectors; declared here, then proved by a live probe."
    )
    max_tokens: int = Field(
        default=512, ge=3, le=131_072, description="Tokens of a text that the model reads; the rest is cut off."
    )
    pooling: Literal["mean", "cls", "lastToken"] = Field(
        default="mean", description="How the vectors of a text's tokens become one."
    )
    normalize: bool = Field(default=True, description="Whether vectors are scaled to length 1.")
    instructions: Instructions = Field(
        default_factory=Instructions, description="Texts put before what is embedded; only with source."
    )
    runtime: Runtime | None = Field(default=None, description="How the embedder runs the model; only with source.")
    serving: Serving | None = Field(default=None, description="How the embedder is deployed; only with source.")
    rate_limit: RateLimit | None = Field(default=None, description="Bounds on use; none when absent.")
    allowed_namespaces: AllowedNamespaces = Field(
        default_factory=AllowedNamespaces, description="Which namespaces may use the model."
    )
    rollout: Rollout = Field(
        default_factory=Rollout, description="How another model reaches the collections that use this object."
    )
    drift_policy: Literal["Enforce", "Warn"] = Field(
        default="Enforce",
        description="Whether changes by hand of what the operator made are undone, or only reported in condition "
        "InSync; what is missing is made again either way.",
    )

    rules = (
        Rule(
            "has(self.source) != has(self.external)",
            lambda it: (it.source is None) != (it.external is None),
            "exactly one of source and external must be given: source to have the model served, external to use a "
            "provider",
        ),
        Rule(
            "!has(self.external) || !has(self.serving)",
            lambda it: it.external is None or it.serving is None,
            "serving must be left out with external; the provider serves the model",
            "serving",
        ),
        Rule(
            "!has(self.external) || !has(self.runtime)",
            lambda it: it.external is None or it.runtime is None,
            "runtime must be left out with external; the provider runs the model",
            "runtime",
        ),
        Rule(
            "!has(self.external) || (self.instructions.query == '' && self.instructions.passage == '')",
            lambda it: it.external is None or not (it.instructions.query or it.instructions.passage),
            "instructions must be empty with external; only the project's own embedder applies them",
            "instructions",
        ),
        Rule(
            "!has(self.runtime) || self.runtime.device != 'cuda' || !has(self.serving)"
            " || !has(self.serving.gpuProfiles) || self.serving.gpuProfiles.all(p, has(p.resource))",
            lambda it: (
                it.effective_runtime.device != "cuda"
                or all(profile.resource is not None for profile in it.effective_serving.gpu_profiles or ())
            ),
            "runtime.device cuda needs a device in every profile of serving.gpuProfiles; give each a resource, or set "
            "runtime.device to auto to fall back to the CPU",
            "runtime",
        ),
    )

    @property
    def effective_runtime(self) -> Runtime:
        """The runtime section, or its defaults where it is left out."""
        return self.runtime or Runtime()

    @property
    def effective_serving(self) -> Serving:
        """The serving section, or its defaults where it is left out."""
        return self.serving or Serving()


class EmbeddingModelStatus(ConditionedStatus):
    """What was seen of the model."""

    model: str | None = Field(default=None, max_length=512, description="The model as served: name and revision.")
    fingerprint: str | None = Field(
        default=None,
        max_length=128,
        description="Digest of all that shapes the vectors; vectors of two fingerprints never share a collection.",
    )
    sketch: str | None = Field(
        default=None, max_length=1024, description="What the model answers to fixed texts, shortened; to know it again."
    )
    endpoint: str | None = Field(default=None, max_length=2048, description="URL under which the model is served.")
    dimensions: int | None = Field(
        default=None, ge=0, description="Length of the vectors that the last probe returned."
    )
    replicas: int | None = Field(default=None, ge=0, description="Pods that exist.")
    ready_replicas: int | None = Field(default=None, ge=0, description="Pods that are ready.")
    selector: str | None = Field(
        default=None, max_length=1024, description="Label selector of the pods, for the scale subresource."
    )
    gpu_profile: str | None = Field(
        default=None, max_length=63, description="The profile of serving.gpuProfiles in use."
    )


class EmbeddingModel(KubernetesObject):
    """A model that turns text into vectors: served by the operator, or by an existing provider."""

    resource: ClassVar[Resource] = Resource(
        kind="EmbeddingModel",
        plural="embeddingmodels",
        singular="embeddingmodel",
        short_names=("emb",),
        columns=(
            Column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
            Column("Reason", '.status.conditions[?(@.type=="Ready")].reason'),
            Column("Model", ".status.model"),
            Column("Dimensions", ".spec.dimensions", type="integer"),
            Column("Replicas", ".status.readyReplicas", type="integer", description="Pods that are ready."),
            Column("Endpoint", ".status.endpoint", priority=1),
            Column("Fingerprint", ".status.fingerprint", priority=1),
            Column("Age", ".metadata.creationTimestamp", type="date"),
        ),
        scale=ScalePaths(".spec.serving.replicas", ".status.replicas", ".status.selector"),
    )
    rules = (DNS_LABEL_NAME,)

    kind: Literal["EmbeddingModel"] = "EmbeddingModel"
    spec: EmbeddingModelSpec
    status: EmbeddingModelStatus = Field(default_factory=EmbeddingModelStatus)
