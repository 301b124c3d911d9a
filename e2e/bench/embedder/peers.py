"""What one would write without a server: sentence-transformers' own loop, where it is installed."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

_TORCH_PRECISIONS = {"fp32": "float32", "fp16": "float16"}


def sentence_transformers_rates(model: Path, count: int, device: str, precision: str) -> dict[str, float]:
    """Texts a second of `SentenceTransformer.encode` in a process of its own, by its batch; empty if not installed."""
    if importlib.util.find_spec("sentence_transformers") is None:
        return {}
    program = [sys.executable, "-m", "e2e.bench.embedder.plainloop"]
    arguments = [str(model), str(count), device, _TORCH_PRECISIONS[precision]]
    told = subprocess.run([*program, *arguments], check=True, capture_output=True, text=True).stdout
    rates: dict[str, float] = json.loads(told.splitlines()[-1])
    return {f"sentence-transformers, {batch} a batch": rate for batch, rate in rates.items()}
