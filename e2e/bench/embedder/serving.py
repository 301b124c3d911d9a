"""The server over HTTP: texts a second by preset and precision, and how soon a query is answered."""

import math
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

from e2e.bench.embedder.peers import sentence_transformers_rates
from e2e.bench.embedder.requests import bodies, load, milliseconds_of_each, seconds_of
from e2e.bench.embedder.server import Server
from e2e.bench.migration.report import Report
from hirag_embedder.presets import PRESETS

_LANES = 8
_TEXTS_EACH = 128
_ROUNDS = 2
_QUERIES = 200
_COUNTED = ("hirag_embedder_tokens_total", "hirag_embedder_batch_seconds_sum")
_QUERY = "how are collections kept in order by one loop"


def measure_serving(
    model: Path, cache: Path, texts: Sequence[str], device: str, precision: str, report: Report
) -> None:
    """Start a server of each preset; ask it for all texts, then for single queries, idle and beside a bulk load."""
    peers = sentence_transformers_rates(model, len(texts), device, precision)
    for preset in PRESETS:
        with Server(model, cache, PRESET=preset, PRECISION=precision, DEVICE=device) as server:
            what = f"{precision} {preset}"
            _measure_throughput(server, texts, what, report, peers if preset == "balanced" else {})
            _measure_latency(server, texts, what, report)
            if preset == "balanced":
                report.add(f"{what}: start until ready", server.seconds, "s")


def _measure_throughput(
    server: Server, texts: Sequence[str], what: str, report: Report, peers: dict[str, float]
) -> None:
    asked = bodies(texts, _TEXTS_EACH)
    seconds_of(server.url, asked[:_LANES], _LANES)
    tokens, busy = (server.metric(name) for name in _COUNTED)
    rounds = [seconds_of(server.url, asked, _LANES) for _ in range(_ROUNDS)]
    tokens, busy = (server.metric(name) - before for name, before in zip(_COUNTED, (tokens, busy), strict=True))
    report.add(f"{what}: texts", len(texts) / min(rounds), "1/s", "higher", peers=peers)
    report.add(f"{what}: tokens", tokens / _ROUNDS / min(rounds), "1/s", "higher")
    report.add(f"{what}: part of the time that a batch is computed", busy / sum(rounds), "", "higher")
    if what.endswith("balanced"):
        as_floats = min(seconds_of(server.url, bodies(texts, _TEXTS_EACH, "float"), _LANES) for _ in range(_ROUNDS))
        report.add(f"{what}: texts, vectors as JSON numbers", len(texts) / as_floats, "1/s", "higher")


def _measure_latency(server: Server, texts: Sequence[str], what: str, report: Report) -> None:
    query = bodies([_QUERY], 1) * _QUERIES
    milliseconds_of_each(server.url, query[:10])
    for when, beside in (
        ("idle", nullcontext()),
        ("under load", load(server.url, bodies(texts, _TEXTS_EACH), _LANES)),
    ):
        with beside:
            taken = milliseconds_of_each(server.url, query)
        report.add(f"{what}: one query, {when}, p50", taken[len(taken) // 2], "ms")
        report.add(f"{what}: one query, {when}, p99", taken[math.ceil(0.99 * len(taken)) - 1], "ms")
