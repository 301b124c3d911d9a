"""What planning the batches is worth: embeddings a second in this process, sorted and unsorted in one run.

Rounds interleave, and each way counts by its best, because other work on the machine only ever slows one down.
"""

import math
from collections.abc import Sequence
from time import perf_counter

from e2e.bench.migration.report import Report
from hirag_embedder.core.batching import plan_batches
from hirag_embedder.core.engine import Engine
from hirag_embedder.core.tokenization import Tokens
from hirag_embedder.presets import PRESETS

_BATCH_OF_OLD = 32
_BUDGETS = {"cpu": (256, 2048, 4096), "cuda": (1024, 4096, 32768, 131072)}

Batches = list[tuple[int, ...]]


def measure_batching(engine: Engine, texts: Sequence[str], rounds: int, report: Report) -> None:
    """Print a table: each way of batching, its embeddings a second, its padding, and its ratio to the first."""
    tokens = engine.tokenize(texts, "passage")
    ways = _ways(tokens, engine)
    best = dict.fromkeys(ways, math.inf)
    _seconds(engine, tokens[:_BATCH_OF_OLD], [tuple(range(min(len(tokens), _BATCH_OF_OLD)))])
    for _ in range(rounds):
        for way, batches in ways.items():
            best[way] = min(best[way], _seconds(engine, tokens, batches))
    _print(tokens, ways, best)
    rates = {way: round(len(tokens) / seconds, 1) for way, seconds in best.items()}
    ours = rates.pop(_sorted(engine.batch_tokens))
    report.add("texts of mixed lengths, in the process", ours, "1/s", "higher", peers=rates)


def _sorted(budget: int) -> str:
    return f"sorted, {budget} tokens"


def _ways(tokens: Sequence[Tokens], engine: Engine) -> dict[str, Batches]:
    lengths = [len(one) for one in tokens]
    places = range(len(tokens))
    ways: dict[str, Batches] = {
        f"unsorted, {_BATCH_OF_OLD} a batch": [
            tuple(places[start : start + _BATCH_OF_OLD]) for start in places[::_BATCH_OF_OLD]
        ],
    }
    if engine.backend.device == "cpu":
        ways["one by one"] = [(place,) for place in places]
    gpu = engine.backend.device == "cuda"
    presets = {preset.gpu_batch_tokens if gpu else preset.batch_tokens for preset in PRESETS.values()}
    for budget in sorted({*presets, engine.batch_tokens, *_BUDGETS[engine.backend.device]}):
        ways[_sorted(budget)] = [batch.indices for batch in plan_batches(lengths, budget)]
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
        print(f"{way:24} {rate:9.1f}/s  padding {padded / real:4.2f}  x{first / best[way]:.2f}", flush=True)
