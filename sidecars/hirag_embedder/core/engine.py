"""One loaded model: tokens in, vectors out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import structlog

from hirag_embedder.core.backend import Backend, OutOfMemoryError
from hirag_embedder.core.batching import plan_batches
from hirag_embedder.core.pooling import Floats, normalize
from hirag_embedder.core.spec import Pooling
from hirag_embedder.core.tokenization import TextTokenizer, Tokens
from hirag_kit.errors import EmbeddingError
from hirag_kit.wire import InputType

# Rounding in fp32 stays well below this; a vector farther from length 1 was not normalised.
_LENGTH_TOLERANCE = 1e-3
_PROBE = "The quick brown fox jumps over the lazy dog."

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Engine:
    """Computes vectors with one model on one backend. `tokenize` and `run` may be called from different threads.

    Args:
        tokenizer: the model's.
        backend: runs the encoder.
        pooling: how token vectors become one.
        normalized: whether vectors are scaled to length 1.
        batch_tokens: padded tokens of one batch, at most.
    """

    tokenizer: TextTokenizer
    backend: Backend
    pooling: Pooling
    normalized: bool
    batch_tokens: int

    def tokenize(self, texts: Sequence[str], kind: InputType) -> list[Tokens]:
        """The tokens of each text."""
        return self.tokenizer(texts, kind)

    def run(self, batch: Sequence[Tokens]) -> Floats:
        """The vectors of one batch, [texts, dimensions]. The caller has planned it within `batch_tokens`.

        A batch that the device has no memory for is computed in halves.

        Raises:
            OutOfMemoryError: when a single text is too large.
            EmbeddingError: when the backend fails otherwise.
        """
        try:
            return self._vectors(batch)
        except OutOfMemoryError as error:
            if len(batch) == 1:
                raise
            _log.warning("a batch does not fit the memory and is halved", texts=len(batch), reason=error.message)
        half = len(batch) // 2
        return np.concatenate([self.run(batch[:half]), self.run(batch[half:])])

    def _vectors(self, batch: Sequence[Tokens]) -> Floats:
        width = max(map(len, batch))
        ids = np.zeros((len(batch), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            ids[row, : len(tokens)] = tokens.ids
            mask[row, : len(tokens)] = 1
        vectors = self.backend.pooled(ids, mask, self.pooling)
        return normalize(vectors) if self.normalized else vectors

    def embed(self, texts: Sequence[str], kind: InputType = "passage") -> Floats:
        """The vectors of all texts, in their order, [texts, dimensions]; at least one text."""
        tokens = self.tokenize(texts, kind)
        batches = plan_batches([len(one) for one in tokens], self.batch_tokens)
        vectors = np.concatenate([self.run([tokens[i] for i in batch.indices]) for batch in batches])
        order = np.concatenate([batch.indices for batch in batches])
        restored = np.empty_like(vectors)
        restored[order] = vectors
        return restored

    def probe(self) -> int:
        """Embeds one sentence and returns the length of its vector.

        Raises:
            EmbeddingError: when the vector has numbers that are not finite, or a length other than promised.
        """
        vector = self.embed([_PROBE])[0]
        if not np.isfinite(vector).all():
            raise EmbeddingError("the probe's vector holds numbers that are not finite: the weights are damaged")
        length = float(np.linalg.norm(vector))
        if self.normalized and abs(length - 1) > _LENGTH_TOLERANCE:
            raise EmbeddingError(f"the probe's vector has length {length:.6f} where 1 was promised")
        return len(vector)
