"""The server under test, with whichever settings are compared."""

from pathlib import Path
from time import perf_counter
from typing import Self

import httpx

from e2e.bench.embedder.texts import MAX_TOKENS
from e2e.cluster.embedder import EmbedderServer


class Server(EmbedderServer):
    """`hirag-embedder serve` with settings of its own; keys are variables without their prefix.

    Attributes:
        seconds: How long it took from the start of the process until it was ready.
    """

    def __init__(self, model: Path, cache: Path, **settings: str) -> None:
        super().__init__(model, cache)
        self._settings = {"MODEL_NAME": "bench", "DIMENSIONS": "", "MAX_TOKENS": str(MAX_TOKENS)} | settings

    def __enter__(self) -> Self:
        began = perf_counter()
        super().__enter__()
        self.seconds = perf_counter() - began
        return self

    def _environment(self, port: int) -> dict[str, str]:
        own = {f"HIRAG_EMBEDDER_{name}": value for name, value in self._settings.items()}
        return super()._environment(port) | own

    def metric(self, name: str) -> float:
        """The value of a metric without labels."""
        for line in httpx.get(f"{self.url}/metrics", trust_env=False).text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.rpartition(" ")[2])
        raise KeyError(name)

    def meta(self) -> dict[str, object]:
        """What it says that it serves."""
        told: dict[str, object] = httpx.get(f"{self.url}/meta", trust_env=False).json()
        return told
