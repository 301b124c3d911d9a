"""What an embedder and its clients say to each other, in OpenAI's shapes.

The shapes are those of OpenAI's embeddings API (https://platform.openai.com/docs/api-reference/embeddings), with one
field more: `input_type`, which chooses the instruction that the model puts before a query or a passage.
"""

import base64
import sys
from array import array
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

InputType = Literal["query", "passage"]


def _only_text(value: object) -> object:
    """Token arrays are legal OpenAI input, but token numbers of one model's vocabulary mean nothing in another's."""
    items = value if isinstance(value, list) else [value]
    if any(isinstance(item, int | list) for item in items):
        raise ValueError("arrays of tokens are not accepted, because they belong to one tokenizer; send the text")
    if not all(isinstance(item, str) for item in items):
        raise ValueError("must be a string or a list of strings")
    if not items:
        raise ValueError("must hold at least one text")
    return items


class EmbeddingRequest(BaseModel):
    """The body of `POST /v1/embeddings`. A single string is read as a list of one."""

    model_config = ConfigDict(extra="forbid")

    input: Annotated[list[str], BeforeValidator(_only_text)]
    model: Annotated[str, Field(max_length=256)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[int | None, Field(ge=1)] = None
    input_type: InputType = "passage"
    user: Annotated[str | None, Field(max_length=256)] = None


class EmbeddingItem(BaseModel):
    """One vector, at its text's place in the request."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str

    def floats(self) -> list[float]:
        """The vector, whichever way it was encoded: base64 holds little-endian 32-bit floats."""
        if isinstance(self.embedding, list):
            return self.embedding
        numbers = array("f", base64.b64decode(self.embedding, validate=True))
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers.tolist()


class EmbeddingUsage(BaseModel):
    """Tokens that were embedded, the model's own special tokens included."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingResponse(BaseModel):
    """The answer to an `EmbeddingRequest`, its items in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[EmbeddingItem]
    model: str
    usage: EmbeddingUsage


class Instructions(BaseModel):
    """What stands before each text, by its kind, before tokenisation."""

    query: str = ""
    passage: str = ""


class EmbedderMeta(BaseModel):
    """What `GET /meta` says of the model being served: all that decides a vector, and what runs it."""

    model_config = ConfigDict(extra="ignore")

    model: str
    revision: str
    dimensions: int
    max_tokens: int
    pooling: str
    normalize: bool
    precision: str
    instructions: Instructions
    tokenizer: str = Field(description="SHA-256 of tokenizer.json, hexadecimal")
    weights: str = Field(description="SHA-256 of the weights' file, hexadecimal")
    backend: str
    device: str
    version: str = Field(description="of the embedder's package")


class ErrorBody(BaseModel):
    """The body of every answer that is an error."""

    code: str
    message: str
    details: dict[str, object] = {}
