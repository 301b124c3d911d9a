"""Texts of a fixed shape, refused with a sentence that says the remedy instead of a regular expression."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


@dataclass(frozen=True, slots=True)
class Matches:
    """Annotates a string that must match a pattern, in pydantic and, as CEL, in the API server.

    Args:
        pattern: RE2 syntax, anchored, free of single quotes; Python's `re` must read it alike.
        message: what is expected, with an example.
    """

    pattern: str
    message: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The string's own schema, then the pattern."""
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The string's own JSON schema with the pattern as a CEL rule."""
        schema = handler(core)
        schema["x-kubernetes-validations"] = [{"rule": f"self.matches(r'{self.pattern}')", "message": self.message}]
        return schema

    def _check(self, text: str) -> str:
        if re.fullmatch(self.pattern, text) is None:
            raise PydanticCustomError("shape", "{message}", {"message": self.message})
        return text
