"""The properties of every level: our own, which ingestion and retrieval rely on, and the user's."""

from collections.abc import Sequence
from typing import Any

from hirag_operator.api.collection_schema import Property
from hirag_operator.plan.collection.stamp import MODULE_KEY

Json = dict[str, Any]

TRANSFORMERS = "text2vec-transformers"
TEXT_TYPES = {"text", "text[]"}

# name → (data type, tokenization, searchable, range filters, description)
_OWN: dict[str, tuple[str, str | None, bool, bool, str]] = {
    "text": ("text", "word", True, False, "The passage: what is embedded and searched."),
    "source": ("text", "field", False, False, "Where the document came from."),
    "title": ("text", "word", True, False, "Title or heading path of the document."),
    "level": ("text", "field", False, False, "Level of the hierarchy: shortTerm or longTerm."),
    "parentId": ("text", "field", False, False, "Identity of the document that the passage was cut from."),
    "contentHash": ("text", "field", False, False, "SHA-256 of the embedded text, in hexadecimal."),
    "chunkIndex": ("int", None, False, True, "Number of the passage in its document, from 0."),
    "chunkStart": ("int", None, False, False, "First character of the passage in its document."),
    "chunkEnd": ("int", None, False, False, "Character behind the last one of the passage in its document."),
    "tokenCount": ("int", None, False, False, "Tokens of the passage, by cl100k_base."),
    "createdAt": ("date", None, False, True, "When the passage was first stored."),
    "updatedAt": ("date", None, False, True, "When the passage last changed."),
}


def properties(declared: Sequence[Property], vectorizer: str) -> list[Json]:
    """Return the Weaviate properties of a level: ours first, then the declared ones."""
    own = [
        _property(name, data_type, description, tokenization, vectorizer, searchable=searchable, ranges=ranges)
        for name, (data_type, tokenization, searchable, ranges, description) in _OWN.items()
    ]
    return own + [_declared(prop, vectorizer) for prop in declared]


def _declared(prop: Property, vectorizer: str) -> Json:
    is_text = prop.data_type in TEXT_TYPES
    searchable = is_text if prop.searchable is None else prop.searchable
    tokenization = (prop.tokenization or "word") if is_text else None
    made = _property(
        prop.name,
        prop.data_type,
        prop.description or "",
        tokenization,
        vectorizer,
        searchable=searchable,
        ranges=prop.range_filters,
        vectorize=prop.vectorize,
    )
    # A blob is stored and nothing else; the server refuses to index it.
    return {**made, "indexFilterable": prop.filterable and prop.data_type != "blob"}


def _property(  # noqa: PLR0913  one argument for each setting of a Weaviate property
    name: str,
    data_type: str,
    description: str,
    tokenization: str | None,
    vectorizer: str,
    *,
    searchable: bool,
    ranges: bool,
    vectorize: bool | None = None,
) -> Json:
    made: Json = {
        "name": name,
        "dataType": [data_type],
        "description": description,
        "indexFilterable": True,
        "indexSearchable": searchable,
        "indexRangeFilters": ranges,
    }
    if tokenization is not None:
        made["tokenization"] = tokenization
    is_embedded = name == "text" if vectorize is None else vectorize
    if vectorizer == TRANSFORMERS:
        made["moduleConfig"] = {TRANSFORMERS: {"skip": not is_embedded, "vectorizePropertyName": False}}
    elif is_embedded:
        # Weaviate embeds nothing here; the mark tells those who do which properties make up the text.
        made["moduleConfig"] = {MODULE_KEY: {"embedded": True}}
    return made
