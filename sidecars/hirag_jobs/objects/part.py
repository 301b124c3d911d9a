"""What is read and written as one: a collection, or one tenant of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from weaviate.proto.v1 import search_get_pb2

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """A collection without tenants, or one tenant.

    Args:
        collection: the physical name; an alias may be moved meanwhile.
        tenant: the tenant; None in a collection without tenants.
        vectors: names of the named vectors; empty where the collection has the unnamed one.
        properties: what asks for all properties by name, serialised. Empty asks for all but blobs, which is how
            Weaviate understands "all": enough for walks, and for nothing that is to be carried.
    """

    collection: str
    tenant: str | None = None
    vectors: tuple[str, ...] = ()
    properties: bytes = b""

    @classmethod
    def of_class(cls, schema: Json, tenant: str | None = None) -> Self:
        """The part whose objects are to be read whole, of a class as `GET /v1/schema/{class}` gives it."""
        names = tuple(sorted(schema.get("vectorConfig") or {}))
        asked = _asked(schema.get("properties") or []).SerializeToString()
        return cls(schema["class"], tenant, names, asked)

    def __str__(self) -> str:
        return self.collection if self.tenant is None else f"{self.collection}/{self.tenant}"

    def of_tenant(self, tenant: str | None) -> Self:
        """The same of another tenant."""
        return replace(self, tenant=tenant)

    def request(self, metadata: search_get_pb2.MetadataRequest, *, properties: bool) -> search_get_pb2.SearchRequest:
        """A search in it that asks for this metadata, and for all properties or none."""
        asked = search_get_pb2.PropertiesRequest(return_all_nonref_properties=properties and not self.properties)
        if properties and self.properties:
            asked.ParseFromString(self.properties)
        return search_get_pb2.SearchRequest(
            collection=self.collection,
            tenant=self.tenant or "",
            metadata=metadata,
            properties=asked,
            uses_123_api=True,
            uses_125_api=True,
            uses_127_api=True,
        )


def mixes_vectors(schema: Json) -> bool:
    """Whether a class has named vectors and an unnamed one beside them: a Part reads the named ones alone."""
    return bool(schema.get("vectorConfig") and schema.get("vectorIndexType"))


def _asked(properties: Sequence[Json]) -> search_get_pb2.PropertiesRequest:
    return search_get_pb2.PropertiesRequest(
        non_ref_properties=[one["name"] for one in properties if not one.get("nestedProperties")],
        object_properties=_nested(properties),
    )


def _nested(properties: Sequence[Json]) -> list[search_get_pb2.ObjectPropertiesRequest]:
    return [
        search_get_pb2.ObjectPropertiesRequest(
            prop_name=one["name"],
            primitive_properties=[inner["name"] for inner in held if not inner.get("nestedProperties")],
            object_properties=_nested(held),
        )
        for one in properties
        if (held := one.get("nestedProperties") or [])
    ]
