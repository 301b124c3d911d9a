"""The manifest of an archive, format version 1: what was archived, and what each part must be.

It ends in a checksum of itself, so that a count or a file name that changed on the way is found as well as an object.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

FORMAT = "hirag-archive"
VERSION = 1

# No separator, no dot in front: a name cannot lead out of the folder.
PartName = Annotated[
    str, StringConstraints(pattern=r"^part-([A-Za-z0-9_-]{1,64}-)?[0-9]{5,9}\.jsonl\.zst$", max_length=128)
]
# Names are told to people: what Weaviate lets nobody call anything is in none of them.
ClassName = Annotated[str, StringConstraints(pattern=r"^[A-Z][_0-9A-Za-z]{0,254}$")]
VectorName = Annotated[str, StringConstraints(pattern=r"^([_A-Za-z][_0-9A-Za-z]{0,229})?$")]
Printable = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
TenantName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PartEntry(_Entry):
    """One file of objects, all of one tenant, in the order of their ids."""

    file: PartName
    tenant: TenantName | None
    objects: int = Field(ge=1)
    first: UUID
    last: UUID
    bytes: int = Field(ge=1, description="of the file")
    content_bytes: int = Field(ge=1, description="of the lines, decompressed; no reader goes on behind them")
    sha256: Sha256


class TenantEntry(_Entry):
    """A tenant, in the state that it had, with the objects that were archived of it."""

    name: TenantName
    state: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,32}$")]
    objects: Count


class VectorEntry(_Entry):
    """How a vector was indexed; for people and for making a collection like it."""

    vectorizer: str
    index: str
    parameters: dict[str, Any]


class Manifest(_Entry):
    """An archive. Names of vectors are keys; the unnamed vector has the empty name."""

    format: Literal["hirag-archive"]
    version: Literal[1]
    created: datetime
    server_version: Printable
    alias: ClassName | None
    collection: ClassName
    collection_schema: dict[str, Any] = Field(alias="schema", description="as Weaviate gave it")
    vectors: dict[VectorName, VectorEntry]
    fingerprint: Printable | None = Field(description="of the embedding, in the operator's stamp; null without one")
    dimensions: dict[VectorName, Annotated[int, Field(ge=1, le=65_535)]] = Field(
        description="of those vectors that there are"
    )
    objects: Count
    tenants: list[TenantEntry] | None = Field(description="null for a collection without tenants")
    parts: list[PartEntry]
    sha256: Sha256 = Field(description="of this document without it, keys sorted, without spaces")

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        if len({part.file.lower() for part in self.parts}) != len(self.parts):
            raise ValueError("two parts have one name")
        told = {item.name: item.objects for item in self.tenants} if self.tenants is not None else {None: self.objects}
        found = dict.fromkeys(told, 0)
        for part in self.parts:
            if part.tenant not in found:
                raise ValueError(f"part {part.file} is of a tenant that is not listed")
            found[part.tenant] += part.objects
        if found != told or sum(found.values()) != self.objects:
            raise ValueError("the counts of objects do not add up")
        for tenant in told:
            _check_order(list(self.of_tenant(tenant)))
        return self

    def of_tenant(self, tenant: str | None) -> Iterator[PartEntry]:
        """The parts of a tenant, in the order of their ids."""
        return (part for part in self.parts if part.tenant == tenant)

    def objects_of(self, tenant: str | None) -> int:
        """How many objects there are of a tenant."""
        return sum(part.objects for part in self.of_tenant(tenant))


def part_name(tenant: str | None, number: int) -> str:
    """The name of the archive's part of this number, from 1."""
    middle = "" if tenant is None else f"{tenant}-"
    return f"part-{middle}{number:05}.jsonl.zst"


def temporary(name: str) -> str:
    """What a file is called until it is whole."""
    return f".{name}.tmp"


def is_temporary(name: str) -> bool:
    """Whether a file is one that was never finished."""
    return re.fullmatch(r"\.(part-.*\.zst|manifest\.json)\.tmp", name) is not None


def checksum(document: Mapping[str, Any]) -> str:
    """SHA-256 of a manifest as JSON has it, whatever its own says."""
    told = {key: value for key, value in document.items() if key != "sha256"}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def vector_entries(schema: Mapping[str, Any]) -> dict[str, VectorEntry]:
    """The vectors of a collection, by name."""
    named: Mapping[str, Any] = schema.get("vectorConfig") or {}
    if not named:
        return {"": _vector_entry(schema, schema.get("vectorizer") or "none")}
    return {name: _vector_entry(config, next(iter(config["vectorizer"]))) for name, config in named.items()}


def _vector_entry(config: Mapping[str, Any], vectorizer: str) -> VectorEntry:
    index, parameters = config.get("vectorIndexType") or "hnsw", config.get("vectorIndexConfig") or {}
    return VectorEntry(vectorizer=vectorizer, index=index, parameters=parameters)


def _check_order(parts: list[PartEntry]) -> None:
    if any(one.first > one.last for one in parts) or any(one.last >= other.first for one, other in pairwise(parts)):
        raise ValueError("the ids of the parts are not in order")
