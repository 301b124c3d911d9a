"""What is measured: one vector of a collection or tenant, under one index."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hirag_jobs.measure.distances import DISTANCES, Distance
from hirag_jobs.measure.settings import MeasureSettings
from hirag_jobs.objects.part import Part
from hirag_jobs.target import Target, find_collection, find_target
from hirag_kit.errors import ConfigurationError

_INDEXES = {"hnsw", "flat", "dynamic"}


@dataclass(frozen=True)
class Subject:
    """A vector index.

    Args:
        part: the objects; its `vectors` hold the name of the one that is measured, unless it is the unnamed one.
        index_type: hnsw, flat or dynamic.
        settings: the vectorIndexConfig.
        shards: how many there are, each with an index of its own.
    """

    part: Part
    index_type: str
    settings: Mapping[str, Any]
    shards: int

    @property
    def vector(self) -> str | None:
        """The name of the vector; None for the unnamed one."""
        return self.part.vectors[0] if self.part.vectors else None

    @property
    def distance_name(self) -> str:
        """The distance, by Weaviate's name."""
        return str(self.settings["distance"])

    @property
    def distance(self) -> Distance:
        """The distance."""
        return DISTANCES[self.distance_name]


def find_subjects(settings: MeasureSettings, api_key: str | None) -> list[Subject]:
    """The index of each tenant that is to be measured, or the only one.

    Raises:
        ConfigurationError: collection, tenants or vector are not there, or the index is none that can be measured.
        VectorStoreError: Weaviate was not reached.
    """
    return [subject_of(_target(settings, api_key, tenant), settings.vector) for tenant in settings.tenants]


def _target(settings: MeasureSettings, api_key: str | None, tenant: str | None) -> Target:
    url = settings.weaviate_http_url
    if settings.alias is None:
        return find_collection(url, api_key, settings.collection or "", tenant)
    target = find_target(url, api_key, settings.alias, tenant)
    if settings.level and target.level and settings.level != target.level:
        raise ConfigurationError(
            f"alias {target.alias} holds level {target.level}: leave --level {settings.level} out or name another alias"
        )
    return target


def subject_of(target: Target, wanted: str | None = None) -> Subject:
    """The index of one vector of a collection or tenant; `wanted` names the vector where there are several.

    Raises:
        ConfigurationError: there is no such vector, or the index is none that can be measured.
    """
    name, config = _vector(target, wanted)
    index_type, settings = str(config["vectorIndexType"]), config["vectorIndexConfig"]
    where = f"collection {target.collection}" if name is None else f"vector {name} of collection {target.collection}"
    inner = settings.get("hnsw", settings)
    if index_type not in _INDEXES or inner.get("skip"):
        raise ConfigurationError(f"{where} has no vector index that can be measured: its type is {index_type}")
    if (inner.get("multivector") or {}).get("enabled"):
        raise ConfigurationError(f"{where} has many vectors an object, which cannot be measured")
    if settings["distance"] not in DISTANCES:
        raise ConfigurationError(f"{where} has distance {settings['distance']}, which is not known")
    part = Part(target.collection, target.tenant, () if name is None else (name,))
    shards = 1 if target.tenant else int((target.schema.get("shardingConfig") or {}).get("actualCount") or 1)
    return Subject(part, index_type, settings, shards)


def _vector(target: Target, wanted: str | None) -> tuple[str | None, Mapping[str, Any]]:
    """The vector to measure, and what the schema says of it."""
    named: Mapping[str, Any] = target.schema.get("vectorConfig") or {}
    if wanted is not None:
        if wanted not in named:
            there = f"it has {', '.join(sorted(named))}" if named else "its only vector has no name: leave --vector out"
            raise ConfigurationError(f"collection {target.collection} has no vector {wanted}; {there}")
        return wanted, named[wanted]
    if target.schema.get("vectorIndexType"):
        return None, target.schema
    if len(named) != 1:
        raise ConfigurationError(
            f"collection {target.collection} has the vectors {', '.join(sorted(named))}: name one by --vector"
        )
    return next(iter(named.items()))
