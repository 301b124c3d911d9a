"""Questions and writes through the alias for as long as something else goes on, and an account of each of them."""

import itertools
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from uuid import NAMESPACE_URL, UUID, uuid5

import weaviate
from weaviate.exceptions import WeaviateBaseError

from e2e.demo.declared import LEVEL
from e2e.demo.questions import QUESTIONS, Index, connect
from e2e.demo.state import State

ASK_SECONDS = 0.02
WRITE_SECONDS = 0.1
AGAIN_SECONDS = 0.05  # before a write that was refused is tried again


class Meanwhile:
    """Asks and writes, a thread each; a context manager, whose account is whole when it has ended.

    Args:
        state: The demo.
        alias: Through which is asked and written.
        document: Of which the passages that are written are parts.

    Attributes:
        answered: Questions that were answered.
        slowest: Seconds that the slowest answer took.
        written: Passages that Weaviate acknowledged.
        refused: Writes that were refused for the moment, and tried again.
        failures: What failed for good.
    """

    def __init__(self, state: State, alias: str, document: str) -> None:
        self._state, self._alias, self._document = state, alias, document
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, args=(work,), name=f"demo-{work.__name__}", daemon=True)
            for work in (self._ask, self._write)
        ]
        self.answered = 0
        self.slowest = 0.0
        self.written: list[UUID] = []
        self.refused = 0
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _keep(self, work: Callable[[weaviate.WeaviateClient], None]) -> None:
        """Work with a client of one's own; whatever ends it early is a failure too."""
        try:
            with ExitStack() as stack:
                work(stack.enter_context(connect(self._state)))
        except Exception as error:  # noqa: BLE001  it is told, and nobody is there to catch it
            self.failures.append(repr(error))

    def _ask(self, client: weaviate.WeaviateClient) -> None:
        index = Index(client, self._alias)
        for question, ask in itertools.cycle(itertools.product(QUESTIONS, (index.near_text, index.hybrid))):
            if self._over.wait(ASK_SECONDS):
                return
            began = time.monotonic()
            try:
                passages = ask(question)
            except WeaviateBaseError as error:
                self.failures.append(f"{question} {error}")
                continue
            self.slowest = max(self.slowest, time.monotonic() - began)
            if passages:
                self.answered += 1
            else:
                self.failures.append(f"{question} Nothing was found.")

    def _write(self, client: weaviate.WeaviateClient) -> None:
        data = client.collections.use(self._alias).data
        for number in itertools.count():
            identity = uuid5(NAMESPACE_URL, f"{self._document}/{number}")
            properties: dict[str, str | int] = {
                "text": f"Passage {number} that came while the index was made anew.",
                "parentId": self._document,
                "chunkIndex": number,
                "level": LEVEL,
            }
            while not self._is_taken(lambda: data.insert(properties, uuid=identity)):  # noqa: B023
                self.refused += 1
                if self._over.wait(AGAIN_SECONDS):
                    return
            self.written.append(identity)
            if self._over.wait(WRITE_SECONDS):
                return

    @staticmethod
    def _is_taken(write: Callable[[], object]) -> bool:
        """Write; return whether it was taken, and not refused because the collection is frozen for the swap."""
        try:
            write()
        except WeaviateBaseError as error:
            if "already exists" not in str(error):  # as it does where the answer to an earlier try was lost
                if "read-only" not in str(error):
                    raise
                return False
        return True
