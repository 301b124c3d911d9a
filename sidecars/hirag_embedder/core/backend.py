"""What an inference engine must do to be a backend here."""

from typing import Protocol

from hirag_embedder.core.pooling import Floats, Ints


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

    def hidden_states(self, ids: Ints, mask: Ints) -> Floats:
        """The last layer's vectors of all tokens.

        Args:
            ids: token numbers, [texts, tokens], padded on the right.
            mask: 1 for a token and 0 for padding, [texts, tokens].

        Returns:
            [texts, tokens, dimensions]; what stands at padding is of no meaning.
        """
        ...
