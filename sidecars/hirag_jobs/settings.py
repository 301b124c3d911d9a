"""What a job is told: by flags, which win, by variables (`HIRAG_JOBS_…`), and by the address of a ContextCollection."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, AnyHttpUrl, Field, StringConstraints, TypeAdapter, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from hirag_jobs.address import AddressSource
from hirag_jobs.batching import BatchLimits
from hirag_jobs.ingest.chunking import FEWEST_TOKENS
from hirag_jobs.ingest.sources import Format

_GRPC_PORT = 50051


def _address(url: str) -> str:
    parts = urlsplit(str(_URL.validate_python(url)))
    if parts.query or parts.fragment or parts.username:
        raise ValueError("must be without user, query and fragment")
    return url


def _grpc_address(address: str) -> str:
    host, _, port = address.rpartition(":")
    _URL.validate_python(f"http://{host}:{port}")
    return address


_URL: TypeAdapter[AnyHttpUrl] = TypeAdapter(AnyHttpUrl)
HttpUrl = Annotated[str, AfterValidator(_address)]
GrpcAddress = Annotated[str, StringConstraints(pattern=r"^[^\s/]+:\d{1,5}$"), AfterValidator(_grpc_address)]


class WeaviateSettings(BaseSettings):
    """What every job is told: where Weaviate is, and how to speak of the work. Each setting has a flag of its name.

    Raises:
        ConfigurationError: the address in the environment does not name the level.
    """

    model_config = SettingsConfigDict(env_prefix="HIRAG_JOBS_", extra="forbid", protected_namespaces=())

    weaviate_http_url: HttpUrl = Field("http://127.0.0.1:8080", description="root of Weaviate's REST API, without /v1")
    weaviate_grpc: GrpcAddress | None = Field(
        None,
        description=f"host:port of Weaviate's gRPC API; by default REST's host, {_GRPC_PORT}",
    )
    api_key_file: Path | None = Field(None, description="file with Weaviate's API key")
    progress_seconds: float = Field(10.0, gt=0, description="pause between progress lines where there is no terminal")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least level of what is logged")
    report: Path | None = Field(None, description="file to write the report to, as JSON")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where settings come from, the first winning."""
        return init_settings, env_settings, dotenv_settings, file_secret_settings, AddressSource(settings_cls)

    @property
    def grpc(self) -> str:
        """Host and port of Weaviate's gRPC API."""
        return self.weaviate_grpc or f"{urlsplit(self.weaviate_http_url).hostname}:{_GRPC_PORT}"

    @property
    def secure(self) -> bool:
        """Whether gRPC speaks TLS, as REST does."""
        return urlsplit(self.weaviate_http_url).scheme == "https"


class EmbeddingSettings(WeaviateSettings):
    """What a job is told that asks for embeddings."""

    embedder_url: HttpUrl = Field("http://127.0.0.1:8081/v1", description="embedding endpoint, up to and with /v1")
    model: str | None = Field(None, min_length=1, description="model to ask for; by default the one the embedder names")
    embedder_api_key_file: Path | None = Field(None, description="file with the embedding endpoint's API key")
    dimensions: int | None = Field(
        None, ge=1, le=65_535, description="ask for vectors of this size; by default the model's own"
    )


class IngestSettings(EmbeddingSettings):
    """Settings of `hirag-jobs ingest`."""

    alias: str = Field(min_length=1, max_length=255, description="alias of the collection to write to")
    tenant: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{1,64}$", description="tenant to write to")
    level: Literal["shortTerm", "longTerm"] | None = Field(
        None,
        description="level to write to; by default the only one of the environment's address, or the alias' own",
    )
    strategy: Literal["tokens", "sentences"] = Field("tokens", description="how documents are cut")
    max_tokens: int = Field(512, ge=FEWEST_TOKENS, le=32_768, description="the most tokens of a chunk")
    overlap: int = Field(50, ge=0, description="tokens that a chunk repeats of the one before it (tokens)")
    min_tokens: int = Field(64, ge=0, description="tokens that a chunk should have at least (sentences)")
    language: str = Field("en", pattern=r"^[a-z]{2,3}$", description="language of the sentences, ISO 639 (sentences)")
    format: Format | None = Field(None, description="format of a stream or a file; by default known by the file's name")
    source: str | None = Field(
        None,
        pattern=r"^[^/#:\s]([^/#:]*[^/#:\s])?$",
        max_length=255,
        description="name of this ingest, the first part of its documents' ids; by default the folder's or file's",
    )
    max_bytes: int = Field(16 * 2**20, ge=1, le=2**30, description="the largest file, or line of JSON lines, in bytes")
    batch_min: int = Field(8, ge=1, le=2048, description="the fewest texts in an embedding request")
    batch_max: int = Field(256, ge=1, le=2048, description="the most texts in an embedding request")
    batch_seconds: float = Field(2.0, gt=0, le=300, description="how long an embedding request should take at most")
    prune: bool = Field(False, description="remove documents of this source that are no longer there")
    dry_run: bool = Field(False, description="compare and report, but embed, write and remove nothing")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.strategy == "tokens" and self.max_tokens - self.overlap < FEWEST_TOKENS:
            raise ValueError(f"overlap must leave at least {FEWEST_TOKENS} of max-tokens new")
        if self.strategy == "sentences" and self.min_tokens > self.max_tokens:
            raise ValueError("min-tokens must not be above max-tokens")
        if self.batch_min > self.batch_max:
            raise ValueError("batch-min must not be above batch-max")
        return self

    @property
    def batches(self) -> BatchLimits:
        """Bounds of embedding requests."""
        return BatchLimits(self.batch_min, self.batch_max, self.batch_seconds)
