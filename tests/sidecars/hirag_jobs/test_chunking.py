"""Chunks are slices of their document, within their limits, and together all of it."""

from collections.abc import Callable
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hirag_jobs.ingest.chunking import FEWEST_TOKENS, Chunk, Chunker, by_sentences, by_tokens
from hirag_kit.tokens import EstimatingCounter, TokenCounter, install_ranks, token_counter

RANKS = Path(str(files("tiktoken_ext").joinpath("data/cl100k_base.tiktoken")))
Make = Callable[[TokenCounter], Chunker]

MAX = 24
MAKERS: dict[str, Make] = {
    "tokens without overlap": lambda counter: by_tokens(counter, max_tokens=MAX, overlap=0),
    "tokens with overlap": lambda counter: by_tokens(counter, max_tokens=MAX, overlap=MAX - FEWEST_TOKENS),
    "sentences": lambda counter: by_sentences(counter, max_tokens=MAX, min_tokens=10),
}
WORDS = st.sampled_from(
    [
        "Dr.",
        "Smith",
        "went",
        "to",
        "e.g.",
        "N.Y.",
        "end.",
        "Why?",
        "No!",
        "日本語。",
        "😀",
        "naïve",
        "\n\n",
        "\n",
        "\t",
        "  ",
    ]
)
TEXTS = st.one_of(st.lists(WORDS, max_size=80).map(" ".join), st.text(max_size=300))


@pytest.fixture(scope="module")
def counters(tmp_path_factory: pytest.TempPathFactory) -> list[TokenCounter]:
    folder = tmp_path_factory.mktemp("ranks")
    install_ranks(RANKS, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(folder))
        exact = token_counter()
    assert exact.exact
    return [exact, EstimatingCounter()]


def _covered(chunks: list[Chunk]) -> set[int]:
    return {position for chunk in chunks for position in range(chunk.start, chunk.end)}


@pytest.mark.parametrize("name", MAKERS)
@settings(deadline=None, max_examples=150)
@example(text="a" * 500)
@example(text="word\r\n" * 40)
@example(text=" " * 100)
@example(text=("x" + "\n" * 30) * 20)
@given(text=TEXTS)
def test_chunks_are_slices_within_the_limit_and_miss_nothing(
    counters: list[TokenCounter], name: str, text: str
) -> None:
    for counter in counters:
        chunks = list(MAKERS[name](counter)(text))
        for chunk in chunks:
            assert chunk.text == text[chunk.start : chunk.end]
            assert chunk.text == chunk.text.strip() != ""
            assert chunk.tokens == counter.count(chunk.text) <= MAX
        assert all(before.start < after.start and before.end < after.end for before, after in pairwise(chunks))
        assert {i for i, character in enumerate(text) if not character.isspace()} <= _covered(chunks)
