"""What a GPU adds to the questions: do its vectors agree, what memory is taken, what if there is too little."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from e2e.bench.embedder import card
from e2e.bench.embedder.requests import bodies, seconds_of, vectors
from e2e.bench.embedder.server import Server
from e2e.bench.embedder.texts import MAX_TOKENS
from e2e.bench.migration.report import Report
from hirag_embedder.core.loading import load
from hirag_embedder.core.pooling import Floats
from hirag_embedder.core.spec import ModelSpec, RuntimeSpec

_COMPARED = 512
_LANES = 8
_TEXTS_EACH = 128
_LEFT_MIB = 3072
_TOO_LITTLE_MIB = 256
_LARGE_BATCH = 262_144
_LIMITS = {"fp32": 10, "fp16": 1000}  # millionths that a cosine may lack of 1


def measure_agreement(model: Path, cache: Path, texts: Sequence[str], report: Report) -> None:
    """Compare the vectors of a server that was told nothing of devices with those that the CPU computes in fp32."""
    compared = texts[:_COMPARED]
    spec = ModelSpec(model, "bench", max_tokens=MAX_TOKENS)
    right = load(spec, RuntimeSpec(device="cpu", cache_dir=cache)).engine.embed(compared)
    for precision, limit in _LIMITS.items():
        before = card.used_mib()
        with Server(model, cache, PRECISION=precision) as server:
            print(f"device auto: /meta says {server.meta()['device']}", flush=True)
            report.add(f"{precision}: memory after the start", card.used_mib() - before, "MiB")
            apart = _apart(vectors(server.url, compared), right)
            report.add(f"{precision}: farthest from the CPU in fp32, 1 - cosine", apart, "1e-6", goal=limit)
            seconds_of(server.url, bodies(texts, _TEXTS_EACH), _LANES)
            report.add(f"{precision}: memory after a load", card.used_mib() - before, "MiB")


def measure_neighbours(model: Path, cache: Path, texts: Sequence[str], report: Report) -> None:
    """Two servers on one card, loaded at the same time."""
    before, asked = card.used_mib(), bodies(texts, _TEXTS_EACH)
    with ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        both = [stack.enter_context(Server(model, cache, DEVICE="cuda")) for _ in range(2)]
        for server in both:
            seconds_of(server.url, asked[:_LANES], _LANES)
        taken = list(pool.map(lambda server: seconds_of(server.url, asked, _LANES), both))
        report.add("two servers on one card: texts", 2 * len(texts) / max(taken), "1/s", "higher")
        report.add("two servers on one card: memory", card.used_mib() - before, "MiB")


def measure_shortage(model: Path, cache: Path, texts: Sequence[str], report: Report) -> None:
    """Batches that are too large for what is left of the memory, and a start where next to nothing is left."""
    long = [" ".join([text] * 12) for text in texts[:2048]]
    with Server(model, cache, DEVICE="cuda") as server:
        right = vectors(server.url, long)
    with card.all_held_but(_LEFT_MIB):
        with Server(model, cache, DEVICE="cuda", BATCH_TOKENS=str(_LARGE_BATCH)) as server:
            found = vectors(server.url, long)
            halved = server.log.read_text("utf-8").count("is halved")
        print(f"batches of {_LARGE_BATCH} tokens in {_LEFT_MIB} MiB: halved {halved} times", flush=True)
        what = "too little memory for a batch: farthest from enough, 1 - cosine"
        report.add(what, _apart(found, right), "1e-6", goal=_LIMITS["fp32"])
    with card.all_held_but(_TOO_LITTLE_MIB):
        for device in ("auto", "cuda"):
            print(f"start with {_TOO_LITTLE_MIB} MiB left, device {device}: {_start(model, cache, device)}", flush=True)


def _apart(some: Floats, others: Floats) -> float:
    """How much the least of the cosines lacks of 1, in millionths."""
    cosines = (some.astype(np.float64) * others.astype(np.float64)).sum(axis=1)
    return float(1e6 * (1 - cosines.min()))


def _start(model: Path, cache: Path, device: str) -> str:
    try:
        with Server(model, cache, DEVICE=device) as server:
            found = vectors(server.url, ["is anybody there"])
            return f"serves on {server.meta()['device']}, length {float(np.linalg.norm(found[0])):.4f}"
    except Exception as error:  # noqa: BLE001  a start that fails is an answer here: its words are told
        return f"ends with {error}"
