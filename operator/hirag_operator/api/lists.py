"""Lists whose items are told apart by a key, merged by it under server-side apply."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True, slots=True)
class MapList:
    """Annotates a list of models that is a map by these fields, whose wire names are their attributes' names."""

    keys: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The list's own schema, then uniqueness."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The list's own JSON schema, declared a map to the API server."""
        schema = handler(core)
        schema["x-kubernetes-list-type"] = "map"
        schema["x-kubernetes-list-map-keys"] = list(self.keys)
        return schema

    def _check(self, items: list[Any]) -> list[Any]:
        seen = set()
        for item in items:
            key = tuple(getattr(item, name) for name in self.keys)
            if key in seen:
                named = ", ".join(f"{name} {value}" for name, value in zip(self.keys, key, strict=True))
                raise PydanticCustomError("duplicate", "Duplicate value: {named}; keep one", {"named": named})
            seen.add(key)
        return items
