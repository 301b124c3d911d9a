"""What an embedding server says of itself at `GET /meta`, as far as it shapes vectors."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
Word = Annotated[str, StringConstraints(max_length=256)]
Text = Annotated[str, StringConstraints(max_length=4096)]


class DescribedInstructions(BaseModel):
    """Texts that the server puts before what it embeds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    query: Text = ""
    passage: Text = ""


class Description(BaseModel):
    """The server's own words; None where it says nothing. What this project's embedder says stands in full."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    revision: Word | None = None
    dimensions: int | None = None
    max_tokens: int | None = None
    pooling: Word | None = None
    normalize: bool | None = None
    precision: Word | None = None
    instructions: DescribedInstructions | None = None
    weights: Sha256 | None = Field(default=None, description="SHA-256 of the weights' file.")
    tokenizer: Sha256 | None = Field(default=None, description="SHA-256 of tokenizer.json.")

    @property
    def identity(self) -> dict[str, Any] | None:
        """Return what decides, beside the declared settings, which vector a text gets; None where files are not named.

        The names of model, repository and path are left out: the same files give the same vectors from anywhere.
        """
        if self.weights is None or self.tokenizer is None:
            return None
        instructions = self.instructions or DescribedInstructions()
        return {
            "weights": self.weights,
            "tokenizer": self.tokenizer,
            "precision": self.precision or "fp32",
            "instructions": [instructions.query, instructions.passage],
        }
