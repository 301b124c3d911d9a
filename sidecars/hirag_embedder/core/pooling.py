"""From the vectors of tokens to the vector of a text."""

import numpy as np
from numpy.typing import NDArray

from hirag_embedder.core.spec import Pooling

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def pool(hidden: Floats, mask: Ints, pooling: Pooling) -> Floats:
    """One vector a text.

    Args:
        hidden: vectors of tokens, [texts, tokens, dimensions].
        mask: 1 for a token and 0 for padding, [texts, tokens]; padding stands on the right.
        pooling: mean of the tokens, the first token (cls), or the last token before the padding (lastToken).

    Returns:
        [texts, dimensions]
    """
    if pooling == "cls":
        return np.ascontiguousarray(hidden[:, 0])
    counts = mask.sum(axis=1)
    if pooling == "lastToken":
        last: Floats = hidden[np.arange(len(hidden)), counts - 1]
        return last
    weights = (mask / counts[:, None]).astype(np.float32)
    # A matrix product a text: BLAS sums and scales in one pass over the hidden states.
    means: Floats = np.matmul(weights[:, None, :], hidden)[:, 0]
    return means


def normalize(vectors: Floats) -> Floats:
    """Each vector scaled to length 1; a zero vector stays zero. [texts, dimensions] to the same."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    scaled: Floats = vectors / lengths
    return scaled
