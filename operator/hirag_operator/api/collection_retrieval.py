"""How texts are cut into passages, and how passages are found again."""

from typing import Literal

from pydantic import Field

from hirag_operator.api.model import SpecModel
from hirag_operator.api.references import BaseUrl, SecretKeyReference
from hirag_operator.api.rules import Rule


class Chunking(SpecModel):
    """How a text is cut into passages."""

    strategy: Literal["tokens", "sentences"] = Field(
        default="tokens", description="tokens: windows of even length; sentences: whole sentences, as many as fit."
    )
    max_tokens: int = Field(
        default=512, ge=8, le=32_768, description="Most tokens of a passage, counted by tiktoken cl100k_base."
    )
    overlap: int = Field(
        default=50, ge=0, le=32_767, description="Tokens that a passage shares with the one before it."
    )
    min_tokens: int = Field(
        default=1, ge=1, le=32_768, description="Passages of fewer tokens are joined to their neighbour."
    )

    rules = (
        Rule(
            "self.overlap < self.maxTokens",
            lambda it: it.overlap < it.max_tokens,
            "chunking.overlap must be less than chunking.maxTokens",
            "overlap",
        ),
        Rule(
            "self.minTokens <= self.maxTokens",
            lambda it: it.min_tokens <= it.max_tokens,
            "chunking.minTokens must not exceed chunking.maxTokens",
            "minTokens",
        ),
    )


class BudgetRatios(SpecModel):
    """Shares of the levels in the token budget; shares of levels not asked for go to the others in proportion."""

    immediate: float = Field(default=0.3, ge=0, le=1, description="Share of the immediate level, as a fraction.")
    short_term: float = Field(default=0.3, ge=0, le=1, description="Share of the short-term level, as a fraction.")
    long_term: float = Field(default=0.4, ge=0, le=1, description="Share of the long-term level, as a fraction.")

    rules = (
        Rule(
            "self.immediate + self.shortTerm + self.longTerm > 0.999"
            " && self.immediate + self.shortTerm + self.longTerm < 1.001",
            lambda it: 0.999 < it.immediate + it.short_term + it.long_term < 1.001,  # noqa: PLR2004  # 1 but for rounding
            "retrieval.budget.ratios must add up to 1; set immediate, shortTerm and longTerm together",
        ),
    )


class TokenBudget(SpecModel):
    """How many tokens of context one retrieval returns."""

    max_tokens: int = Field(
        default=8192, ge=1, le=10_000_000, description="Tokens of the language model's whole context."
    )
    reserve: float = Field(
        default=0.25, ge=0, le=0.9, description="Part of maxTokens left for the language model's answer, as a fraction."
    )
    ratios: BudgetRatios = Field(default_factory=BudgetRatios, description="Shares of the levels in what remains.")
    tokens_per_candidate: int = Field(
        default=100,
        ge=1,
        le=32_768,
        description="Tokens that one candidate is taken to have, to limit how many are asked for.",
    )


class Rerank(SpecModel):
    """A cross-encoder that orders candidates anew."""

    url: BaseUrl = Field(
        description="URL of the reranking service; http or https, without credentials, query or fragment.",
    )
    model: str | None = Field(
        default=None, min_length=1, max_length=256, description="Model name sent with each request."
    )
    api_key_secret_ref: SecretKeyReference | None = Field(
        default=None, description="Secret with the service's API key; none when absent."
    )
    candidates: int = Field(default=20, ge=1, le=1000, description="Candidates that are ordered anew.")
    top_n: int = Field(default=5, ge=1, le=1000, description="Candidates that are kept.")
    timeout_milliseconds: int = Field(
        default=500, ge=1, le=60_000, description="Milliseconds after which the order before reranking is returned."
    )

    rules = (
        Rule(
            "self.topN <= self.candidates",
            lambda it: it.top_n <= it.candidates,
            "retrieval.rerank.topN must not exceed retrieval.rerank.candidates",
            "topN",
        ),
    )


class Retrieval(SpecModel):
    """How passages are found; applied by the gateway."""

    alpha: float = Field(
        default=0.5, ge=0, le=1, description="Weight of vector search against keyword search: 0 keywords, 1 vectors."
    )
    fusion: Literal["RelativeScore", "Ranked"] = Field(
        default="RelativeScore", description="How the two searches' results are merged."
    )
    score_threshold: float = Field(default=0.7, ge=0, le=1, description="Passages that score less are left out.")
    budget: TokenBudget = Field(default_factory=TokenBudget, description="How many tokens one retrieval returns.")
    rerank: Rerank | None = Field(
        default=None, description="A cross-encoder that orders candidates anew; none when absent."
    )
