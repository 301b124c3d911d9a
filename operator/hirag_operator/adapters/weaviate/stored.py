"""What a Weaviate holds, of everybody: counts by the server, lengths by a sample. Asking wakes no tenant."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from hirag_operator.adapters.http import JsonServer
from hirag_operator.adapters.weaviate.calls import Calls
from hirag_operator.adapters.weaviate.nodes import shards_of
from hirag_operator.adapters.weaviate.writes import awake
from hirag_operator.errors import Garbled, NotAuthorized, Refused
from hirag_operator.plan.collection.migration.space import Index, Stored
from hirag_operator.plan.collection.schemas import has_tenants

Json = Mapping[str, Any]

SAMPLE: Final = 50  # objects that are looked at to tell how large they are
SAMPLED_SECONDS: Final = 600.0  # for which what a sample said holds: objects of a collection stay alike
LOOKED_SECONDS: Final = 5.0  # for which a look at all holds: several may ask at once
UNNAMED: Final = ""  # the vector of a collection that has no named ones


@dataclass(frozen=True)
class Sample:
    """How long objects are: without vectors as JSON, and each vector in numbers."""

    object_bytes: float
    dimensions: Mapping[str, int]


class Storage:
    """Looks at what one server holds. Raises what the server's calls raise; thread-safe."""

    def __init__(self, server: JsonServer, calls: Calls, clock: Callable[[], float] = time.monotonic) -> None:
        self._server, self._calls, self._clock = server, calls, clock
        self._lock = threading.Lock()
        self._samples: dict[str, tuple[float, Sample | None]] = {}
        self._looked: tuple[float, tuple[Stored, ...]] | None = None

    def all(self) -> tuple[Stored, ...]:
        """Return what every collection holds, some seconds ago at most."""
        with self._lock:
            if self._looked is None or self._clock() - self._looked[0] > LOOKED_SECONDS:
                self._looked = (self._clock(), tuple(self._look()))
            return self._looked[1]

    def sample(self, collection: str, tenant: str | None) -> Sample | None:
        """Return how long objects are; None where there is none that could be looked at without waking a tenant."""
        schema = self._calls.collection(collection)
        return None if schema is None else self._sample(schema, tenant)

    def counts(self, names: Sequence[str]) -> dict[str, int]:
        """Return the objects of collections without tenants; one that is gone, or not for us to read, is left out."""
        try:
            return self._calls.count_collections(names) if names else {}
        except (Refused, NotAuthorized):  # all are refused for the one that went since it was seen
            if len(names) == 1:
                return {}
        half = len(names) // 2
        return {**self.counts(names[:half]), **self.counts(names[half:])}

    def _look(self) -> list[Stored]:
        schemas = self._calls.collections()
        exact = self.counts([str(one["class"]) for one in schemas if not has_tenants(one)])
        shards: dict[str, list[Json]] = {}
        for shard in shards_of(self._server):
            shards.setdefault(str(shard.get("class")), []).append(shard)
        known = {str(one["class"]) for one in schemas}
        self._samples = {name: one for name, one in self._samples.items() if name in known}
        return [self._stored(one, exact.get(str(one["class"])), shards.get(str(one["class"]), [])) for one in schemas]

    def _stored(self, schema: Json, exact: int | None, shards: list[Json]) -> Stored:
        """Return what a collection holds; nodes say nothing of what is not on disk yet, but of tenants only they do."""
        name = str(schema["class"])
        try:
            counted = sum(int(one.get("objectCount") or 0) for one in shards)
            factor = int((schema.get("replicationConfig") or {}).get("factor") or 1)
        except (TypeError, ValueError, AttributeError) as error:
            raise Garbled(self._server.name, "counts of objects have not Weaviate's form") from error
        objects = counted if exact is None else max(counted, exact * factor)
        sample = self._known_sample(schema) if objects else None
        if sample is None:
            return Stored(name, 0, 0.0, ())
        indexes = tuple(
            Index(kind, settings, sample.dimensions[vector])
            for vector, kind, settings in _indexes(schema)
            if vector in sample.dimensions
        )
        return Stored(name, objects, sample.object_bytes, indexes, max(1, len(shards)))

    def _known_sample(self, schema: Json) -> Sample | None:
        name = str(schema["class"])
        at, known = self._samples.get(name, (0.0, None))
        if known is None or self._clock() - at > SAMPLED_SECONDS:
            known = self._sample(schema, None)
            self._samples[name] = (self._clock(), known)
        return known

    def _sample(self, schema: Json, tenant: str | None) -> Sample | None:
        collection = str(schema["class"])
        try:
            if tenant is None and has_tenants(schema):
                tenant = min(awake(self._calls.tenants(collection)), default=None)
                if tenant is None:
                    return None
            where = f"&tenant={quote(tenant)}" if tenant is not None else ""
            path = f"/v1/objects?class={quote(collection)}&limit={SAMPLE}&include=vector{where}"
            found = self._server.ask("sample_objects", "GET", path).get("objects") or []
        except (Refused, NotAuthorized):  # it is gone, its tenant fell asleep, or it is not for us to read
            return None
        if not found:
            return None
        lengths: dict[str, int] = {}
        for one in found:
            named = {UNNAMED: one.get("vector"), **(one.get("vectors") or {})}
            lengths |= {vector: _numbers(value) for vector, value in named.items() if value}
        return Sample(sum(len(json.dumps(one.get("properties"))) for one in found) / len(found), lengths)


def _indexes(schema: Json) -> list[tuple[str, str, Json]]:
    """Return each vector of a class, with the type and settings of its index."""
    named = [
        (str(name), str(one.get("vectorIndexType")), one.get("vectorIndexConfig") or {})
        for name, one in (schema.get("vectorConfig") or {}).items()
    ]
    kind = schema.get("vectorIndexType")
    return [*named, *([(UNNAMED, str(kind), schema.get("vectorIndexConfig") or {})] if kind else [])]


def _numbers(vector: list[Any]) -> int:
    """Return how many numbers a vector has, or several of one object have together."""
    return sum(len(one) for one in vector) if isinstance(vector[0], list) else len(vector)
