"""The collection's own properties: values of JSON fields checked against the types that the collection declares."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

MAX_BYTES = 65_536
"""The most that the values of one document may take: they are stored with each of its chunks."""

OURS: Mapping[str, str] = {
    "text": "text",
    "source": "text",
    "title": "text",
    "level": "text",
    "parentId": "text",
    "contentHash": "text",
    "chunkIndex": "int",
    "chunkStart": "int",
    "chunkEnd": "int",
    "tokenCount": "int",
    "createdAt": "date",
    "updatedAt": "date",
}
"""Properties that every collection of the product has and that ingestion fills, and their data types."""


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -(2**53) <= value <= 2**53:
        raise TypeError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
        raise TypeError
    return float(value)


def _date(value: Any) -> datetime:
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("without a time zone")
    return moment


def _uuid(value: Any) -> UUID:
    return UUID(_text(value))


_READERS: Mapping[str, Callable[[Any], object]] = {
    "text": _text,
    "boolean": _boolean,
    "int": _integer,
    "number": _number,
    "date": _date,
    "uuid": _uuid,
}


@dataclass(frozen=True)
class Declared:
    """The properties of a collection that are the user's.

    Args:
        types: property → Weaviate data type, ours left out.
    """

    types: Mapping[str, str]

    @classmethod
    def of_class(cls, schema: Mapping[str, Any]) -> "Declared":
        """Reads them from a class as `GET /v1/schema/{class}` gives it."""
        properties = schema["properties"]
        return cls({item["name"]: item["dataType"][0] for item in properties if item["name"] not in OURS})

    def values(self, fields: Mapping[str, Any], unknown: Callable[[str], None]) -> dict[str, object]:
        """The fields as Weaviate's client takes them; null is left out.

        Args:
            fields: a record's fields, ours left out.
            unknown: told the name of each field that the collection does not declare.

        Raises:
            ValueError: a value does not have its property's type, or the values together are too large.
        """
        found: dict[str, object] = {}
        for name, value in fields.items():
            if name not in self.types:
                unknown(name)
            elif value is not None:
                found[name] = _read(name, value, self.types[name])
        if len(repr(found)) > MAX_BYTES:
            raise ValueError(f"fields other than text take more than {MAX_BYTES} bytes")
        return found


def _read(name: str, value: Any, data_type: str) -> object:
    element = data_type.removesuffix("[]")
    if element not in _READERS:
        raise ValueError(f"field {name}: data type {data_type} cannot be ingested")
    try:
        if element == data_type:
            return _READERS[element](value)
        if not isinstance(value, list):
            raise TypeError  # noqa: TRY301  one complaint for every way to be of a wrong type
        return [_READERS[element](item) for item in value]
    except (TypeError, ValueError) as error:
        raise ValueError(f"field {name} is not of its property's type {data_type}") from error
