"""What planning the batches is worth: embeddings a second on texts of mixed lengths, sorted and unsorted in one run.

    make bench-embedder            or: python -m e2e.bench.embedder [--texts 256] [--rounds 3]

Lengths are log-normal around 60 tokens, up to the model's 256, as passages of documentation are. Rounds interleave,
and each way counts by its best, because other work on the machine only ever slows one down.
"""

import argparse
import math
import random
import re
from collections.abc import Sequence
from time import perf_counter

from e2e.bench.results import Figure, write
from e2e.cluster.data import model_folder
from hirag_embedder.core.batching import plan_batches
from hirag_embedder.core.engine import Engine
from hirag_embedder.core.loading import load
from hirag_embedder.core.spec import ModelSpec, RuntimeSpec
from hirag_embedder.core.tokenization import Tokens
from hirag_embedder.presets import PRESETS

_MAX_TOKENS = 256
_MEDIAN_WORDS = 50
_SPREAD = 0.8
_BATCH_OF_OLD = 32
_SEED = 7

_WORDS = re.findall(
    r"\w+",
    "the index holds a vector for every passage and finds those that lie nearest to a question while collections "
    "aliases tenants chunks tokens batches models schemas levels budgets and policies are kept in order by one loop",
)

Batches = list[tuple[int, ...]]


def main() -> None:
    """Prints a table: each way of batching, its embeddings a second, its padding, and its ratio to the first."""
    parser = argparse.ArgumentParser(description="Embeddings a second, sorted and unsorted batches in one run.")
    parser.add_argument("--texts", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    engine = load(ModelSpec(model_folder(), "bench", max_tokens=_MAX_TOKENS), RuntimeSpec()).engine
    tokens = engine.tokenize(texts_of_mixed_lengths(asked.texts), "passage")
    ways = _ways(tokens)
    best = dict.fromkeys(ways, math.inf)
    for _ in range(asked.rounds):
        for way, batches in ways.items():
            best[way] = min(best[way], _seconds(engine, tokens, batches))
    _print(tokens, ways, best)
    rates = {way: round(len(tokens) / seconds, 1) for way, seconds in best.items()}
    ours = rates.pop(f"sorted, {PRESETS['balanced'].batch_tokens} tokens")
    figure = Figure("embeddings of mixed lengths", ours, "1/s", better="higher", goal=None, peers=rates)
    print(f"written to {write('embedder', [figure])}")


def texts_of_mixed_lengths(count: int) -> list[str]:
    """The same texts each time: log-normal lengths around 50 words."""
    rng = random.Random(_SEED)  # noqa: S311  the same texts each time
    lengths = [max(3, round(rng.lognormvariate(math.log(_MEDIAN_WORDS), _SPREAD))) for _ in range(count)]
    return [" ".join(rng.choices(_WORDS, k=length)) for length in lengths]


def _ways(tokens: Sequence[Tokens]) -> dict[str, Batches]:
    lengths = [len(one) for one in tokens]
    places = range(len(tokens))
    ways: dict[str, Batches] = {
        f"unsorted, {_BATCH_OF_OLD} a batch": [
            tuple(places[start : start + _BATCH_OF_OLD]) for start in places[::_BATCH_OF_OLD]
        ],
        "one by one": [(place,) for place in places],
    }
    for budget in sorted({preset.batch_tokens for preset in PRESETS.values()} | {256, 2048, 4096}):
        ways[f"sorted, {budget} tokens"] = [batch.indices for batch in plan_batches(lengths, budget)]
    return ways


def _seconds(engine: Engine, tokens: Sequence[Tokens], batches: Batches) -> float:
    start = perf_counter()
    for batch in batches:
        engine.run([tokens[place] for place in batch])
    return perf_counter() - start


def _print(tokens: Sequence[Tokens], ways: dict[str, Batches], best: dict[str, float]) -> None:
    real = sum(map(len, tokens))
    first = next(iter(best.values()))
    print(f"{len(tokens)} texts, {real} tokens")
    for way, batches in ways.items():
        padded = sum(len(batch) * max(len(tokens[place]) for place in batch) for batch in batches)
        rate = len(tokens) / best[way]
        print(f"{way:24} {rate:7.1f}/s  padding {padded / real:4.2f}  x{first / best[way]:.2f}")


if __name__ == "__main__":
    main()
