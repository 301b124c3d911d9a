"""Documents cut into passages that a model can embed, by tokens with overlap or by whole sentences.

Every chunk is a slice of its document, `text[start:end]`, without white space at its ends, and of no more tokens
than asked for; white space apart, every character of the document is in a chunk.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import sentencex
from semchunk.semchunk import chunkerify

from hirag_kit.tokens import TokenCounter

FEWEST_TOKENS = 16
"""Below this, splitting would not end: one character alone may have four tokens."""
_WORD = re.compile(r"\S+")
_PARAGRAPH_END = re.compile(r"[^\S\r\n]*(?>\r\n|\r|\n)\s*[\r\n]")


@dataclass(frozen=True)
class Chunk:
    """A slice of a document.

    Args:
        start: offset of its first character in the document's text.
        end: offset behind its last character.
        text: the slice itself.
        tokens: what the counter counts for it.
    """

    start: int
    end: int
    text: str
    tokens: int


Chunker = Callable[[str], Iterator[Chunk]]
"""Takes a document's text and gives its chunks in their order; a text of white space alone has none."""


def by_tokens(counter: TokenCounter, *, max_tokens: int, overlap: int) -> Chunker:
    """Chunks at the best structural break (paragraph, line, sentence, clause, word) that fits.

    Args:
        counter: counts tokens.
        max_tokens: the most that a chunk has, at least `FEWEST_TOKENS`.
        overlap: tokens that a chunk repeats of the one before it, at most, in whole words; 0 repeats nothing. At
            least `FEWEST_TOKENS` of a chunk must be new.
    """
    split = _splitter(counter, max_tokens - overlap)

    def chunks(text: str) -> Iterator[Chunk]:
        before = None
        for start, end in split(text):
            yield _chunk(text, start if before is None else earlier(text, before, start, end), end, counter)
            before = start

    def earlier(text: str, before: int, start: int, end: int) -> int:
        """The first word behind `before` from which the overlap, and the chunk with it, still fit."""
        words = [before + word.start() for word in _WORD.finditer(text[before:start])][1:]
        fitting = bisect_left(words, True, key=lambda word: counter.count(text[word:start]) <= overlap)
        whole = (word for word in words[fitting:] if counter.count(text[word:end]) <= max_tokens)
        return next(whole, start)

    return chunks


def by_sentences(counter: TokenCounter, *, max_tokens: int, min_tokens: int, language: str = "en") -> Chunker:
    """Chunks of whole sentences; only a sentence longer than a chunk is cut, as `by_tokens` does.

    A chunk ends with its paragraph once it has `min_tokens`, and in any case before the sentence that would make it
    longer than `max_tokens`. A chunk below `min_tokens` is left only where its neighbours leave it no room.

    Args:
        counter: counts tokens.
        max_tokens: the most that a chunk has, at least `FEWEST_TOKENS`.
        min_tokens: what a chunk should have at least, at most `max_tokens`.
        language: ISO 639 code; sentences end differently in different languages.
    """

    def chunks(text: str) -> Iterator[Chunk]:
        before: Chunk | None = None
        for chunk in packed(text):
            joined = _chunk(text, before.start, chunk.end, counter) if before else chunk
            if before and (chunk.tokens >= min_tokens or joined.tokens > max_tokens):
                yield before
                before = chunk
            else:
                before = joined
        if before:
            yield before

    def packed(text: str) -> Iterator[Chunk]:
        """As many sentences as fit, up to the end of a paragraph once there are enough."""
        held: Chunk | None = None
        enough = False
        for start, end, ends_paragraph in _sentences(text, language, counter, max_tokens):
            joined = _chunk(text, held.start if held else start, end, counter)
            if held and (enough or joined.tokens > max_tokens):
                yield held
                held = _chunk(text, start, end, counter)
            else:
                held = joined
            enough = ends_paragraph and held.tokens >= min_tokens
        if held:
            yield held

    return chunks


def _sentences(text: str, language: str, counter: TokenCounter, max_tokens: int) -> Iterator[tuple[int, int, bool]]:
    """Start and end of sentences, or of parts of overlong ones, and whether a paragraph ends behind them."""
    split = _splitter(counter, max_tokens)
    for sentence in sentencex.get_sentence_boundaries(language, text):
        start, end = _stripped(text, sentence["start_index"], sentence["end_index"])
        if start == end:
            continue
        if counter.count(text[start:end]) > max_tokens:
            yield from (
                (start + part_start, start + part_end, False) for part_start, part_end in split(text[start:end])
            )
        else:
            yield start, end, _PARAGRAPH_END.match(text, end) is not None


def _splitter(counter: TokenCounter, max_tokens: int) -> Callable[[str], Iterator[tuple[int, int]]]:
    # semchunk's own memory of counts is unbounded and holds whole texts.
    chunker = chunkerify(counter.count, max_tokens, max_token_chars=counter.longest_token, memoize=False)

    def split(text: str) -> Iterator[tuple[int, int]]:
        _, offsets = cast("tuple[list[str], list[tuple[int, int]]]", chunker(text, offsets=True))
        for start, end in (_stripped(text, *offset) for offset in offsets):
            if counter.count(text[start:end]) <= max_tokens:
                yield start, end
            else:
                # Without the blank in front of it, a first word may cost a token more.
                parts = _splitter(counter, max_tokens - 1)(text[start:end])
                yield from ((start + part_start, start + part_end) for part_start, part_end in parts)

    return split


def _chunk(text: str, start: int, end: int, counter: TokenCounter) -> Chunk:
    start, end = _stripped(text, start, end)
    return Chunk(start, end, text[start:end], counter.count(text[start:end]))


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()) if piece.strip() else end
