"""What an inference engine must do to be a backend here."""

from typing import Protocol

from hirag_embedder.core.pooling import Floats, Ints
from hirag_embedder.core.spec import Pooling
from hirag_kit.errors import EmbeddingError


class OutOfMemoryError(EmbeddingError):
    """The device has no memory for a batch; a smaller one may fit."""


class Backend(Protocol):
    """Runs an encoder on one device. Called by one thread at a time."""

    @property
    def name(self) -> str:
        """The engine, as settings name it."""
        ...

    @property
    def device(self) -> str:
        """Where it really runs: cpu or cuda."""
        ...

    def pooled(self, ids: Ints, mask: Ints, pooling: Pooling) -> Floats:
        """One vector a text, of the last layer's vectors of its tokens.

        Args:
            ids: token numbers, [texts, tokens], padded on the right.
            mask: 1 for a token and 0 for padding, [texts, tokens].
            pooling: as `pool` takes it.

        Returns:
            [texts, dimensions], not scaled.

        Raises:
            OutOfMemoryError: when a smaller batch may fit.
            EmbeddingError: when the batch fails otherwise.
        """
        ...
