"""Collections of all kinds of values, made and filled by the client as its users do, and ways to copy them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import httpx
import numpy as np
import weaviate
from weaviate.classes.config import Configure, DataType, Property, Tokenization
from weaviate.classes.data import DataObject, GeoCoordinate, PhoneNumber
from weaviate.classes.tenants import Tenant
from weaviate.collections import Collection

from hirag_jobs.copying.passes import Way
from hirag_jobs.copying.rendering import Rendering
from hirag_jobs.objects.channel import ObjectChannel
from hirag_jobs.objects.pages import WHOLE, Range
from hirag_jobs.objects.part import Part

DIMENSIONS = 8

NESTED = [
    Property(name="street", data_type=DataType.TEXT),
    Property(name="numbers", data_type=DataType.INT_ARRAY),
    Property(
        name="inner", data_type=DataType.OBJECT, nested_properties=[Property(name="deep", data_type=DataType.BOOL)]
    ),
]
PROPERTIES = [
    Property(name="text", data_type=DataType.TEXT, tokenization=Tokenization.WORD),
    Property(name="texts", data_type=DataType.TEXT_ARRAY),
    Property(name="whole", data_type=DataType.INT),
    Property(name="wholes", data_type=DataType.INT_ARRAY),
    Property(name="part", data_type=DataType.NUMBER),
    Property(name="parts", data_type=DataType.NUMBER_ARRAY),
    Property(name="truth", data_type=DataType.BOOL),
    Property(name="truths", data_type=DataType.BOOL_ARRAY),
    Property(name="moment", data_type=DataType.DATE),
    Property(name="moments", data_type=DataType.DATE_ARRAY),
    Property(name="other", data_type=DataType.UUID),
    Property(name="others", data_type=DataType.UUID_ARRAY),
    Property(name="place", data_type=DataType.GEO_COORDINATES),
    Property(name="phone", data_type=DataType.PHONE_NUMBER),
    Property(name="bytes", data_type=DataType.BLOB),
    Property(name="address", data_type=DataType.OBJECT, nested_properties=NESTED),
    Property(name="addresses", data_type=DataType.OBJECT_ARRAY, nested_properties=NESTED),
]
FULL: dict[str, Any] = {
    "text": "A passage: ä, 漢字, 🙂, \u0000 none",
    "texts": ["one", "", "three"],
    "whole": -(2**53),
    "wholes": [1, -(2**62), 0],
    "part": 0.1,
    "parts": [1e-300, -2.5],
    "truth": False,
    "truths": [True, False],
    "moment": datetime(2026, 1, 2, 3, 4, 5, 678900, UTC),
    "moments": [datetime(1999, 12, 31, tzinfo=UTC)],
    "other": UUID(int=7),
    "others": [UUID(int=8), UUID(int=2**128 - 1)],
    "place": GeoCoordinate(latitude=47.5, longitude=8.25),
    "phone": PhoneNumber(number="+41 44 668 18 00", default_country="CH"),
    "bytes": "aGlyYWc=",
    "address": {"street": "Bahnhofstrasse", "numbers": [1, 2], "inner": {"deep": True}},
    "addresses": [{"street": "a", "numbers": []}, {"street": "b", "inner": {"deep": False}}],
}


class Copy:
    """Two collections of the same properties, the first to be copied into the second; a context manager.

    Args:
        client: a client of their Weaviate.
        channel: to the same.
        rest: the same server's REST API.
        tenants: names of tenants; none for collections without.
        both: whether the second has them too; it takes tenants in any case.
        vectors: names of the named vectors; none for the unnamed one.
        properties: further properties of both.
    """

    def __init__(
        self,
        client: weaviate.WeaviateClient,
        channel: ObjectChannel,
        rest: httpx.Client,
        *,
        tenants: Sequence[str] = (),
        vectors: Sequence[str] = (),
        properties: Sequence[Property] = (),
        both: bool = True,
    ) -> None:
        self.client, self.channel, self.rest = client, channel, rest
        self._properties = [*PROPERTIES, *properties]
        self._tenants, self._vectors, self._both = tuple(tenants), tuple(vectors), both

    def __enter__(self) -> Self:
        self.source, self.target = (self._create(f"Copy_{uuid4().hex}_{side}") for side in ("Source", "Target"))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.client.collections.delete([self.source.name, self.target.name])

    def way(self, tenant: str | None = None, within: Range = WHOLE, *, times: tuple[str, ...] = ()) -> Way:
        """From the first to the second, or the way of one tenant."""
        source, target = (Part.of_class(self.schema(one.name), tenant) for one in (self.source, self.target))
        return Way(self.channel, source, Rendering(target, times), within)

    def fill(self, count: int, tenant: str | None = None, first: int = 0) -> list[UUID]:
        """Inserts objects of ids that are spread evenly and the same each time; returns their ids."""
        numbers = range(first, first + count)
        vectors = np.random.default_rng(first).random((count, DIMENSIONS), dtype=np.float32)
        ids = [uuid5(NAMESPACE_OID, str(number)) for number in numbers]
        self.put(
            [
                DataObject(uuid=one, properties={"text": f"passage {number}", "whole": number}, vector=vector.tolist())
                for one, number, vector in zip(ids, numbers, vectors, strict=True)
            ],
            tenant,
        )
        return ids

    def put(self, objects: Sequence[DataObject[Any, Any]], tenant: str | None = None) -> None:
        """Inserts objects into the first."""
        source = self.source.with_tenant(tenant) if tenant else self.source
        answer = source.data.insert_many(objects)
        assert not answer.has_errors

    def empty_target(self) -> None:
        """Makes the second anew: one that had vectors takes none of another size."""
        self.client.collections.delete(self.target.name)
        self.target = self._create(self.target.name)

    def schema(self, name: str) -> dict[str, Any]:
        """A class as REST gives it."""
        return dict(self.rest.get(f"/schema/{name}").raise_for_status().json())

    def sides(self, tenant: str | None = None) -> list[dict[UUID, Any]]:
        """What each holds, as REST tells it, blobs and all: id → properties and vectors; 10,000 objects at most."""
        query = {"limit": "10000", "include": "vector"} | ({"tenant": tenant} if tenant else {})
        found = [
            self.rest.get("/objects", params={"class": one.name, **query}).raise_for_status().json()["objects"]
            for one in (self.source, self.target)
        ]
        return [
            {UUID(one["id"]): (one["properties"], one.get("vector") or one.get("vectors")) for one in side}
            for side in found
        ]

    def _create(self, name: str) -> Collection[Any, Any]:
        flat = Configure.VectorIndex.flat()
        named = [Configure.Vectors.self_provided(name=one, vector_index_config=flat) for one in self._vectors]
        made = self.client.collections.create(
            name,
            properties=self._properties,
            inverted_index_config=Configure.inverted_index(index_timestamps=True),
            multi_tenancy_config=Configure.multi_tenancy(enabled=bool(self._tenants)),
            vector_config=named or Configure.Vectors.self_provided(vector_index_config=flat),
        )
        if self._tenants and (self._both or name.endswith("Source")):
            made.tenants.create([Tenant(name=one) for one in self._tenants])
        return made


Copies = Callable[..., Copy]
