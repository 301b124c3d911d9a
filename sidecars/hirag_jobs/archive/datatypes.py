"""Weaviate's data types, as a schema declares them: what each property of an object must be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StringConstraints, TypeAdapter, ValidationError

from hirag_kit.errors import ConfigurationError

SCALARS = {
    "text": "text_value",
    "string": "text_value",
    "date": "date_value",
    "uuid": "uuid_value",
    "blob": "blob_value",
    "int": "int_value",
    "number": "number_value",
    "boolean": "bool_value",
    "geoCoordinates": "geo_value",
    "phoneNumber": "phone_value",
    "object": "object_value",
}
"""Data type → the field of `properties_pb2.Value` that holds it."""
LISTS = {
    "text[]": "text_values",
    "string[]": "text_values",
    "date[]": "date_values",
    "uuid[]": "uuid_values",
    "int[]": "int_values",
    "number[]": "number_values",
    "boolean[]": "bool_values",
    "object[]": "object_values",
}
"""Data type → the field of `properties_pb2.ListValue` that holds it."""


@dataclass(frozen=True)
class DataType:
    """The type of a property, and of what is inside it.

    Args:
        name: as Weaviate spells it, e.g. `text[]`.
        inside: types of nested properties, for `object` and `object[]`.
    """

    name: str
    inside: "Mapping[str, DataType]" = field(default_factory=dict)

    @property
    def nests(self) -> bool:
        """Whether it has properties of its own."""
        return self.name in {"object", "object[]"}

    def lacking(self, wanted: Self, path: str) -> Iterable[str]:
        """What a property of this type cannot hold of one of a wanted type, by path; nothing where it holds it all."""
        if self.name != wanted.name:
            yield f"{path} ({wanted.name}, there {self.name})"
        else:
            yield from lacking(self.inside, wanted.inside, f"{path}.")


Types = Mapping[str, DataType]


_DataTypeName = Annotated[str, StringConstraints(pattern=r"^[_A-Za-z][_0-9A-Za-z]*(\[\])?$", max_length=255)]


class _Property(BaseModel):
    name: str = Field(pattern=r"^[_A-Za-z][_0-9A-Za-z]{0,230}$")
    data_type: list[_DataTypeName] = Field(alias="dataType", min_length=1)
    nested: "list[_Property] | None" = Field(None, alias="nestedProperties")


_PROPERTIES: TypeAdapter[list[_Property]] = TypeAdapter(list[_Property])


def types_of(schema: Mapping[str, Any]) -> Types:
    """The types of a collection's properties.

    Args:
        schema: as `GET /v1/schema/{class}` gives it.

    Raises:
        ConfigurationError: there are properties that an archive cannot carry, such as cross-references.
    """
    try:
        types = _types(_PROPERTIES.validate_python(schema.get("properties") or []))
    except (ValidationError, RecursionError) as error:
        raise ConfigurationError("the properties of the collection's schema are not in Weaviate's form") from error
    unknown = [f"{path} ({name})" for path, name in _leaves(types, "") if name not in SCALARS.keys() | LISTS.keys()]
    if unknown:
        raise ConfigurationError(f"an archive cannot carry these properties: {', '.join(unknown)}")
    return types


def lacking(types: Types, wanted: Types, prefix: str = "") -> Iterable[str]:
    """The wanted properties that are missing, or of another type, by path."""
    for name, type_ in wanted.items():
        if name not in types:
            yield f"{prefix}{name} ({type_.name})"
        else:
            yield from types[name].lacking(type_, f"{prefix}{name}")


def has_blobs(types: Types) -> bool:
    """Whether objects may hold blobs, at any depth."""
    return any(name == "blob" for _, name in _leaves(types, ""))


def _types(properties: Sequence[_Property]) -> Types:
    return {item.name: DataType(",".join(item.data_type), _types(item.nested or [])) for item in properties}


def _leaves(types: Types, prefix: str) -> Iterable[tuple[str, str]]:
    for name, type_ in types.items():
        yield f"{prefix}{name}", type_.name
        yield from _leaves(type_.inside, f"{prefix}{name}.")
