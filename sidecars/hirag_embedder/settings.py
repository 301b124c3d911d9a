"""Everything that an embedder process can be told, from its environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from hirag_embedder.core.spec import BackendName, Device, ModelSpec, Pooling, Precision, RuntimeSpec
from hirag_embedder.presets import PRESETS, PresetName
from hirag_kit.errors import ConfigurationError

ENV_PREFIX = "HIRAG_EMBEDDER_"


class Settings(BaseSettings):
    """Read once, in `main`, from variables named `HIRAG_EMBEDDER_` and the field in capitals."""

    model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, frozen=True, extra="ignore", env_ignore_empty=True)

    model_dir: Path = Field(description="folder with config.json, tokenizer.json and the weights")
    model_name: str = Field("", description="the name that requests use; the folder's name when empty")
    model_revision: str = Field("", description="pinned revision of the source, told in /meta")
    dimensions: Annotated[int | None, Field(ge=1, le=65535, description="length of a vector, checked at start")] = None
    max_tokens: Annotated[int | None, Field(ge=3, le=131072, description="texts are cut to this many tokens")] = None
    pooling: Pooling | None = Field(None, description="mean, cls or lastToken; the folder's own when unset")
    normalize: bool = Field(True, description="scale vectors to length 1")
    query_instruction: str = Field("", max_length=4096, description="put before queries")
    passage_instruction: str = Field("", max_length=4096, description="put before passages")

    backend: BackendName = "onnxruntime"
    precision: Precision = "fp32"
    device: Device = "auto"
    preset: PresetName = Field("balanced", description="what batch_tokens and memory use default to")
    batch_tokens: Annotated[int | None, Field(ge=1, le=1_048_576, description="padded tokens of a batch")] = None
    threads: Annotated[int, Field(ge=0, le=1024, description="threads of one inference; 0 takes the CPU quota")] = 0
    cache_dir: Path | None = Field(None, description="writable folder for exported models; in memory when unset")

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="0 takes any free port")] = 8080
    api_key_file: Path | None = Field(None, description="file with the key that /v1/* asks for; open when unset")
    max_texts: Annotated[int, Field(ge=1, le=65536, description="texts of one request")] = 2048
    max_characters: Annotated[int, Field(ge=1, description="characters of one text")] = 200_000
    max_body_bytes: Annotated[int, Field(ge=1024, description="bytes of one request's body")] = 32 * 1024 * 1024
    max_held_bytes: Annotated[int, Field(ge=1024, description="bytes of all bodies being worked on")] = (
        256 * 1024 * 1024
    )
    queue_texts: Annotated[int, Field(ge=1, description="texts that may wait over all requests")] = 16_384
    shutdown_seconds: Annotated[int, Field(ge=0, le=3600, description="time for requests in flight to end")] = 25
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _one_request_fits(self) -> Self:
        for whole, part in (("queue_texts", "max_texts"), ("max_held_bytes", "max_body_bytes")):
            if getattr(self, whole) < getattr(self, part):
                raise ValueError(f"{ENV_PREFIX}{whole.upper()} must be at least {ENV_PREFIX}{part.upper()}")
        return self

    @classmethod
    def from_environment(cls) -> Self:
        """Reads the process's environment.

        Raises:
            ConfigurationError: naming each variable that is missing or wrong.
        """
        try:
            return cls()
        except ValidationError as error:
            problems = [_problem(one) for one in error.errors()]
            raise ConfigurationError("; ".join(problems), {"variables": problems}) from error

    def model(self) -> ModelSpec:
        """The model to serve."""
        return ModelSpec(
            folder=self.model_dir,
            name=self.model_name or self.model_dir.resolve().name,
            revision=self.model_revision,
            dimensions=self.dimensions,
            max_tokens=self.max_tokens,
            pooling=self.pooling,
            normalize=self.normalize,
            query_instruction=self.query_instruction,
            passage_instruction=self.passage_instruction,
        )

    def runtime(self) -> RuntimeSpec:
        """How to run it."""
        preset = PRESETS[self.preset]
        return RuntimeSpec(
            backend=self.backend,
            precision=self.precision,
            device=self.device,
            threads=self.threads,
            batch_tokens=self.batch_tokens or preset.batch_tokens,
            gpu_batch_tokens=self.batch_tokens or preset.gpu_batch_tokens,
            turn_batches=preset.turn_batches,
            memory_arena=preset.memory_arena,
            cache_dir=self.cache_dir,
        )

    def api_key(self) -> str | None:
        """The key that guards /v1/*, if there is one.

        Raises:
            ConfigurationError: when the file cannot be read or is empty.
        """
        if self.api_key_file is None:
            return None
        try:
            key = self.api_key_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"{ENV_PREFIX}API_KEY_FILE: {self.api_key_file} cannot be read: {error}"
            ) from error
        if not key:
            raise ConfigurationError(f"{ENV_PREFIX}API_KEY_FILE: {self.api_key_file} is empty")
        return key


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Variables with our prefix that no setting reads: most often a slip of the pen."""
    known = {f"{ENV_PREFIX}{name.upper()}" for name in Settings.model_fields}
    return sorted(name for name in environment if name.upper().startswith(ENV_PREFIX) and name.upper() not in known)


def _problem(error: ErrorDetails) -> str:
    reason = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return reason  # a rule over several variables names them itself
    if error["type"] == "missing":
        reason = "must be set"
    elif str(error["input"]).startswith("tcp://"):
        reason += "; Kubernetes set it for a Service of this name: turn off the pod's enableServiceLinks"
    return f"{ENV_PREFIX}{str(error['loc'][0]).upper()}: {reason}"
