"""What is read and written as one: a collection, or one tenant of it."""

from dataclasses import dataclass

from weaviate.proto.v1 import search_get_pb2


@dataclass(frozen=True)
class Part:
    """A collection without tenants, or one tenant.

    Args:
        collection: the physical name; an alias may be moved meanwhile.
        tenant: the tenant; None in a collection without tenants.
        vectors: names of the named vectors; empty where the collection has the unnamed one.
    """

    collection: str
    tenant: str | None = None
    vectors: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.collection if self.tenant is None else f"{self.collection}/{self.tenant}"

    def request(self, metadata: search_get_pb2.MetadataRequest, *, properties: bool) -> search_get_pb2.SearchRequest:
        """A search in it that asks for this metadata, and for all properties or none."""
        return search_get_pb2.SearchRequest(
            collection=self.collection,
            tenant=self.tenant or "",
            metadata=metadata,
            properties=search_get_pb2.PropertiesRequest(return_all_nonref_properties=properties),
            uses_123_api=True,
            uses_125_api=True,
            uses_127_api=True,
        )
