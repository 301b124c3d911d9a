"""The command: `make bench-embedder`, or `python -m e2e.bench.embedder [--texts 16384] [--model DIR]`.

On the machine's GPU where there is one and onnxruntime-gpu is installed, else on the CPU, with less of everything.
"""

import argparse
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from e2e.bench.embedder import card
from e2e.bench.embedder.batching import measure_batching
from e2e.bench.embedder.gpu import measure_agreement, measure_neighbours, measure_shortage
from e2e.bench.embedder.serving import measure_serving
from e2e.bench.embedder.texts import MAX_TOKENS, texts_of_mixed_lengths
from e2e.bench.migration.report import Report
from e2e.cluster.data import model_folder
from hirag_embedder.core.loading import load
from hirag_embedder.core.spec import ModelSpec, Precision, RuntimeSpec

_TEXTS = {"cpu": 256, "cuda": 16_384}
_PRECISIONS: tuple[Precision, ...] = ("fp32", "fp16")  # on a CPU the first alone


def main() -> None:
    """Take the figures, print them, write build/bench/embedder.json."""
    parser = argparse.ArgumentParser(prog="bench-embedder", description=__doc__)
    parser.add_argument("--texts", type=int, help="texts that are embedded; fewer on a CPU when absent")
    parser.add_argument("--rounds", type=int, default=3, help="of batches in turns; the best of each counts")
    parser.add_argument("--model", type=Path, help="a model's folder; all-MiniLM-L6-v2 when absent")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--name", default="embedder", help="of the file that is written")
    parser.add_argument("--batching-only", action="store_true", help="no servers: planning of batches alone")
    asked = parser.parse_args()
    print(f"load of the machine before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)
    report, model = Report(), asked.model or model_folder()
    with TemporaryDirectory() as cache:
        device = _measure(model, Path(cache), asked, report)
    if device == "cuda":
        print(f"on {card.name()}")
    report.finish(asked.name)


def _measure(model: Path, cache: Path, asked: argparse.Namespace, report: Report) -> str:
    device: str = asked.device
    for precision in _PRECISIONS:
        spec = ModelSpec(model, "bench", max_tokens=MAX_TOKENS)
        engine = load(spec, RuntimeSpec(device=asked.device, precision=precision, cache_dir=cache)).engine
        device = engine.backend.device
        texts = texts_of_mixed_lengths(asked.texts or _TEXTS[device])
        print(f"\n{precision} on {device}", flush=True)
        measure_batching(engine, texts, asked.rounds, report)
        del engine
        if not asked.batching_only:
            measure_serving(model, cache, texts, device, precision, report)
        if device == "cpu":
            return device
    if not asked.batching_only:
        measure_agreement(model, cache, texts, report)
        measure_neighbours(model, cache, texts, report)
        measure_shortage(model, cache, texts, report)
    return device


if __name__ == "__main__":
    main()
