"""What `hirag-jobs export` and `hirag-jobs import` are told."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_settings import NoDecode

from hirag_jobs.settings import WeaviateSettings

_MEGABYTE = 2**20

Tenant = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


def _several(told: object) -> object:
    """The names in a variable, separated by commas."""
    return tuple(name.strip() for name in told.split(",")) if isinstance(told, str) else told


Tenants = Annotated[tuple[Tenant, ...], NoDecode, BeforeValidator(_several)]


class ArchiveSettings(WeaviateSettings):
    """What both are told."""

    alias: str | None = Field(None, min_length=1, max_length=255, description="alias of the collection")
    collection: str | None = Field(
        None, min_length=1, max_length=255, description="the collection's own name, instead of an alias"
    )
    level: Literal["shortTerm", "longTerm"] | None = Field(
        None, description="level of the environment's address; by default its only one"
    )

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.alias is None) == (self.collection is None):
            raise ValueError("either --alias or --collection is needed, and not both")
        return self


class ExportSettings(ArchiveSettings):
    """Settings of `hirag-jobs export`; each has a flag of the same name."""

    tenant: Tenants = Field((), description="tenant to export, may be repeated; by default all")
    part_bytes: int = Field(
        64 * _MEGABYTE, ge=1, le=4096 * _MEGABYTE, description="bytes of a part before compression, one object more"
    )
    compression: int = Field(3, ge=1, le=19, description="level of zstandard: higher is smaller and slower")


class ImportSettings(ArchiveSettings):
    """Settings of `hirag-jobs import`; each has a flag of the same name."""

    tenant: Tenants = Field((), description="tenant to fill, may be repeated; by default all of the archive's")
    from_tenant: Tenant | None = Field(
        None, description="tenant of the archive to read, where the one to fill has another name"
    )
    create_tenants: bool = Field(False, description="make the tenants that the collection does not have")
    fingerprint: str | None = Field(
        None, min_length=1, max_length=128, description="fingerprint of the archive's vectors, where it names none"
    )
    state: Path | None = Field(
        None, description="folder to note in which tenants were woken; by default the archive's own"
    )
