"""Token counts: by OpenAI's cl100k_base where its ranks are at hand, by an estimate from words where they are not.

tiktoken downloads missing ranks, without a time limit and wherever the process happens to run. A program on a cluster
must neither hang nor reach out by surprise, so the ranks are looked for on disk alone: under tiktoken's own file
name, in `TIKTOKEN_CACHE_DIR`, `DATA_GYM_CACHE_DIR` or the temporary folder, in tiktoken's own order. Which counter
is in use shows in `TokenCounter.exact` and belongs into every report and metric that is built on counts.
"""

import hashlib
import math
import os
import re
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import tiktoken

ENCODING = "cl100k_base"
RANKS_FILE = "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"
"""Name of the ranks' file in tiktoken's cache: SHA-1 of the address that tiktoken would load them from."""
RANKS_SHA256 = "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7"
"""Checksum of the ranks, as tiktoken itself expects it."""
TOKENS_PER_WORD = 1.3
"""What English prose costs in cl100k_base, on average, a word."""
_LONGEST_WORD = 16
_BYTES_PER_TOKEN = 3
_LONGEST_RUN = 500_000
_RUN = re.compile(rf"\s{{{_LONGEST_RUN}}}")


class TokenCounter(ABC):
    """Counts tokens.

    Attributes:
        name: what counts, for reports.
        exact: False when the counts are an estimate.
        longest_token: no token has more characters than this; None where that is not known.
    """

    name: ClassVar[str]
    exact: ClassVar[bool]
    longest_token: int | None = None

    @abstractmethod
    def count(self, text: str) -> int:
        """The number of tokens of one text; special tokens written in it count as ordinary text."""

    @abstractmethod
    def count_batch(self, texts: Sequence[str]) -> list[int]:
        """The numbers of tokens of many texts, in their order."""


class ExactCounter(TokenCounter):
    """Counts by cl100k_base.

    Args:
        encoding: tiktoken's encoding with its ranks loaded. It gives up on a million blanks in a row, so that a run of
            half as many is counted by itself, which may cost a token more.
    """

    name = ENCODING
    exact = True

    def __init__(self, encoding: tiktoken.Encoding) -> None:
        self._encoding = encoding
        # A token never has more characters than bytes.
        self.longest_token = max(map(len, encoding.token_byte_values()))

    def count(self, text: str) -> int:
        """As the base's; exact."""
        return sum(len(self._encoding.encode_ordinary(piece)) for piece in _pieces(text))

    def count_batch(self, texts: Sequence[str]) -> list[int]:
        """As the base's; exact, and counted by several threads."""
        if any(len(text) >= _LONGEST_RUN for text in texts):
            return [self.count(text) for text in texts]
        return [len(tokens) for tokens in self._encoding.encode_ordinary_batch(list(texts))]


class EstimatingCounter(TokenCounter):
    """Estimates from words: 1.3 tokens each, and what is too long to be one (a script without spaces, an address, data)
    a token for each three bytes.
    """

    name = "words"
    exact = False

    def count(self, text: str) -> int:
        """As the base's; estimated, rounded up."""
        words = text.split()
        unspaced = [word for word in words if len(word) > _LONGEST_WORD]
        size = sum(len(word.encode(errors="replace")) for word in unspaced)
        return math.ceil((len(words) - len(unspaced)) * TOKENS_PER_WORD + size / _BYTES_PER_TOKEN)

    def count_batch(self, texts: Sequence[str]) -> list[int]:
        """As the base's; estimated."""
        return [self.count(text) for text in texts]


def token_counter() -> TokenCounter:
    """The best counter that needs no network: exact where the cache holds the ranks, else an estimate."""
    folder = _ranks_folder()
    if folder is None:
        return EstimatingCounter()
    ranks = folder / RANKS_FILE
    # tiktoken deletes a file with a wrong checksum and downloads another: it must not get to see one.
    if not ranks.is_file() or _sha256(ranks) != RANKS_SHA256:
        return EstimatingCounter()
    return ExactCounter(tiktoken.get_encoding(ENCODING))


def _pieces(text: str) -> Iterator[str]:
    start = 0
    if len(text) >= _LONGEST_RUN:
        for run in _RUN.finditer(text):
            yield text[start : run.end()]
            start = run.end()
    yield text[start:]


def _ranks_folder() -> Path | None:
    for variable in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if variable in os.environ:
            # An empty name turns tiktoken's cache off, and each load into a download.
            return Path(os.environ[variable]) if os.environ[variable] else None
    return Path(tempfile.gettempdir()) / "data-gym-cache"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
