"""One caller's request while it waits: what is left of it, and what has come."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from hirag_embedder.core.pooling import Floats
from hirag_embedder.core.tokenization import Tokens


@dataclass(frozen=True)
class Embedded:
    """A request's answer.

    Args:
        vectors: in the order of the texts, [texts, dimensions].
        tokens: tokens that were embedded, special tokens included.
        truncated: texts that were cut.
    """

    vectors: Floats
    tokens: int
    truncated: int


@dataclass(eq=False)
class Job:
    """One request in the queue: the texts that are left, and the vectors as they come.

    Args:
        tokens: of each text.
        answer: gets the vectors, in the order of the texts, when the last has come.
    """

    tokens: list[Tokens]
    answer: asyncio.Future[list[Floats | None]]
    todo: list[int] = field(init=False)
    vectors: list[Floats | None] = field(init=False)
    missing: int = field(init=False)

    def __post_init__(self) -> None:
        self.todo = sorted(range(len(self.tokens)), key=lambda index: len(self.tokens[index]))
        self.vectors = [None] * len(self.tokens)
        self.missing = len(self.tokens)

    def take(self, budget: int) -> list[tuple["Job", int]]:
        """The next texts, of like length, that are worth about `budget` tokens; at least one."""
        taken = []
        while self.todo and budget > 0:
            index = self.todo.pop()
            budget -= len(self.tokens[index])
            taken.append((self, index))
        return taken

    def deliver(self, index: int, vector: Floats) -> None:
        """Takes the vector of one text."""
        self.vectors[index] = vector
        self.missing -= 1
        if self.missing == 0 and not self.answer.done():
            self.answer.set_result(self.vectors)


def first_texts(texts: Sequence[str], characters: int) -> Sequence[str]:
    """The first texts that have about so many characters; at least one."""
    total = 0
    for index, text in enumerate(texts):
        total += len(text)
        if total > characters:
            return texts[: max(1, index)]
    return texts
