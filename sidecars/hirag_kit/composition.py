"""The text of an object that is embedded, composed as Weaviate's text2vec modules compose it.

A vector that we supply and one that Weaviate makes (an object inserted without a vector, by a plain client) must come
from the same text, or nearText would search two spaces at once. Weaviate 1.35's rule, with `vectorizeClassName`
and `vectorizePropertyName` false and no list of source `properties`
(usecases/modulecomponents/vectorizer/object_texts.go):

- the properties of type text or text[] that are not marked `skip`, in the byte order of their names;
- their values, each element of a text[] by itself, joined by one space; an empty string is a value, a missing one
  is not;
- unchanged: text2vec-transformers neither lower-cases nor normalises. Only a server run with
  LOWERCASE_VECTORIZATION_INPUT=true lower-cases what it embeds: it does not go with this product.

An object whose text is empty gets no vector.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from hirag_kit.errors import ConfigurationError

MODULE = "text2vec-transformers"
DEFAULT_PROPERTIES = ("text",)
_TEXT_TYPES = frozenset({"text", "text[]"})


@dataclass(frozen=True)
class Composition:
    """Which properties are embedded, and the name of the vector that they become.

    Args:
        properties: names of the vectorized properties, in any order.
        vector_name: name of the collection's one named vector; None where it has the unnamed one.
    """

    properties: tuple[str, ...] = DEFAULT_PROPERTIES
    vector_name: str | None = None

    @classmethod
    def of_class(cls, schema: Mapping[str, Any]) -> Self:
        """Reads the rule from a class as `GET /v1/schema/{class}` gives it.

        A class without a vectorizer is given vectors by its clients alone. They embed what the operator has marked with
        `moduleConfig: {hirag: {embedded: true}}`, or `text` in a class that somebody else made.

        Raises:
            ConfigurationError: the class composes texts in a way that this product does not, or embeds nothing.
        """
        vector_name, vectorizer, settings = _vectorizer(schema)
        if vectorizer == "none":
            marked = tuple(property_["name"] for property_ in schema["properties"] if _marked(property_))
            return cls(marked or DEFAULT_PROPERTIES, vector_name)
        if vectorizer != MODULE:
            raise ConfigurationError(
                f"collection {schema['class']} is vectorized by {vectorizer}; {MODULE} or none is needed"
            )
        if settings.get("vectorizeClassName", True) or settings.get("properties"):
            raise ConfigurationError(
                f"collection {schema['class']} embeds its class name or a list of source properties; it must be made "
                f"with vectorizeClassName: false and without properties in the settings of {MODULE}"
            )
        names = tuple(property_["name"] for property_ in schema["properties"] if _vectorized(schema, property_))
        if not names:
            raise ConfigurationError(
                f"collection {schema['class']} has no property that is embedded; `text` must not be skipped"
            )
        return cls(names, vector_name)

    def text(self, values: Mapping[str, Any]) -> str:
        """The text of an object.

        Args:
            values: the object's properties; those that are not vectorized are ignored.
        """
        parts: list[str] = []
        for name in sorted(self.properties):
            value = values.get(name)
            if isinstance(value, str):
                parts.append(value)
            elif value is not None:
                parts.extend(value)
        return " ".join(parts)


def _vectorizer(schema: Mapping[str, Any]) -> tuple[str | None, str, Mapping[str, Any]]:
    """The vector's name, its vectorizer and that vectorizer's settings."""
    named = schema.get("vectorConfig") or {}
    if not named:
        vectorizer = schema.get("vectorizer") or "none"
        return None, vectorizer, (schema.get("moduleConfig") or {}).get(vectorizer) or {}
    if len(named) > 1:
        raise ConfigurationError(f"collection {schema['class']} has {len(named)} named vectors; only one is supported")
    [(name, config)] = named.items()
    [(vectorizer, settings)] = config["vectorizer"].items()
    return name, vectorizer, settings or {}


def _marked(property_: Mapping[str, Any]) -> bool:
    return bool(((property_.get("moduleConfig") or {}).get("hirag") or {}).get("embedded"))


def _vectorized(schema: Mapping[str, Any], property_: Mapping[str, Any]) -> bool:
    settings = (property_.get("moduleConfig") or {}).get(MODULE) or {}
    if settings.get("skip", False) or property_["dataType"][0] not in _TEXT_TYPES:
        return False
    if settings.get("vectorizePropertyName", False):
        raise ConfigurationError(
            f"property {property_['name']} of collection {schema['class']} embeds its own name; "
            "it must be made with vectorizePropertyName: false"
        )
    return True
