"""What the objects of a collection hold, and how words are found: properties and inverted index, in Weaviate's terms.

Source: weaviate v1.35, entities/schema/validation.go and usecases/schema/class.go.
"""

from typing import Annotated, Final, Literal

from pydantic import Field

from hirag_operator.api.model import SpecModel
from hirag_operator.api.rules import Rule
from hirag_operator.api.text import Matches

DataType = Literal[
    "text",
    "text[]",
    "int",
    "int[]",
    "number",
    "number[]",
    "boolean",
    "boolean[]",
    "date",
    "date[]",
    "uuid",
    "uuid[]",
    "geoCoordinates",
    "phoneNumber",
    "blob",
]
Tokenization = Literal["word", "lowercase", "whitespace", "field", "trigram", "gse", "gse_ch", "kagome_ja", "kagome_kr"]

RESERVED_PROPERTIES: Final = (
    "text",
    "source",
    "title",
    "level",
    "parentId",
    "contentHash",
    "chunkIndex",
    "chunkStart",
    "chunkEnd",
    "tokenCount",
    "createdAt",
    "updatedAt",
    "id",
    "vector",
    "_id",
    "_additional",
)
"""Properties that the operator or Weaviate makes; Weaviate tells names apart without regard to case."""

_RESERVED_LOWER: Final = tuple(name.lower() for name in RESERVED_PROPERTIES)
_RESERVED_CEL: Final = ", ".join(f"'{name}'" for name in _RESERVED_LOWER)

MAX_PROPERTIES: Final = 100

PropertyName = Annotated[
    str,
    Matches(
        "^[_a-z][_0-9A-Za-z]*$", "must be letters, digits and '_', beginning with a lower-case letter, such as author"
    ),
]


class Property(SpecModel):
    """A property of the stored objects, besides those that every collection has."""

    name: PropertyName = Field(
        min_length=1,
        max_length=231,
        description="Name of the property; Weaviate tells names apart without regard to case.",
    )
    data_type: DataType = Field(default="text", description="Weaviate data type. A change needs a new revision.")
    description: str | None = Field(default=None, max_length=1024, description="What the property holds.")
    filterable: bool = Field(default=True, description="Whether the property can be filtered on.")
    range_filters: bool = Field(
        default=False, description="Whether greater-than and less-than are fast; for int, number and date."
    )
    searchable: bool | None = Field(
        default=None,
        description="Whether keyword search reads the property; for text and text[], where the default is true.",
    )
    tokenization: Tokenization | None = Field(
        default=None,
        description="How text is split into words; for text and text[], where the default is word. "
        "gse and kagome need the server's configuration.",
    )
    vectorize: bool = Field(
        default=False,
        description="Whether the property's text is embedded together with text; for text alone. "
        "A change needs new vectors.",
    )

    rules = (
        Rule(
            f"!(self.name.lowerAscii() in [{_RESERVED_CEL}])",
            lambda it: it.name.lower() not in _RESERVED_LOWER,
            f"properties[].name is reserved; choose a name other than {', '.join(RESERVED_PROPERTIES)}",
            "name",
        ),
        Rule(
            "!self.vectorize || self.dataType == 'text'",
            lambda it: not it.vectorize or it.data_type == "text",
            "properties[].vectorize needs dataType: text",
            "vectorize",
        ),
        Rule(
            "!has(self.tokenization) || self.dataType in ['text', 'text[]']",
            lambda it: it.tokenization is None or it.data_type in {"text", "text[]"},
            "properties[].tokenization is for dataType text and text[]; remove it",
            "tokenization",
        ),
        Rule(
            "!has(self.searchable) || !self.searchable || self.dataType in ['text', 'text[]']",
            lambda it: not it.searchable or it.data_type in {"text", "text[]"},
            "properties[].searchable is for dataType text and text[]; remove it",
            "searchable",
        ),
        Rule(
            "!self.rangeFilters || self.dataType in ['int', 'number', 'date']",
            lambda it: not it.range_filters or it.data_type in {"int", "number", "date"},
            "properties[].rangeFilters is for dataType int, number and date; remove it",
            "rangeFilters",
        ),
    )


class Bm25(SpecModel):
    """Parameters of the BM25 keyword ranking."""

    b: float = Field(default=0.75, ge=0, le=1, description="How much a long text is held against it, as a fraction.")
    k1: float = Field(default=1.2, ge=0, le=100, description="How soon repeated words stop counting.")


Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=64, pattern=r"\S")]], Field(max_length=1000)]


class Stopwords(SpecModel):
    """Words that keyword search leaves out."""

    preset: Literal["en", "none"] = Field(default="en", description="List to begin with.")
    additions: Words | None = Field(default=None, description="Words added to the preset.")
    removals: Words | None = Field(default=None, description="Words taken out of the preset.")


class InvertedIndex(SpecModel):
    """The index for keywords and filters."""

    bm25: Bm25 = Field(default_factory=Bm25, description="Keyword ranking.")
    stopwords: Stopwords = Field(default_factory=Stopwords, description="Words that keyword search leaves out.")
    index_timestamps: bool = Field(
        default=True,
        description="Whether objects can be filtered by their times; retention and migrations use it. "
        "A change needs a new revision.",
    )
    index_null_state: bool = Field(
        default=False, description="Whether absence of a value can be filtered on. A change needs a new revision."
    )
    index_property_length: bool = Field(
        default=False, description="Whether the length of values can be filtered on. A change needs a new revision."
    )
