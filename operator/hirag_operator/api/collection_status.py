"""What was seen of a ContextCollection."""

from datetime import datetime
from typing import Final, Literal

from pydantic import Field

from hirag_operator.api.conditions import ConditionedStatus
from hirag_operator.api.model import StatusModel

PENDING_LIMIT: Final = 4096  # characters
MEASURED_LIMIT: Final = 512  # characters


class LevelAddress(StatusModel):
    """Where a level is reached in Weaviate."""

    alias: str = Field(description="Alias to read and write through.")
    tenant: str | None = Field(default=None, description="Tenant to name; none when absent.")
    collection: str | None = Field(default=None, description="Physical collection behind the alias.")
    revision: str | None = Field(default=None, max_length=64, description="Revision that serves.")
    index_settings: str | None = Field(
        default=None,
        max_length=64,
        description="Digest of the index settings that the level has taken up, or that pending speaks of.",
    )
    pending: str | None = Field(
        default=None,
        max_length=PENDING_LIMIT,
        description="What only a new revision could change, with both values; absent when the level is as declared.",
    )
    change_class: Literal["build", "embed"] | None = Field(
        default=None,
        description="What pending takes. build: the data copied into a new revision; embed: new vectors as well.",
    )


class TenantCounts(StatusModel):
    """How many tenants a level has."""

    active: int = Field(default=0, ge=0, description="Tenants in use.")
    inactive: int = Field(default=0, ge=0, description="Tenants on disk only.")
    offloaded: int = Field(default=0, ge=0, description="Tenants in object storage.")
    moving: int = Field(default=0, ge=0, description="Tenants on their way to or from object storage.")
    undeclared: int = Field(default=0, ge=0, description="Tenants that are neither declared nor selected.")


class LevelMigration(StatusModel):
    """How far the migration of one level is."""

    phase: str | None = Field(default=None, max_length=64, description="Step that it is at.")
    plan: str | None = Field(
        default=None, max_length=128, description="The plan by which it came to what serves, while there is a way back."
    )
    source: str | None = Field(
        default=None, max_length=320, description="What serves, or served: a collection, or pool/tenant."
    )
    target: str | None = Field(
        default=None, max_length=320, description="What is to serve, or serves: a collection, or pool/tenant."
    )
    done: int | None = Field(default=None, ge=0, description="Objects carried so far.")
    total: int | None = Field(default=None, ge=0, description="Objects to carry.")
    per_second: int | None = Field(default=None, ge=0, description="Objects carried a second.")
    tenants: int | None = Field(
        default=None, ge=0, description="Tenants to carry, of a collection with tenants of its own."
    )
    tenants_done: int | None = Field(default=None, ge=0, description="Of those, how many were carried and compared.")
    alike: int | None = Field(
        default=None, ge=0, description="Objects that were compared on both sides and found alike, vectors too."
    )
    checksum: str | None = Field(default=None, max_length=64, description="Of those, whatever their order.")
    recall: float | None = Field(
        default=None, ge=0, le=1, description="Recall of the new index against exact search, over a sample."
    )
    golden_recall: float | None = Field(
        default=None, ge=0, le=1, description="The same over migration.verify.goldenQueries."
    )
    came_back: int | None = Field(
        default=None,
        ge=0,
        description="Deleted objects that were there again after the swap, for the freeze had no time to find them.",
    )
    came_back_milliseconds: int | None = Field(
        default=None, ge=1, description="For how long at most, until they were removed; absent until then."
    )
    carried_late: int | None = Field(
        default=None,
        ge=0,
        description="Writes that reached the previous revision behind the seal and were carried after the swap.",
    )
    previous_until: datetime | None = Field(
        default=None, description="Until when the previous revision is kept, read-only."
    )


class MigrationEstimate(StatusModel):
    """What a migration is expected to take, in figures; what is not known is absent."""

    objects: int | None = Field(default=None, ge=0, description="Objects to carry.")
    tokens: int | None = Field(
        default=None, ge=0, description="Tokens of the texts that are embedded, by cl100k_base, from a sample."
    )
    bytes: int | None = Field(default=None, ge=0, description="Bytes of all properties, from a sample.")
    seconds: int | None = Field(
        default=None, ge=0, description="How long carrying and comparing takes, from a short measurement."
    )
    memory_bytes: int | None = Field(
        default=None, ge=0, description="Memory that the second index takes until the previous revision goes."
    )
    disk_bytes: int | None = Field(default=None, ge=0, description="Disk, likewise.")


class MigrationStatus(StatusModel):
    """How far a migration is."""

    phase: str | None = Field(default=None, max_length=64, description="Step that the migration is at.")
    plan: str | None = Field(
        default=None, max_length=128, description="Name of the plan, for migration.approvedPlan and rollback."
    )
    change_class: Literal["build", "embed"] | None = Field(
        default=None, description="build: data is copied with its vectors; embed: new vectors are made as well."
    )
    changes: list[str] = Field(
        default_factory=list, max_length=64, description="What is to change, by level and field, with both values."
    )
    done: int | None = Field(default=None, ge=0, description="Objects carried so far.")
    total: int | None = Field(default=None, ge=0, description="Objects to carry.")
    estimate: str | None = Field(default=None, max_length=512, description="Time and cost that the plan expects.")
    estimated: MigrationEstimate | None = Field(
        default=None, description="The same in figures, while the migration has not begun."
    )
    started_at: datetime | None = Field(default=None, description="When the migration began.")
    levels: dict[str, LevelMigration] = Field(default_factory=dict, max_length=8, description="The same by level.")


class LevelMeasurement(StatusModel):
    """What the index of one level achieves, and what is said of that."""

    state: str | None = Field(
        default=None, max_length=64, description="ObjectivesMet where all are met, else the reason why not."
    )
    message: str | None = Field(default=None, max_length=MEASURED_LIMIT, description="The same in a sentence.")
    recall: float | None = Field(default=None, ge=0, le=1, description="Measured recall@k, as a fraction.")
    k: int | None = Field(default=None, ge=1, description="Neighbours that were compared.")
    p95_milliseconds: float | None = Field(
        default=None, ge=0, description="Measured 95th percentile of searches on the server, in milliseconds."
    )
    ef: int | None = Field(default=None, ge=-1, description="ef that it was measured at; -1: dynamicEf.")
    memory_bytes: int | None = Field(default=None, ge=0, description="Estimated memory of the index, in bytes.")
    memory_limit_bytes: int | None = Field(default=None, ge=0, description="objectives.memory.limit, in bytes.")
    queries: int | None = Field(default=None, ge=0, description="Queries that were measured.")
    objects: int | None = Field(default=None, ge=0, description="Objects that there were when it was measured.")
    tenant: str | None = Field(
        default=None, max_length=64, description="Tenant that was measured, of a collection with tenants of its own."
    )
    measured_at: datetime | None = Field(default=None, description="When it was measured.")


class JobRun(StatusModel):
    """The last run of a scheduled Job."""

    job: str | None = Field(default=None, max_length=253, description="Name of the Job.")
    result: str | None = Field(default=None, max_length=64, description="Running, Complete or Failed.")
    message: str | None = Field(default=None, max_length=32_768, description="What the Job reported.")
    started_at: datetime | None = Field(default=None, description="When the run began.")
    finished_at: datetime | None = Field(default=None, description="When the run ended.")


class ContextCollectionStatus(ConditionedStatus):
    """What was seen of the collection in Weaviate and of its migrations and Jobs."""

    phase: str | None = Field(
        default=None, max_length=64, description="The state in one word, for people; tools use conditions."
    )
    address: dict[str, LevelAddress] = Field(
        default_factory=dict, max_length=8, description="Where each level is reached in Weaviate, by level."
    )
    active_revision: str | None = Field(default=None, max_length=64, description="Revision that serves.")
    fingerprint: str | None = Field(
        default=None, max_length=128, description="Embedding fingerprint of the revision that serves."
    )
    counts: dict[str, int] = Field(default_factory=dict, max_length=8, description="Objects by level.")
    objects: int | None = Field(default=None, ge=0, description="Objects of all levels.")
    tenants: dict[str, TenantCounts] = Field(
        default_factory=dict, max_length=8, description="Tenants by level, where multiTenancy is enabled."
    )
    migration: MigrationStatus | None = Field(default=None, description="The migration that goes on; absent when none.")
    measurements: dict[str, LevelMeasurement] = Field(
        default_factory=dict,
        max_length=8,
        description="What indexes achieve, by level, where their policy has objectives.",
    )
    last_summarization: JobRun | None = Field(default=None, description="The last run of summarization.")
    last_compaction: JobRun | None = Field(default=None, description="The last run of compaction.")
