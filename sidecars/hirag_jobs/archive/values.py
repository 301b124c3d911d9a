"""Values of properties: between Weaviate's messages and JSON, without loss.

JSON has fewer types than Weaviate. Which one a value has is said by the schema in the manifest, so a value is held
against its data type when it is read: an `int` keeps all 64 bits, a `number` all of its digits, an empty list its kind.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from weaviate.proto.v1 import properties_pb2

from hirag_jobs.archive.datatypes import LISTS, SCALARS, DataType, Types

Value = properties_pb2.Value

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_GEO = {"latitude": "latitude", "longitude": "longitude"}
_PHONE = {
    "input": "input",
    "defaultCountry": "default_country",
    "countryCode": "country_code",
    "national": "national",
    "nationalFormatted": "national_formatted",
    "internationalFormatted": "international_formatted",
    "valid": "valid",
}
_PACKED = {"int_values": "q", "number_values": "d"}


class UnfitValueError(ValueError):
    """A value in an archive is not of the data type that its property has."""


def plain(properties: properties_pb2.Properties) -> dict[str, Any]:
    """Properties as JSON has them, in the order of their names; those without a value are left out."""
    fields = properties.fields
    found = {name: _plain(fields[name]) for name in sorted(fields)}
    return {name: value for name, value in found.items() if value is not None}


def typed(values: Mapping[str, Any], types: Types) -> properties_pb2.Properties:
    """Properties as Weaviate's messages have them.

    Raises:
        UnfitValueError: a property is not declared, or its value is of another type; the value itself is not told.
    """
    found = properties_pb2.Properties()
    for name, value in values.items():
        if name not in types:
            raise UnfitValueError(f"property {name[:64]!a} is not in the archive's schema")
        try:
            _fill(found.fields[name], value, types[name])
        except (TypeError, ValueError, OverflowError, AttributeError, KeyError) as error:
            if isinstance(error, UnfitValueError):
                raise
            raise UnfitValueError(f"property {name} holds no {types[name].name}") from error
    return found


def _plain(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    match kind:
        case None | "null_value":
            return None
        case "geo_value":
            return {key: getattr(value.geo_value, name) for key, name in _GEO.items()}
        case "phone_value":
            return {key: getattr(value.phone_value, name) for key, name in _PHONE.items()}
        case "object_value":
            return plain(value.object_value)
        case "list_value":
            return _plain_list(value.list_value)
    return getattr(value, kind)


def _plain_list(value: properties_pb2.ListValue) -> list[Any]:
    kind = value.WhichOneof("kind")
    if kind is None:
        return []
    values = getattr(value, kind).values
    if kind in _PACKED:
        return list(struct.unpack(f"<{len(values) // 8}{_PACKED[kind]}", values))
    return [plain(one) for one in values] if kind == "object_values" else list(values)


def _fill(message: Value, value: Any, type_: DataType) -> None:
    if type_.name in LISTS:
        _fill_list(message.list_value, _of(list, value), LISTS[type_.name], type_)
        return
    kind = SCALARS[type_.name]
    match kind:
        case "geo_value":
            _fill_struct(message.geo_value, value, _GEO)
        case "phone_value":
            _fill_struct(message.phone_value, value, _PHONE)
        case "object_value":
            message.object_value.CopyFrom(typed(_of(dict, value), type_.inside))
        case _:
            setattr(message, kind, _scalar(value, kind))


def _fill_list(message: properties_pb2.ListValue, values: Sequence[Any], kind: str, type_: DataType) -> None:
    held = getattr(message, kind)
    held.SetInParent()
    if kind in _PACKED:
        numbers = [_scalar(one, kind.replace("_values", "_value")) for one in values]
        held.values = struct.pack(f"<{len(numbers)}{_PACKED[kind]}", *numbers)
    elif kind == "object_values":
        held.values.extend([typed(_of(dict, one), type_.inside) for one in values])
    else:
        held.values.extend([_scalar(one, kind.replace("_values", "_value")) for one in values])


def _fill_struct(message: Any, value: Any, names: Mapping[str, str]) -> None:
    message.SetInParent()
    for key, held in _of(dict, value).items():
        setattr(message, names[key], held)


def _scalar(value: Any, kind: str) -> Any:
    match kind:
        case "bool_value":
            return _of(bool, value)
        case "int_value":
            if isinstance(value, bool) or not _LOWEST <= _of(int, value) <= _HIGHEST:
                raise TypeError
            return value
        case "number_value":
            if isinstance(value, bool):
                raise TypeError
            return float(value if isinstance(value, int) else _of(float, value))
    return _of(str, value)


def _of(kind: type, value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError
    return value
