"""sentence-transformers' own loop: `python -m e2e.bench.embedder.plainloop MODEL TEXTS DEVICE DTYPE` prints its rates.

A process of its own, so that what torch holds of a card is free again when the servers are measured.
"""

import json
import sys
from time import perf_counter

from sentence_transformers import SentenceTransformer

from e2e.bench.embedder.texts import MAX_TOKENS, texts_of_mixed_lengths

_BATCHES = (32, 256)


def main() -> None:
    """Print texts a second by batch as JSON; the second of two rounds counts."""
    model, count, device, dtype = sys.argv[1:]
    texts = texts_of_mixed_lengths(int(count))
    encoder = SentenceTransformer(model, device=device, model_kwargs={"dtype": dtype}, local_files_only=True)
    encoder.max_seq_length = MAX_TOKENS
    rates = {}
    for batch in _BATCHES:
        for _ in range(2):
            began = perf_counter()
            encoder.encode(texts, batch_size=batch, show_progress_bar=False)
            rates[batch] = len(texts) / (perf_counter() - began)
    print(json.dumps(rates))


if __name__ == "__main__":
    main()
