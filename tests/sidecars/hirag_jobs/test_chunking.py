"""Chunks are slices of their document, within their limits, and together all of it."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from e2e.cluster.data import tiktoken_cache
from hirag_jobs.ingest.chunking import FEWEST_TOKENS, Chunk, Chunker, by_sentences, by_tokens
from hirag_kit.tokens import EstimatingCounter, TokenCounter, token_counter

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
def counters() -> list[TokenCounter]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(tiktoken_cache()))
        exact = token_counter()
    assert exact.exact
    return [exact, EstimatingCounter()]


def _covered(chunks: list[Chunk]) -> set[int]:
    return {position for chunk in chunks for position in range(chunk.start, chunk.end)}


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=400)
@example(text="\n\n 😀 Dr. Dr. Dr. Dr. Smith Smith Smith Smith Smith 日本語。 日本語。")
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


def test_an_overlap_repeats_whole_words_of_the_chunk_before(counters: list[TokenCounter]) -> None:
    text = " ".join(f"word{number}" for number in range(400))
    chunks = list(by_tokens(counters[0], max_tokens=100, overlap=20)(text))
    for before, after in pairwise(chunks):
        repeated = text[after.start : before.end]
        assert 10 < counters[0].count(repeated) <= 20
        assert text[after.start - 1] == " "


def test_sentences_stay_whole_and_chunks_end_with_their_paragraph(counters: list[TokenCounter]) -> None:
    paragraph = "Dr. Smith went to Washington. He did not stay long. Why not?"
    text = "\n\n".join([paragraph] * 3 + ["Short."])
    chunks = list(by_sentences(counters[0], max_tokens=40, min_tokens=10)(text))
    assert [chunk.text for chunk in chunks] == [paragraph, paragraph, f"{paragraph}\n\nShort."]
    longer = f"{paragraph} Nobody ever knew."
    small = list(by_sentences(counters[0], max_tokens=16, min_tokens=0)(longer))
    assert [chunk.text for chunk in small] == [paragraph, "Nobody ever knew."]


@pytest.mark.parametrize("text", ["", " ", "\n\n\t"])
def test_blank_texts_have_no_chunks(counters: list[TokenCounter], text: str) -> None:
    assert [list(make(counters[0])(text)) for make in MAKERS.values()] == [[], [], []]
