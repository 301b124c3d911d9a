"""From what a search returns to what a batch takes: the same object, its values and vectors as they are."""

import struct
from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from google.protobuf.struct_pb2 import Struct, Value
from weaviate.proto.v1 import base_pb2, batch_pb2, properties_pb2, search_get_pb2

from hirag_jobs.objects.part import Part
from hirag_kit.errors import VectorStoreError

Result = search_get_pb2.SearchResult

_NAME = attrgetter("name")
_STRINGS = {"text_value", "date_value", "uuid_value", "blob_value"}
_STRING_LISTS = {"text_values", "date_values", "uuid_values"}


class UncarriableError(VectorStoreError):
    """An object holds a value of a type that this release does not know."""

    retryable = False


def batch_object(result: Result, part: Part) -> batch_pb2.BatchObject:
    """The object as it is written into another part, equal bytes for equal objects.

    Args:
        result: as a page has it.
        part: where it is to be written.

    Raises:
        UncarriableError: a value in it is of a type that is not known.
    """
    metadata = result.metadata
    return batch_pb2.BatchObject(
        uuid=_text(metadata.id_as_bytes),
        collection=part.collection,
        tenant=part.tenant or "",
        properties=batch_pb2.BatchObject.Properties(**_sorted_by_kind(result.properties.non_ref_props.fields)),
        vector_bytes=metadata.vector_bytes,
        vectors=sorted(metadata.vectors, key=_NAME),
    )


def canonical(one: batch_pb2.BatchObject) -> bytes:
    """What two sides must agree on, wherever the object is: all of it but collection and tenant."""
    bare = batch_pb2.BatchObject()
    bare.CopyFrom(one)
    bare.ClearField("collection")
    bare.ClearField("tenant")
    return bare.SerializeToString(deterministic=True)


def _text(identity: bytes) -> str:
    """An id as text. The server sends it as a number, without the zeros in front."""
    digits = identity.hex().rjust(32, "0")
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _sorted_by_kind(fields: Mapping[str, properties_pb2.Value]) -> dict[str, Any]:
    """The values as fields of a batch's message. Its lists are in the order of names: maps have none."""
    single: dict[str, Value] = {}
    found: dict[str, Any] = {"non_ref_properties": Struct(fields=single)}
    lists: dict[str, list[Any]] = {}
    for name in sorted(fields):
        value = fields[name]
        kind = value.WhichOneof("kind")
        if kind == "list_value":
            where, message = _list(name, value.list_value)
            lists.setdefault(where, []).append(message)
        elif kind == "object_value":
            inner = _nested(value.object_value)
            lists.setdefault("object_properties", []).append(base_pb2.ObjectProperties(prop_name=name, value=inner))
        elif kind is not None and kind != "null_value":
            single[name] = _single(name, kind, value)
    found["non_ref_properties"] = Struct(fields=single)
    return found | lists


def _nested(value: properties_pb2.Properties) -> base_pb2.ObjectPropertiesValue:
    return base_pb2.ObjectPropertiesValue(**_sorted_by_kind(value.fields))


def _single(name: str, kind: str, value: properties_pb2.Value) -> Value:
    if kind in _STRINGS:
        return Value(string_value=getattr(value, kind))
    match kind:
        case "number_value":
            return Value(number_value=value.number_value)
        case "bool_value":
            return Value(bool_value=value.bool_value)
        case "int_value":
            return Value(number_value=value.int_value)
        case "geo_value":
            at = value.geo_value
            return Value(struct_value=_struct({"latitude": at.latitude, "longitude": at.longitude}))
        case "phone_value":
            phone = value.phone_value
            return Value(struct_value=_struct({"input": phone.input, "defaultCountry": phone.default_country}))
    raise UncarriableError(f"property {name} is of a type that is not known: {kind}")


def _struct(values: Mapping[str, float | str]) -> Struct:
    found = Struct()
    found.update(values)
    return found


def _list(name: str, value: properties_pb2.ListValue) -> tuple[str, Any]:
    """Which field of a batch's message a list goes to, and as what."""
    kind = value.WhichOneof("kind")
    if kind in _STRING_LISTS:
        texts = getattr(value, kind).values
        if texts:
            return "text_array_properties", base_pb2.TextArrayProperties(prop_name=name, values=texts)
    elif kind == "int_values":
        numbers = value.int_values.values
        if numbers:
            unpacked = struct.unpack(f"<{len(numbers) // 8}q", numbers)
            return "int_array_properties", base_pb2.IntArrayProperties(prop_name=name, values=unpacked)
    elif kind == "number_values":
        if packed := value.number_values.values:
            return "number_array_properties", base_pb2.NumberArrayProperties(prop_name=name, values_bytes=packed)
    elif kind == "bool_values":
        if truths := value.bool_values.values:
            return "boolean_array_properties", base_pb2.BooleanArrayProperties(prop_name=name, values=truths)
    elif kind == "object_values" and (objects := value.object_values.values):
        inner = [_nested(one) for one in objects]
        return "object_array_properties", base_pb2.ObjectArrayProperties(prop_name=name, values=inner)
    return "empty_list_props", name
