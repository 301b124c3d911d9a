"""What a measurement is told: by flags, which win, by variables (`HIRAG_JOBS_…`), and by an address."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from hirag_jobs.settings import EmbeddingSettings

Query = Annotated[str, StringConstraints(min_length=1, max_length=2048)]


class MeasureSettings(EmbeddingSettings):
    """Settings of `hirag-jobs measure`; each has a flag of the same name.

    Raises:
        ConfigurationError: the address in the environment does not name the level.
    """

    alias: str | None = Field(None, min_length=1, max_length=255, description="alias of the collection to measure")
    collection: str | None = Field(
        None, min_length=1, max_length=255, description="the collection's own name, in place of an alias"
    )
    tenant: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9_-]{1,64}(,[A-Za-z0-9_-]{1,64})*$",
        description="tenants to measure, with commas between them",
    )
    level: Literal["shortTerm", "longTerm"] | None = Field(
        None,
        description="level to measure; by default the only one of the environment's address, or the alias' own",
    )
    vector: str | None = Field(None, min_length=1, description="named vector to measure, where there are several")
    k: int = Field(10, ge=1, le=1000, description="nearest neighbours that a search should find")
    sample_size: int = Field(100, ge=1, le=10_000, description="objects whose vectors are the queries")
    seed: int = Field(0, ge=0, description="what the sample is drawn by: the same objects for the same seed")
    query: tuple[Query, ...] = Field(
        (), max_length=10_000, description="a question to measure by, in place of a sample; may be repeated"
    )
    queries_file: Path | None = Field(None, description="file of such questions, one a line")
    warm_up: int = Field(20, ge=0, le=10_000, description="searches before those that count")
    rounds: int = Field(1, ge=1, le=1000, description="how often each query is timed")
    concurrency: int = Field(1, ge=1, le=256, description="searches at a time")
    await_queue: float = Field(0.0, ge=0, description="seconds to wait for vectors that are not indexed yet")
    min_recall: float | None = Field(None, ge=0, le=1, description="least mean recall, else the exit status is 3")
    max_p95_ms: float | None = Field(
        None, gt=0, description="most milliseconds of 95 of 100 searches on the server, else the exit status is 3"
    )

    note: str | None = Field(
        None, min_length=1, max_length=512, description="what to note the figures under, in HiragMigrations"
    )
    note_key: str = Field(
        "", max_length=64, description="what tells this index from others: figures of another key are forgotten"
    )

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.note is not None and len(self.tenants) > 1:
            raise ValueError("--note is for one index: name one tenant by --tenant")
        if (self.alias is None) == (self.collection is None):
            raise ValueError("one of --alias and --collection is needed, and not both")
        return self

    @property
    def tenants(self) -> tuple[str | None, ...]:
        """The tenants, each once; a single None where none is named."""
        return tuple(dict.fromkeys(self.tenant.split(","))) if self.tenant else (None,)
